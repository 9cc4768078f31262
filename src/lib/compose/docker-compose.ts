import { dirname } from "node:path";
import type { Clock } from "../clock/clock.ts";
import { engineHost } from "../docker/address.ts";
import { execIn, pullImage, removeImages, runAlone, tagImage } from "../docker/commands.ts";
import { checkEngine, type Engine } from "../docker/engine.ts";
import { pullFailure } from "../docker/failure.ts";
import type { LocalImage } from "../docker/image.ts";
import { localImages } from "../docker/inspect.ts";
import { logOf } from "../docker/log.ts";
import { dockerRun, fullyTold, type Run } from "../docker/run.ts";
import type { ThreadsError } from "../errors/threads-error.ts";
import type { CommandFailed, Processes, RunOptions } from "../process/processes.ts";
import * as commands from "./commands.ts";
import type { OneOff, Stack } from "./commands.ts";
import type { Container } from "./containers.ts";
import { downStack } from "./down-stack.ts";
import type { ReadEnvironment } from "./env-reader.ts";
import { composeEnvironment } from "./environment.ts";
import { composeFailure, fileFailure } from "./failure.ts";
import type { HostModel } from "./host-folder.ts";
import { containersOf } from "./look.ts";
import { parseModel, servicesIn, type StackModel } from "./stack-model.ts";
import { modelProject, parseRawModel, type RawModel } from "./raw-model.ts";
import { type LabelledStack, parseLabelled } from "./stale.ts";
import type { Expected } from "./expected.ts";
import { failureOf, startAndWait } from "./wait.ts";

interface Watched {
  readonly signal: AbortSignal;
  readonly onLine?: (line: string) => void;
  /** Starting only: hears again and again what is still waited for. */
  readonly onWaiting?: (waitingFor: string) => void;
}

/** Docker and its `compose`, as the actions use them. All but those of logs reject with a ThreadsError that says what to do. */
export interface Compose {
  /** Where published ports answer. */
  readonly host: string;
  engine(signal: AbortSignal): Promise<Engine>;
  /** All compose projects on the engine, ours and others, from the labels of their containers and networks. */
  stacks(signal: AbortSignal): Promise<LabelledStack[]>;
  model(stack: Stack, signal: AbortSignal): Promise<StackModel>;
  /** What files say together, with their variables open. @param files absolute paths */
  openModel(files: readonly string[], signal: AbortSignal): Promise<RawModel>;
  /** What compose makes of the text of an environment file, see env-reader.ts. @param options.explain why it cannot be read */
  environment(
    text: string,
    options: {
      readonly set: Readonly<Record<string, string>>;
      readonly signal: AbortSignal;
      readonly explain: (why: (name: string) => string) => ThreadsError;
    },
  ): Promise<ReadEnvironment>;
  /** Reads what a bundle brings as a host will, see host-folder.ts. */
  readAsHost(model: HostModel, signal: AbortSignal): Promise<void>;
  /** Builds some of a stack's services, the same image from the same sources. @param app whose the images are */
  build(
    stack: Stack,
    what: { readonly app: string; readonly services: readonly string[] },
    watched: Watched,
  ): Promise<void>;
  /** Starts the expected services and waits for our own verdict, see wait.ts. */
  start(stack: Stack, expected: Expected, watched: Watched & { readonly timeoutMs: number }): Promise<Container[]>;
  /** Runs one service in the foreground. @returns its exit code */
  run(stack: Stack, service: string, watched: Watched & OneOff & { readonly timeoutMs: number }): Promise<number>;
  /** Runs a command in a container that runs. @returns its exit code, and all that it printed; rejects where it does not end in time */
  exec(
    container: Pick<Container, "id">,
    options: { readonly command: readonly string[]; readonly timeoutMs: number; readonly signal: AbortSignal },
  ): Promise<{ readonly exitCode: number; readonly output: string }>;
  containers(project: string, signal: AbortSignal): Promise<Container[]>;
  logs(container: Container, lines: number): Promise<string[]>;
  /** The same of all containers of a project at once, by their names in it; one-offs left out. */
  allLogs(project: string, lines: number): Promise<ReadonlyMap<string, readonly string[]>>;
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
  /**
   * Runs a command in an image by itself, without network and stack.
   * @param options.explain what it means that the command failed. @returns what it printed
   */
  runAlone(what: AloneRun, options: AloneOptions): Promise<string>;
  tag(image: string, tag: string, signal: AbortSignal): Promise<void>;
  /** Removes tags, where they are there. */
  untag(references: readonly string[], signal: AbortSignal): Promise<void>;
}

export interface AloneRun {
  readonly image: string;
  readonly command: readonly string[];
  readonly environment: ReadonlyMap<string, string>;
}

export interface AloneOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly explain: (failure: CommandFailed) => ThreadsError;
}

