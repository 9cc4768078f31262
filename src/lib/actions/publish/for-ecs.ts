import type { Resources } from "../../compose/raw-model.ts";
import type { Config } from "../../config/config.ts";
import { hasEcs } from "../../ecs/environment-on-ecs.ts";
import { factsBeforehand } from "../../ecs/facts-of.ts";
import { requireTranslation } from "../../ecs/require-translation.ts";
import { translate } from "../../ecs/translate.ts";

/** A release that an environment on ECS could never run is not published. @throws ThreadsError NOT_FOR_ECS */
export function requireForEcs(config: Config, model: Resources, what: string): void {
  for (const environment of Object.values(config.environments).filter(hasEcs)) {
    const facts = factsBeforehand(environment, { config, model, region: config.region ?? "" });
    requireTranslation(translate(facts), { what, environment: environment.name });
  }
}
