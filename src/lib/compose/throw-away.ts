import type { Clock } from "../clock/clock.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { thisOwner } from "../process/owner.ts";
import { commandText } from "../process/processes.ts";
import type { Progress } from "../progress/progress.ts";
import { are, list } from "../text/words.ts";
import { cleanUp, type Stack } from "./commands.ts";
import type { Compose } from "./docker-compose.ts";
import { renderEnvFile } from "./env-file.ts";
import type { StackModel } from "./stack-model.ts";
import { withNamed } from "./profiles.ts";
import { type Sources, type StackLabels, stackOverride, type Wanted } from "./override.ts";
import { type ReadPorts, readStack } from "./read-stack.ts";
import type { Leftovers } from "./leftovers.ts";
import { removeLeftovers } from "./remove-leftovers.ts";
import type { LabelledStack } from "./stale.ts";
import { takeDown, withLeftovers } from "./take-down.ts";
import { keepLogs, masking } from "./kept-logs.ts";
import { makeWorkspace, type Workspace } from "./workspace.ts";
import { wordsOf } from "../errors/words-of.ts";

export interface ThrowAwayOptions {
  readonly kind: StackLabels["kind"];
  /** Of the application: what its images are named after. */
  readonly app: string;
  /** Random; nothing else may have this name. */
  readonly project: string;
  /** Absolute paths of the compose files, merged in this order. */
  readonly composeFiles: readonly string[];
  /** Services that threads.yml names: they run behind a profile, too. */
  readonly named: readonly string[];
  /** The application's environment, written to the file that ENV_FILE names. */
  readonly environment: ReadonlyMap<string, string>;
  /** What the compose files may interpolate: images, REVISION, TREE, HTTP_PORT … */
  readonly variables: Readonly<Record<string, string>>;
  /** Values that must not show in any message. */
  readonly secrets: readonly string[];
  /** By service: what runs is this, whatever the files say. All else that the files build gets a name for the time being. */
  readonly images: (model: StackModel) => Readonly<Record<string, string>>;
  readonly sources: Sources;
  readonly entry?: Wanted["entry"];
  /** It stays when the work is over, well or not, as long as nobody interrupts it. */
  readonly keep?: boolean;
}

/** The tag of an image that is built for this run. */
export function candidate(app: string, service: string, project: string): string {
  return `${app}-${service}:candidate-${project}`;
}

export interface ThrowAwayPorts extends ReadPorts {
  readonly compose: Compose;
  /** What runs that were killed have left. @param listed the stacks that there are */
  readonly leftovers: (listed: readonly LabelledStack[]) => Promise<Leftovers>;
  readonly progress: Progress;
  readonly clock: Clock;
  /** Ends the work; taking down goes on. */
  readonly signal: AbortSignal;
  /** Ends the taking down too. */
  readonly cancelNow: AbortSignal;
}

/** The services that must be built, one of those that share an image. */
export function candidatesOf(model: StackModel, images: OpenStack["images"]): StackModel["services"] {
  const own = model.services.filter(({ name, built }) => built && images[name]?.includes(":candidate-") === true);
  return own.filter(({ name }, index) => own.findIndex((other) => images[other.name] === images[name]) === index);
}

/** What the work is given: the stack with our override, and what its own files say. */
export interface OpenStack {
  readonly stack: Stack;
  readonly model: StackModel;
  /** By service, as far as it is not the file's own affair. */
  readonly images: Readonly<Record<string, string>>;
}

export interface Done<T> {
  readonly value: T;
  /** It is still there, since that was asked for. */
  readonly kept: boolean;
  /** Milliseconds. */
  readonly downMs: number;
  /** Names of what could not be removed. */
  readonly leftovers: readonly string[];
}

/**
 * Lends a stack to some work and takes it down afterwards, however that ended, or keeps it where that is wanted. A failure of the work stays the failure;
 * what cannot be removed is named with the command that removes it.
 */
export async function throwAway<T>(
  options: ThrowAwayOptions,
  ports: ThrowAwayPorts,
  work: (open: OpenStack) => Promise<T>,
): Promise<Done<T>> {
  const workspace = await makeWorkspace(options.project);
  try {
    const plain = await writeStack(options, workspace);
    const reading = overridden(plain, { options, workspace }, ports);
    // Its failure is told after those of the engine, which is likely to be the cause of it.
    reading.catch(() => undefined);
    try {
      await prepare(options.project, ports);
    } finally {
      await reading.catch(() => undefined);
    }
    const { temporary, ...open } = await reading;
    // From here on there may be something to take down.
    const ended = await work(open).then(
      (value) => ({ value }),
      (error: unknown) => ({ error: masked(error, options.secrets) }),
    );
    await keepLogs(options, ports);
    if (options.keep === true && (await isThere(options.project, ports))) {
      if ("error" in ended) throw keptBy(ended.error, options.project);
      return { value: ended.value, kept: true, downMs: 0, leftovers: [] };
    }
    const run = { project: options.project, temporary, stack: open.stack, failed: "error" in ended };
    const down = await takeDown(run, ports);
    if ("error" in ended) throw withLeftovers(ended.error, down);
    if (down.leftovers.length > 0)
      ports.progress.warn(`still there: ${down.leftovers.join(", ")}; ${down.next.join("; ")}`);
    return { value: ended.value, kept: false, downMs: down.ms, leftovers: down.leftovers };
  } finally {
    await workspace.remove();
  }
}

