import type { Resources } from "../compose/raw-model.ts";
import type { Config } from "../config/config.ts";
import { imageVariable } from "../release/release.ts";
import type { EcsEnvironment } from "./environment-on-ecs.ts";
import type { EcsFacts } from "./facts.ts";

type FactsConfig = Pick<Config, "app" | "services" | "runtime">;

/** Every release has both, and what is empty would be open where a file says `${REVISION:?}`. */
const someId = "0".repeat(40);

/** What is known of a release before it is published: neither its images nor what a store has. */
export function factsBeforehand(
  environment: EcsEnvironment,
  { config, model, region }: { readonly config: FactsConfig; readonly model: Resources; readonly region: string },
): EcsFacts {
  const { app, runtime } = config;
  const { name, ecs, envFrom: from = runtime.envFrom } = environment;
  return {
    app,
    environment: name,
    ecs,
    region,
    model,
    migrate: runtime.migrate,
    released: config.services,
    singletons: runtime.singletons,
    images: {},
    imageFacts: {},
    settings: {
      from,
      names: ecs.settings === undefined ? undefined : new Set(ecs.settings),
      hostFile: runtime.envFile,
    },
    envFiles: undefined,
    revision: someId,
    tree: someId,
    bundle: "",
    requiredKeys: [],
  };
}

/** Whether a service runs an image that is not built here: its own variable, and no service of threads.yml. */
export function isElsewhere(name: string, { model, released }: Pick<EcsFacts, "model" | "released">): boolean {
  return !released.includes(name) && imageOf(name, model, [name]) === name;
}

/** The service of the release whose image a service of the model runs: its own, or that of another, as a migration does. */
export function imageOf(name: string, { services }: Resources, pinned: readonly string[]): string | undefined {
  const written = services[name]?.image ?? "";
  return pinned.find((one) => written === `\${${imageVariable(one)}}`);
}
