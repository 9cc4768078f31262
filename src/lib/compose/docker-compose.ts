import type { Clock } from "../clock/clock.ts";
import { buildOutput } from "../docker/build-output.ts";
import { inspectImages, pullImage, removeImages, tagImage } from "../docker/commands.ts";
import type { ThreadsError } from "../errors/threads-error.ts";
import {
  CommandFailed,
  type CommandLine,
  type Finished,
  type Processes,
  type RunOptions,
} from "../process/processes.ts";
import { buildFailure } from "./build-failure.ts";
import * as words from "./commands.ts";
import type { Project } from "./commands.ts";
import { type Container, type LocalImage, parseImages } from "./containers.ts";
import { checkEngine, dockerFailure, type Engine } from "./engine.ts";
import { composeEnvironment, engineHost } from "./environment.ts";
import { composeFailure, containerFailure, fileFailure, pullFailure } from "./failure.ts";
import { containersOf, logOf } from "./look.ts";
import { parseModel, type StackModel } from "./model.ts";
import { type LabelledStack, parseLabelled } from "./stale.ts";
import type { Expected } from "./verdict.ts";
import { startAndWait } from "./wait.ts";

/** A project and the variables that its files define: the shell's own values of these never count. */
export interface Stack extends Project {
  readonly keys: readonly string[];
}

interface Watched {
  readonly signal: AbortSignal;
  readonly onLine?: (line: string) => void;
}

/** Docker and its `compose`, as the actions use them. All but `logs` reject with a ThreadsError that says what to do. */
export interface Compose {
  /** Where published ports answer. */
  readonly host: string;
  engine(signal: AbortSignal): Promise<Engine>;
  /** All compose projects on the engine, ours and others, from the labels of their containers and networks. */
  stacks(signal: AbortSignal): Promise<LabelledStack[]>;
  model(stack: Stack, signal: AbortSignal): Promise<StackModel>;
  /** Builds what the stack can build, the same image from the same sources. @param app whose the images are */
  build(stack: Stack, app: string, watched: Watched): Promise<void>;
  /** Starts the expected services and waits for our own verdict, see wait.ts. */
  start(stack: Stack, expected: Expected, watched: Watched & { readonly timeoutMs: number }): Promise<Container[]>;
  /** Runs one service in the foreground. @returns its exit code */
  run(stack: Stack, service: string, watched: Watched & { readonly timeoutMs: number }): Promise<number>;
  containers(project: string, signal: AbortSignal): Promise<Container[]>;
  logs(container: Container, lines: number): Promise<string[]>;
  /** The error for a container that is not well, with its health checks and the end of its log. */
  failure(failed: { readonly container: Container; readonly reason: string }): Promise<ThreadsError>;
  /** Takes everything of it down, volumes too. @returns names of what is still there */
  down(stack: Stack, options: { readonly signal: AbortSignal; readonly check: boolean }): Promise<string[]>;
  /** The same for a project whose files are gone. */
  remove(project: string, signal: AbortSignal): Promise<void>;
  /** Local images by reference or id; those that are not there are left out. */
  images(references: readonly string[], signal: AbortSignal): Promise<LocalImage[]>;
  /** @param dockerConfig folder with the login, where the registry wants one */
  pull(
    reference: string,
    options: { readonly signal: AbortSignal; readonly dockerConfig?: string | undefined },
  ): Promise<void>;
  tag(image: string, tag: string, signal: AbortSignal): Promise<void>;
  /** Removes tags; those that are not there are none of our worries. */
  untag(references: readonly string[], signal: AbortSignal): Promise<void>;
}