export interface ComposePorts {
  readonly processes: Processes;
  readonly clock: Clock;
  /** The CLI's own environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

const downMs = 120_000;

export function dockerCompose(ports: ComposePorts): Compose {
  const { processes, clock } = ports;
  const env = (stack: Stack): RunOptions["env"] & {} => composeEnvironment(ports.env, stack.keys);
  const bare = composeEnvironment(ports.env, []);
  const docker = dockerRun({ processes });
  const compose = (verb: string): Run =>
    dockerRun({ processes }, (failure) => composeFailure(failure, `docker compose ${verb}`));
  return {
    host: engineHost(ports.env),
    engine: (signal) => checkEngine({ processes, signal }),
    stacks: async (signal) => {
      const lists = [commands.listLabelled("container"), commands.listLabelled("network")];
      const found = await Promise.all(lists.map((list) => docker(list, { signal })));
      return found.flatMap(({ stdout }) => parseLabelled(stdout));
    },
    ...filesBy({ processes, env, own: ports.env }),
    start: (stack, expected, { signal, ...rest }) =>
      startAndWait({ project: stack, expected, env: env(stack), ...rest }, { processes, clock, signal }),
    run: async (stack, service, { command, name, ...watched }) => {
      const options = { env: env(stack), allowFailure: true, ...watched };
      return (await compose("run")(commands.composeRun(stack, service, { command, name }), options)).exitCode;
    },
    exec: async ({ id }, { command, ...limits }) => {
      const ended = await docker(execIn(id, command), { allowFailure: true, ...limits });
      const output = [ended.stdout, ended.stderr].filter((text) => text !== "").join("\n");
      return { exitCode: ended.exitCode, output };
    },
    containers: (project, signal) => containersOf(project, { docker, signal }),
    logs: (container, lines) => logOf(container.id, processes, lines),
    allLogs: async (project, lines) =>
      (await import("./all-logs.ts")).allLogs(commands.composeLogs(project, lines), { env: bare, cwd: "/" }, processes),
    failure: async (failed) => fullyTold(await failureOf(failed, ports), processes),
    down: (stack, { signal, check }) => {
      const options = { env: env(stack), signal, timeoutMs: downMs, allowFailure: true };
      return downStack(stack, { check, options }, { compose: compose("down"), docker });
    },
    remove: async (project, signal) => {
      const options = { env: bare, cwd: "/", signal, timeoutMs: downMs };
      await compose("down")(commands.cleanUp(project), options);
    },
    ...imagesBy(docker, processes),
  };
}

interface FilePorts {
  readonly processes: Processes;
  readonly env: (stack: Stack) => RunOptions["env"] & {};
  /** The CLI's own environment. */
  readonly own: ComposePorts["env"];
}

/** What is read of compose files, and built of them. */
function filesBy({
  processes,
  env,
  own,
}: FilePorts): Pick<Compose, "model" | "openModel" | "environment" | "readAsHost" | "build"> {
  const config = dockerRun({ processes }, fileFailure);
  return {
    model: async (stack, signal) =>
      parseModel((await config(commands.composeConfig(stack), { env: env(stack), signal })).stdout),
    openModel: async (files, signal) => {
      const command = commands.composeOpenConfig(modelProject, files);
      return parseRawModel((await config(command, { env: composeEnvironment(own, []), signal })).stdout);
    },
    // What a promotion never comes to is loaded where it is needed.
    environment: async (text, { explain, ...options }) => {
      const { readEnvironment, unreadable } = await import("./env-reader.ts");
      const run = dockerRun({ processes }, (failure) => explain((name) => unreadable(failure, name)));
      return readEnvironment(text, { own, ...options }, run);
    },
    readAsHost: async (model, signal) =>
      (await import("./host-folder.ts")).readAsHost(model, (stack) =>
        config(commands.composeCheck(stack), { env: env(stack), signal }),
      ),
    build: async (stack, { app, services }, watched) =>
      // Compose labels an image with its project: under a random name, the same sources would be another image each time.
      (await import("./build.ts")).build(
        commands.composeBuild({ ...stack, name: app }, services),
        { env: env(stack), ...watched },
        {
          processes,
          folder: dirname(stack.files[0] ?? ""),
          services: async () =>
            servicesIn((await config(commands.composeConfig(stack), { env: env(stack) })).stdout, services),
        },
      ),
  };
}

/** Docker's client reads these itself: an application's own cannot pass through it. */
const dockersOwn = /^(?:DOCKER_\w+|PATH|HOME)$/;

function imagesBy(docker: Run, processes: Processes): Pick<Compose, "images" | "pull" | "runAlone" | "tag" | "untag"> {
  return {
    images: (references, signal) => localImages(references, docker, { signal }),
    pull: async (reference, { signal, dockerConfig }) => {
      const env = dockerConfig === undefined ? {} : { DOCKER_CONFIG: dockerConfig };
      const pull = dockerRun({ processes }, (failure) => pullFailure(failure, reference));
      await pull(pullImage(reference), { env, signal });
    },
    runAlone: async ({ image, command, environment }, { explain, ...options }) => {
      const own = [...environment].filter(([name]) => !dockersOwn.test(name));
      const run = runAlone({ image, command, env: own.map(([name]) => name) });
      return (await dockerRun({ processes }, explain)(run, { env: Object.fromEntries(own), ...options })).stdout;
    },
    tag: async (image, tag, signal) => {
      await docker(tagImage(image, tag), { signal });
    },
    untag: async (references, signal) => {
      if (references.length > 0) await docker(removeImages(references), { signal, allowFailure: true });
    },
  };
}
