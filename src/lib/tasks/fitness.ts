import { judgeFitness, type Unfit } from "../ecs/preflight/judge-fitness.ts";
import { span } from "../text/words.ts";
import { clusterName } from "./application.ts";
import type { OrderPorts } from "./order-ports.ts";
import type { SeenService } from "./services.ts";
import type { Wanted } from "./wanted.ts";

/** Why a service should not be given another release as it is; none where it can be. `limitMs`: so long the order may take. */
export function unfitness(
  service: SeenService,
  { containers }: Pick<Wanted, "containers">,
  { application, config, limitMs }: Pick<OrderPorts, "application" | "config"> & { readonly limitMs: number },
): readonly Unfit[] {
  const isSingle = containers.some((one) => config.runtime.singletons.includes(one));
  const unfit = judgeFitness({ ...service, cluster: clusterName(application.cluster), isSingle });
  return unfit.length > 0 || service.lastsMs < limitMs ? unfit : [tooLong(service, limitMs)];
}

function tooLong({ name, strategy, lastsMs }: SeenService, limitMs: number): Unfit {
  return {
    kind: "stuck",
    state: "fail",
    says: `${name} takes ${span(lastsMs)} for the steps and the bake time of ${strategy} alone, and a deployment has ${span(limitMs)} in all`,
    next: [],
    advice: ["raise timeout of the environment in threads.yml"],
  };
}

/** As a sentence, with what to type. */
export function unfitText({ says, next, advice = [] }: Unfit): string {
  return `${says}: ${[...next, ...advice].join("; ")}`;
}