export interface ComposePorts {
  readonly processes: Processes;
  readonly clock: Clock;
  /** The CLI's own environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

const downMs = 120_000;

export function dockerCompose(ports: ComposePorts): Compose {
  const { processes } = ports;
  const env = (stack: Stack): RunOptions["env"] & {} => composeEnvironment(ports.env, stack.keys);
  const docker = (command: CommandLine, options: RunOptions): Promise<Finished> =>
    explained(processes.run(command, options), command);
  return {
    host: engineHost(ports.env),
    engine: (signal) => checkEngine(processes, signal),
    stacks: async (signal) => {
      const lists = [words.listLabelled("container"), words.listLabelled("network")];
      const found = await Promise.all(lists.map((list) => docker(list, { signal })));
      return found.flatMap(({ stdout }) => parseLabelled(stdout));
    },
    model: async (stack, signal) =>
      parseModel((await docker(words.composeConfig(stack), { env: env(stack), signal })).stdout),
    build: (stack, app, watched) =>
      // Compose labels an image with its project: under a random name, the same sources would be another image each time.
      build(words.composeBuild({ ...stack, name: app }), { env: env(stack), ...watched }, processes),
    start: (stack, expected, { signal, ...rest }) =>
      startAndWait({ project: stack, expected, env: env(stack), ...rest }, { processes, clock: ports.clock, signal }),
    run: async (stack, service, watched) =>
      (await docker(words.composeRun(stack, service), { env: env(stack), allowFailure: true, ...watched })).exitCode,
    containers: (project, signal) => containersOf(project, { processes, signal }),
    logs: (container, lines) => logOf(container.id, { processes }, lines),
    failure: async (failed) => containerFailure({ ...failed, log: await logOf(failed.container.id, { processes }) }),
    down: async (stack, { signal, check }) => {
      const options = { env: env(stack), signal, timeoutMs: downMs, allowFailure: true };
      const first = await docker(words.composeDown(stack), options);
      if (first.exitCode === 0 && !check) return [];
      // The engine may have finished creating something after its client was stopped: look, and take it down again.
      if ((await leftovers(processes, stack.name, signal)).length === 0) return [];
      await docker(words.composeDown(stack), options);
      return leftovers(processes, stack.name, signal);
    },
    remove: async (project, signal) => {
      await docker(words.cleanUp(project), {
        env: composeEnvironment(ports.env, []),
        cwd: "/",
        signal,
        timeoutMs: downMs,
      });
    },
    ...localImages(docker),
  };
}

/** Follows what the steps print: compose's own last words do not tell it. */
async function build(
  command: CommandLine,
  { onLine, ...options }: Watched & RunOptions,
  processes: Processes,
): Promise<void> {
  const output = buildOutput();
  const read = (line: string): void => {
    output.read(line);
    onLine?.(line);
  };
  await processes.run(command, { ...options, onLine: read }).catch((error: unknown) => {
    throw error instanceof CommandFailed ? buildFailure(error, output.failed()) : error;
  });
}

function localImages(
  docker: (command: CommandLine, options: RunOptions) => Promise<Finished>,
): Pick<Compose, "images" | "pull" | "tag" | "untag"> {
  return {
    images: async (references, signal) => {
      if (references.length === 0) return [];
      const { stdout } = await docker(inspectImages(references), { signal, allowFailure: true });
      return parseImages(stdout === "" ? "[]" : stdout);
    },
    pull: async (reference, { signal, dockerConfig }) => {
      const env = dockerConfig === undefined ? {} : { DOCKER_CONFIG: dockerConfig };
      await docker(pullImage(reference), { env, signal });
    },
    tag: async (image, tag, signal) => {
      await docker(tagImage(image, tag), { signal });
    },
    untag: async (references, signal) => {
      if (references.length > 0) await docker(removeImages(references), { signal, allowFailure: true });
    },
  };
}

async function explained(run: Promise<Finished>, command: CommandLine): Promise<Finished> {
  try {
    return await run;
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    if (command.args.includes("config")) throw fileFailure(error);
    if (command.args[0] === "pull") throw pullFailure(error, command.args.at(-1) ?? "");
    throw command.args[0] === "compose" ? composeFailure(error, `docker ${doing(command)}`) : dockerFailure(error);
  }
}

/** `compose run`: the part of a command line that a person recognises. */
function doing(command: CommandLine): string {
  const verbs = new Set(["up", "run", "down"]);
  return [command.args[0], command.args.find((word) => verbs.has(word))].filter((word) => word !== undefined).join(" ");
}

async function leftovers(processes: Processes, project: string, signal: AbortSignal): Promise<string[]> {
  const kinds = ["container", "network", "volume"] as const;
  const lists = await Promise.all(kinds.map((kind) => processes.run(words.listOf(kind, project), { signal })));
  return lists.flatMap(({ stdout }, index) =>
    stdout
      .split("\n")
      .filter((id) => id !== "")
      .map((id) => `${kinds[index]} ${id.slice(0, 40)}`),
  );
}