/** Nobody looks at what was interrupted, or has no container yet. */
async function isThere(project: string, { compose, signal }: ThrowAwayPorts): Promise<boolean> {
  return !signal.aborted && (await compose.containers(project, signal).catch(() => [])).length > 0;
}

/** The failure, with how to look at the stack and how to take it down. */
function keptBy(error: unknown, project: string): unknown {
  if (!(error instanceof ThreadsError)) return error;
  const look = ["ps -a", "logs"].map((words) => `docker compose -p ${project} ${words}`);
  const next = [...look, `threads smoke down ${project}`, ...error.next];
  return error.with({ details: [...error.details, `the stack is kept: ${project}`], next });
}

interface Overridden extends OpenStack {
  /** Tags that go when the stack goes. */
  readonly temporary: readonly string[];
}

async function overridden(
  plain: Stack,
  { options, workspace }: { readonly options: ThrowAwayOptions; readonly workspace: Workspace },
  ports: ThrowAwayPorts,
): Promise<Overridden> {
  const { kind, app, project, sources, entry, named, environment } = options;
  const read = await readStack(plain, { hasEnvironment: environment.size > 0, workspace }, ports);
  if (read.missing.length > 0) ports.progress.warn(missingText(read.missing, kind));
  const { stack, model } = await withNamed(read, { named, environment, workspace }, ports);
  const given = options.images(model);
  const built = model.services.filter((service) => service.built);
  const images: Record<string, string> = { ...given };
  for (const { name, recipe } of built) {
    const twin = built.find((other) => other.recipe === recipe && images[other.name] !== undefined);
    images[name] ??= (twin && images[twin.name]) ?? candidate(app, name, project);
  }
  const labels = { kind, owner: thisOwner(), startedAt: ports.clock.now(), keep: options.keep === true };
  const override = await workspace.write(
    "override.yml",
    stackOverride(model, { project, labels, images, sources, entry }),
  );
  const candidates = built
    .flatMap(({ name }) => images[name] ?? [])
    .filter((image) => image.endsWith(`:candidate-${project}`));
  return { stack: { ...stack, files: [...stack.files, override] }, model, images, temporary: [...new Set(candidates)] };
}

/** What a service lacks without them, its own log may tell, and only in its own words. */
function missingText(files: readonly string[], kind: StackLabels["kind"]): string {
  const what = `${list(files)} ${are(files.length)} not here, so services get no variable of ${files.length === 1 ? "it" : "them"}`;
  return kind === "test" ? what : `${what}: let smoke.env of threads.yml name a file with every key of the environment`;
}

async function writeStack(options: ThrowAwayOptions, workspace: Workspace): Promise<Stack> {
  const envFile = await workspace.write("app.env", renderEnvFile(options.environment));
  const variables = new Map(Object.entries({ ...options.variables, ENV_FILE: envFile }));
  const own = await workspace.write("compose.env", renderEnvFile(variables));
  return {
    name: options.project,
    files: options.composeFiles,
    envFiles: [envFile, own],
    keys: [...options.environment.keys(), ...variables.keys()],
  };
}

/** Is there an engine that can do this, and nothing of this name; what killed runs have left goes first. */
async function prepare(project: string, ports: ThrowAwayPorts): Promise<void> {
  const { compose, signal } = ports;
  const listing = compose.stacks(signal);
  const leaving = listing.then((found) => ports.leftovers(found));
  leaving.catch(() => undefined);
  await compose.engine(signal);
  const listed = await listing;
  if (listed.some((other) => other.project === project))
    throw new ThreadsError("PROJECT_EXISTS", {
      message: `a compose project named ${project} exists already`,
      next: [commandText(cleanUp(project))],
      advice: ["run this again: the name is random"],
    });
  await tidy(leaving, listed, ports);
}

/** What cannot be tidied up stands in nobody's way. */
async function tidy(
  leaving: Promise<Leftovers>,
  listed: readonly LabelledStack[],
  { compose, progress, signal }: ThrowAwayPorts,
): Promise<void> {
  try {
    const found = await leaving;
    const { stacks, images, folders } = found;
    for (const name of stacks) {
      const { started = 0 } = listed.find(({ project }) => project === name) ?? {};
      const since = new Date(started * 1000).toISOString().slice(0, 16).replace("T", " ");
      progress.note(`Removing ${name}, left by a run of ${since} UTC that was killed`);
    }
    if (stacks.length === 0 && images.length + folders.length > 0)
      progress.note(`Removing what killed runs have left: ${list([...images, ...folders])}`);
    for (const { what, says, next } of await removeLeftovers(found, { compose, signal }))
      progress.warn(`${what} could not be removed (${says}): ${next.join("; ")}`);
  } catch (error) {
    if (signal.aborted) throw error;
    progress.warn(`what killed runs have left could not be looked for: ${wordsOf(error)}`);
  }
}

function masked(error: unknown, secrets: readonly string[]): unknown {
  if (!(error instanceof ThreadsError) || secrets.length === 0) return error;
  const mask = masking(secrets);
  return error.with({ message: mask(error.message), details: error.details.map(mask) });
}
