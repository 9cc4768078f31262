import { weightsText } from "../config/pace.ts";
import type { Config } from "../config/config.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { shortRevision } from "../release/revision.ts";
import { are, list } from "../text/words.ts";
import { hostText } from "./hosts.ts";
import type { Intention, PlannedHost } from "./rollout-plan.ts";
import type { Weights } from "./weights.ts";

interface Asked {
  readonly steps: readonly number[] | undefined;
  readonly intention: Intention;
  readonly hosts: readonly PlannedHost[];
  /** Contract migrations that it brings. */
  readonly noReturn: readonly string[];
}

/**
 * The steps of a deployment, from the one that it begins with. @returns undefined where all requests go over at once
 * @throws ThreadsError PACE_UNFIT (usage) where ECS shifts requests itself; WEIGHTS_UNFIT (refused) where two releases cannot answer beside each other
 */
export function weightsOf({ steps, intention, hosts, noReturn }: Asked, config: Config): Weights | undefined {
  if (steps !== undefined && steps.length > 1 && intention.environment.ecs !== undefined) throw onEcs(steps, intention);
  if (steps === undefined || steps.length < 2 || hosts.every(({ stays }) => stays)) return undefined;
  const { environment, release } = intention;
  const why = whyNot({ ...intention, hosts, noReturn }, config);
  const at = reached({ release, hosts }, steps);
  const from = Math.min(steps.length, Math.max(1, intention.from ?? at));
  if (why === undefined) return { steps, from };
  throw new ThreadsError("WEIGHTS_UNFIT", {
    message: `${shortRevision(release.revision)} cannot get a part of the requests of ${environment.name} (weights ${weightsText(steps)}): ${why}`,
    next: [`${intention.again.replace(/ --weights \S+/, "")} --weights 100`],
    advice: ["`threads help slots` tells what a release needs for that"],
  });
}

/** There a service has steps of its own, which a deployment leaves as they are. */
function onEcs(steps: readonly number[], { environment, pace = {}, again }: Intention): ThreadsError {
  const { name, ecs } = environment;
  const key = `environments.${name}`;
  const shifting = Object.entries(ecs?.services ?? {}).filter(([, { targetGroup }]) => targetGroup !== undefined);
  const keys = (shifting.length === 0 ? ["NAME"] : shifting.map(([task]) => task)).map(
    (task) => `${key}.ecs.services.${task}.shift`,
  );
  const said =
    pace.weights === undefined ? `${key}.weights (${weightsText(steps)})` : `--weights ${weightsText(steps)}`;
  const without = again.replace(/ --weights \S+/, "");
  return new ThreadsError("PACE_UNFIT", {
    message: `${said} is for hosts, and ${name} runs on ECS: how requests come to a release there each service says itself, and threads.yml for one that is made (${list(keys)})`,
    next: [pace.weights === undefined ? `${without} --weights 100` : without, `threads doctor -e ${name}`],
    advice: ["`threads help ecs` tells of CANARY, LINEAR and pauses"],
  });
}

type Facts = Pick<Intention, "release" | "standing"> & Pick<Asked, "hosts" | "noReturn">;

function whyNot({ release, hosts, noReturn }: Facts, { runtime, services }: Config): string | undefined {
  if (release.edge === undefined) return "it has no slots (strategy recreate), so that no edge stands in front of it";
  const without = hosts.filter(({ slot, stays }) => !stays && slot === undefined);
  if (without.length > 0)
    return `${list(without.map(hostText))} ${are(without.length)} without a release in a slot, beside which it could answer`;
  if (noReturn.length > 0)
    return `what serves cannot run behind ${list(noReturn)}, which ${noReturn.length === 1 ? "contracts" : "contract"}`;
  const others = services.filter((name) => !runtime.singletons.includes(name) && name !== runtime.migrate);
  if (runtime.workers === undefined && others.length > 1)
    return `which of ${list(others)} take work from a queue is not said: name them as runtime.workers in threads.yml, [] where none does`;
  return undefined;
}

/** Where the hosts are with this very release: the last step once one of them has recorded it, 0 before the first. */
export function reached(
  { release, hosts }: Pick<Facts, "release"> & { readonly hosts: readonly Pick<PlannedHost, "stays" | "weighed">[] },
  steps: readonly number[],
): number {
  const own = hosts.map(({ stays, weighed }) =>
    stays ? steps.length : weighed?.bundle === release.bundle.digest ? weighed.step : 0,
  );
  return Math.min(steps.length, Math.max(0, ...own));
}
