import type { Clock } from "../clock/clock.ts";
import { removeImages } from "../docker/commands.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { ownerIsAlive, thisOwner } from "../process/owner.ts";
import { commandText } from "../process/processes.ts";
import { type Progress, step } from "../progress/progress.ts";
import { cleanUp } from "./commands.ts";
import type { Compose, Stack } from "./docker-compose.ts";
import { renderEnvFile } from "./env-file.ts";
import { type StackLabels, type StackModel, labelOverride } from "./model.ts";
import { listOurs, type Stale, staleProjects } from "./stale.ts";
import { makeWorkspace, removeWorkspaces, type Workspace } from "./workspace.ts";

export interface ThrowAwayOptions {
  readonly kind: StackLabels["kind"];
  /** Random; nothing else may have this name. */
  readonly project: string;
  /** Absolute paths of the compose files, merged in this order. */
  readonly composeFiles: readonly string[];
  /** The application's environment, written to the file that ENV_FILE names. */
  readonly environment: ReadonlyMap<string, string>;
  /** What the compose file interpolates: images, REVISION, TREE, HTTP_PORT … */
  readonly variables: Readonly<Record<string, string>>;
  /** Values that must not show in any message. */
  readonly secrets: readonly string[];
  /** Tags that go when the stack goes. */
  readonly temporaryImages: readonly string[];
}

export interface ThrowAwayPorts {
  readonly compose: Compose;
  readonly progress: Progress;
  readonly clock: Clock;
  /** Ends the work; taking down goes on. */
  readonly signal: AbortSignal;
  /** Ends the taking down too. */
  readonly cancelNow: AbortSignal;
}

/** What the work is given. */
export interface OpenStack {
  /** The compose file alone, for building. */
  readonly stack: Stack;
  /** What it says, and the same with our labels on everything, for running. */
  readonly labelled: () => Promise<{ readonly stack: Stack; readonly model: StackModel }>;
}

export interface Done<T> {
  readonly value: T;
  /** Milliseconds. */
  readonly downMs: number;
  /** Names of what could not be removed. */
  readonly leftovers: readonly string[];
}

/**
 * Lends a stack to some work and takes it down afterwards, however that ended. A failure of the work stays the failure;
 * what cannot be removed is named with the command that removes it.
 */
export async function throwAway<T>(
  options: ThrowAwayOptions,
  ports: ThrowAwayPorts,
  work: (open: OpenStack) => Promise<T>,
): Promise<Done<T>> {
  const workspace = await makeWorkspace(options.project);
  try {
    const stack = await writeStack(options, workspace);
    const labelled = ports.compose.model(stack, ports.signal).then(async (model) => {
      const labels = { kind: options.kind, owner: thisOwner(), startedAt: ports.clock.now() };
      const override = await workspace.write("labels.json", labelOverride(model, labels));
      return { model, stack: { ...stack, files: [...stack.files, override] } };
    });
    // Whoever needs it awaits it; until then its failure must not be an unhandled one.
    labelled.catch(() => undefined);
    try {
      await prepare(options.project, ports);
    } finally {
      await labelled.catch(() => undefined);
    }
    // From here on there may be something to take down.
    const ended = await work({ stack, labelled: () => labelled }).then(
      (value) => ({ value }),
      (error: unknown) => ({ error: masked(error, options.secrets) }),
    );
    const down = await takeDown({ options, stack, failed: "error" in ended }, ports);
    if ("error" in ended) throw withLeftovers(ended.error, down);
    if (down.leftovers.length > 0)
      ports.progress.warn(`still there: ${down.leftovers.join(", ")}; ${down.next.join("; ")}`);
    return { value: ended.value, downMs: down.ms, leftovers: down.leftovers };
  } finally {
    await workspace.remove();
  }
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

/** Is there an engine that can do this, and nothing of this name; stacks of runs that were killed go first. */
async function prepare(project: string, ports: ThrowAwayPorts): Promise<void> {
  const { compose, signal, clock } = ports;
  const listing = compose.stacks(signal);
  listing.catch(() => undefined);
  await compose.engine(signal);
  const found = await listing;
  if (found.some((other) => other.project === project))
    throw new ThreadsError("PROJECT_EXISTS", {
      message: `a compose project named ${project} exists already`,
      next: [commandText(cleanUp(project))],
      advice: ["run this again: the name is random"],
    });
  for (const stale of staleProjects(found, { ms: clock.now(), alive: ownerIsAlive })) await removeStale(stale, ports);
}

async function removeStale({ project, started }: Stale, ports: ThrowAwayPorts): Promise<void> {
  const { compose, progress, signal } = ports;
  const since = new Date(started * 1000).toISOString().slice(0, 16).replace("T", " ");
  progress.note(`Removing ${project}, left by a run of ${since} UTC that was killed`);
  try {
    await removeWorkspaces(project);
    await compose.remove(project, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    progress.warn(`${project} could not be removed: ${commandText(cleanUp(project))}`);
  }
}

interface Down {
  readonly ms: number;
  readonly leftovers: readonly string[];
  readonly next: readonly string[];
}

async function takeDown(
  run: { readonly options: ThrowAwayOptions; readonly stack: Stack; readonly failed: boolean },
  ports: ThrowAwayPorts,
): Promise<Down> {
  const { compose, clock, cancelNow } = ports;
  const { project, temporaryImages } = run.options;
  const startedAt = clock.now();
  const next = [
    commandText(cleanUp(project)),
    ...(temporaryImages.length === 0 ? [] : [commandText(removeImages(temporaryImages))]),
  ];
  try {
    const leftovers = await step(ports.progress, "Take the stack down", async () => {
      const left = await compose.down(run.stack, { signal: cancelNow, check: run.failed });
      await compose.untag(temporaryImages, cancelNow);
      return left;
    });
    return { ms: clock.now() - startedAt, leftovers, next: leftovers.length === 0 ? [] : next };
  } catch {
    // Why it could not be taken down matters less than what to type now.
    return { ms: clock.now() - startedAt, leftovers: [`project ${project}`], next: [...next, listOurs] };
  }
}

/** The original failure, with what is still there and how to remove it. */
function withLeftovers(error: unknown, down: Down): unknown {
  if (down.leftovers.length === 0) return error;
  const details = [`still there: ${down.leftovers.join(", ")}`];
  if (!(error instanceof ThreadsError)) {
    if (error instanceof Error) error.message += ` (${details[0]}; remove with: ${down.next[0]})`;
    return error;
  }
  return error.with({ details: [...error.details, ...details], next: [...down.next, ...error.next] });
}

function masked(error: unknown, secrets: readonly string[]): unknown {
  if (!(error instanceof ThreadsError) || secrets.length === 0) return error;
  const mask = (line: string): string => secrets.reduce((text, secret) => text.replaceAll(secret, "[redacted]"), line);
  return error.with({ message: mask(error.message), details: error.details.map(mask) });
}
