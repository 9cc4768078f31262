import { containerLogs } from "../docker/commands.ts";
import { daemonTrouble } from "../docker/daemon.ts";
import type { SettledCode } from "../errors/codes.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import {
  CommandFailed,
  type CommandLine,
  type Finished,
  type Processes,
  type RunOptions,
} from "../process/processes.ts";
import { listContainers } from "./commands.ts";
import { objectName } from "./layout.ts";
import { type Listed, parseListed } from "./plan.ts";

const logLines = 15;

/**
 * Runs one docker command.
 * @throws ThreadsError refused, where there is no engine to talk to or it says no
 */
export async function docker(processes: Processes, words: CommandLine, options: RunOptions = {}): Promise<Finished> {
  try {
    return await processes.run(words, options);
  } catch (error) {
    throw error instanceof CommandFailed ? engineFailure(error) : error;
  }
}

/** Lines of output, without empty ones. */
export async function lines(processes: Processes, words: CommandLine): Promise<string[]> {
  return (await docker(processes, words)).stdout.split("\n").filter((line) => line !== "");
}

/** Every container of the sandbox, in whatever state: with its label, which an image may hand on, and with its name. */
export async function containersOf(id: string, processes: Processes): Promise<Listed[]> {
  const labelled = parseListed((await docker(processes, listContainers(id))).stdout);
  return labelled.filter(({ name }) => name.startsWith(objectName(id, "")));
}

/** What docker's refusals mean here, and what to do about them. */
export function engineFailure(failure: CommandFailed): ThreadsError {
  const text = failure.tail.join("\n");
  const because = (code: SettledCode, message: string, next: string[]): ThreadsError =>
    new ThreadsError(code, { message, next, details: failure.tail, cause: failure });
  if (failure.exitCode === undefined)
    return because("NO_DOCKER", "docker is not installed, or not on the PATH", ["bin/setup"]);
  if (daemonTrouble(failure.tail) !== undefined)
    return because("NO_DOCKER", "the Docker engine does not answer", ["bin/setup", "docker version"]);
  const port = /(?:127\.0\.0\.1|0\.0\.0\.0):(\d+)[^\n]*(?:already allocated|already in use)/.exec(text)?.[1];
  if (port !== undefined)
    return because("PORT_TAKEN", `port ${port} was taken while the sandbox started`, ["threads sandbox up"]);
  if (/no space left on device/i.test(text))
    return because("NO_SPACE", "the Docker engine has no disk space left", ["docker system df", "docker system prune"]);
  return because("DOCKER_FAILED", failure.message, ["docker info", "threads sandbox down", "threads sandbox up"]);
}

/** A container that did not become ready: with the last that it said, and where to look further. */
export async function notReady(name: string, what: string, processes: Processes): Promise<ThreadsError> {
  const said = await processes.run(containerLogs(name, logLines), { allowFailure: true }).catch(() => undefined);
  const log = `${said?.stdout ?? ""}\n${said?.stderr ?? ""}`.split("\n").filter((line) => line.trim() !== "");
  return new ThreadsError("SANDBOX_NOT_READY", {
    message: what,
    details: log.slice(-logLines),
    next: [`docker logs ${name}`, "threads sandbox status", "threads sandbox down"],
  });
}
