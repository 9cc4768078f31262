import type { RawModel } from "../../../compose/raw-model.ts";
import { runtimeFacts } from "../../../compose/runtime-facts.ts";
import { runtimeModel } from "../../../compose/runtime-model.ts";
import type { CommittedFile } from "../../../compose/carried.ts";
import type { Config } from "../../../config/config.ts";
import { type EcsEnvironment, hasEcs } from "../../../ecs/environment-on-ecs.ts";
import { factsBeforehand } from "../../../ecs/facts-of.ts";
import { translate, type Translation } from "../../../ecs/translate.ts";
import { ThreadsError } from "../../../errors/threads-error.ts";
import type { ResolvedStack } from "../../../project/resolve-stack.ts";
import { count } from "../../../text/words.ts";
import { type Check, type DoctorFinding, ok } from "../check.ts";
import { placed } from "../placed.ts";

/** What publish would refuse for an environment on ECS: what images say and a store has is seen once a release is there. */
export const ecsCheck: Check = {
  id: "ecs",
  title: "ECS",
  look: async (ports) => {
    const environments = (await ports.environments()).filter(hasEcs);
    if (environments.length === 0) return [];
    const config = await ports.config();
    const committed = await ports.committed().catch(() => undefined);
    const resolved = await ports.stack(config.runtime.compose);
    return environments.map((environment) => judgeEcs(environment, resolved, { config, committed }));
  },
};

interface Context {
  readonly config: Config;
  readonly committed: readonly CommittedFile[] | undefined;
}

function judgeEcs(
  environment: EcsEnvironment,
  { model: raw, services }: Pick<ResolvedStack<RawModel>, "model" | "services">,
  context: Context,
): DoctorFinding {
  const of = environment.name;
  const translation = translated(environment, raw, context);
  if (translation === undefined) return { of, ...unresolved };
  const { tasks, problems } = translation;
  const details = problems.map((problem) => placed(problem, services));
  if (details.length === 0) return { of, ...ok(`${count(tasks.length, "task definition")} of the compose file`) };
  return {
    of,
    state: "fail",
    says: `the release cannot run there, for ${count(details.length, "reason")}`,
    details,
    next: ["threads help ecs"],
    advice: ["correct what the lines above name"],
  };
}

export const unresolved = {
  state: "warn",
  says: "not looked at, for the same reason as compose files of runtime",
} as const satisfies DoctorFinding;

/** What ECS would be told of the compose file; undefined where that cannot be read. */
export function translated(
  environment: EcsEnvironment,
  raw: RawModel | undefined,
  { config, committed }: Context,
): Translation | undefined {
  const model = raw === undefined ? undefined : modelOf(raw, { config, committed });
  if (model === undefined) return undefined;
  return translate(factsBeforehand(environment, { config, model, region: config.region ?? "" }));
}

/** What keeps it from any host is told by the check of compose files. */
function modelOf(raw: RawModel, { config, committed }: Context) {
  try {
    return runtimeModel(raw, runtimeFacts(config, committed), "").model;
  } catch (error) {
    if (error instanceof ThreadsError) return undefined;
    throw error;
  }
}
