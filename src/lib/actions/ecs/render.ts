import { sentence } from "../../compose/problem.ts";
import { suggest } from "../../config/suggest.ts";
import { ecsName } from "../../config/ecs-names.ts";
import { ecsEnvironment } from "../../ecs/environment-on-ecs.ts";
import { type ReleaseFactPorts, releaseFacts } from "../../ecs/release-facts.ts";
import { requireTranslation } from "../../ecs/require-translation.ts";
import { type Task, translate } from "../../ecs/translate.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { commandText } from "../../process/processes.ts";
import { both } from "../../progress/both.ts";
import { type Progress, step } from "../../progress/progress.ts";
import type { OpenPlace } from "../../registry/open.ts";
import { shortRevision } from "../../release/revision.ts";
import { resolveRelease } from "../../resolve/resolve-release.ts";
import type { ResolvePorts } from "../../resolve/types.ts";
import { list } from "../../text/words.ts";
import type { EcsRenderResult } from "./result.ts";

export interface RenderOptions {
  readonly environment: string;
  /** A sha, a name of git's, an environment's name; HEAD where undefined. */
  readonly release: string | undefined;
  /** Only the task of that name, or with that service of the compose file in it. */
  readonly service: string | undefined;
}

export interface RenderPorts extends Omit<ResolvePorts, "registry" | "config">, Omit<ReleaseFactPorts, "registry"> {
  readonly registry: ResolvePorts["registry"] & ReleaseFactPorts["registry"];
  readonly checkAccount: OpenPlace["checkAccount"];
  readonly progress: Progress;
}

/** What ECS would be told of a release. Reads only. @throws ThreadsError NOT_FOR_ECS, and what finding a release throws */
export async function renderEcs(options: RenderOptions, ports: RenderPorts): Promise<EcsRenderResult> {
  const type = (revision: string, environment = options.environment): string =>
    renderLine({ ...options, release: revision, environment });
  const environment = ecsEnvironment(ports.config, options.environment, (name) =>
    type(options.release ?? "HEAD", name),
  );
  const { name } = environment;
  const { published, says, warnings } = await step(ports.progress, "Find the release", async (find) => {
    const found = await both(ports.checkAccount, () => resolveRelease({ ref: options.release, again: type }, ports));
    find.done(found.says);
    return found;
  });
  for (const warning of warnings) ports.progress.warn(warning);
  const { revision } = published.release;
  const translation = await step(ports.progress, "Translate it for ECS", async (translating) => {
    const made = translate(await releaseFacts(published, environment, ports));
    requireTranslation(made, { what: shortRevision(revision), environment: name });
    translating.done(`Translated ${shortRevision(revision)} for ECS`);
    return made;
  });
  const tasks =
    options.service === undefined ? translation.tasks : [named(options.service, translation.tasks, options)];
  const shown = new Set(tasks.map((one) => one.name));
  const notes = [...new Set(translation.notes.filter(({ task }) => shown.has(task)).map(sentence))];
  for (const note of notes) ports.progress.note(note);
  return {
    outcome: "rendered",
    environment: name,
    revision,
    bundle: published.digest,
    says,
    tasks,
    notes,
    next: [],
    advice: [],
  };
}

function containers({ taskDefinition }: Task): readonly string[] {
  return taskDefinition.containerDefinitions.map(({ name }) => name);
}

/** @throws ThreadsError UNKNOWN_SERVICE */
function named(name: string, tasks: readonly Task[], options: RenderOptions): Task {
  const found =
    tasks.find((task) => task.name === name) ?? tasks.find((task) => containers(task).includes(ecsName(name)));
  if (found !== undefined) return found;
  const known = tasks.map((task) => task.name);
  const meant = suggest(name, known);
  throw new ThreadsError("UNKNOWN_SERVICE", {
    message: `the release has no task or service ${name} on ECS, only ${list(known)}`,
    next: (meant === undefined ? known : [meant]).map((service) => renderLine({ ...options, service })),
  });
}

function renderLine({ environment, release, service }: RenderOptions): string {
  const args = ["ecs", "render", "-e", environment, ...(release === undefined ? [] : [release])];
  return commandText({ file: "threads", args: [...args, ...(service === undefined ? [] : ["--service", service])] });
}
