import { composeVersion, engineVersion } from "../docker/commands.ts";
import { daemonTrouble } from "../docker/daemon.ts";
import type { SettledCode } from "../errors/codes.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { CommandFailed, type Processes } from "../process/processes.ts";

/** `start_interval`, `--env-file` given twice and `depends_on` as we use them are sound from here on. */
const minimumCompose = [2, 24] as const;
const answerMs = 20_000;

export interface Engine {
  readonly engine: string;
  readonly compose: string;
}

/** Asks engine and compose for their versions, both at once. @throws ThreadsError refused NO_DOCKER, DOCKER_DOWN, NO_COMPOSE, OLD_COMPOSE */
export async function checkEngine(processes: Processes, signal?: AbortSignal): Promise<Engine> {
  const options = { timeoutMs: answerMs, ...(signal === undefined ? {} : { signal }) };
  const [engine, compose] = await Promise.allSettled([
    processes.run(engineVersion, options),
    processes.run(composeVersion, options),
  ]);
  // A client that is missing or a daemon that is down explains a compose that fails, so it is looked at first.
  if (engine.status === "rejected") throw silence(engine.reason) ?? dockerFailure(engine.reason);
  if (compose.status === "rejected") throw composeFailure(compose.reason);
  const version = compose.value.stdout.trim();
  if (isTooOld(version)) throw oldCompose(version);
  return { engine: engine.value.stdout.trim(), compose: version };
}

/** A daemon that hangs is as good as down. */
function silence(failure: unknown): ThreadsError | undefined {
  if (!(failure instanceof CommandFailed) || !/took too long/.test(failure.message)) return undefined;
  return refused(
    "DOCKER_DOWN",
    `the Docker daemon does not answer (waited ${answerMs / 1000} s)`,
    ["docker info"],
    failure,
  );
}

/** Turns what `docker` said into our sentence, where the engine itself is the trouble; passes on everything else. */
export function dockerFailure(failure: unknown): unknown {
  if (!(failure instanceof CommandFailed)) return failure;
  if (failure.exitCode === undefined && /is not installed/.test(failure.message))
    return refused("NO_DOCKER", "Docker is not installed, or not on the PATH", ["bin/setup"], failure);
  const trouble = daemonTrouble(failure.tail);
  if (trouble?.kind === "forbidden")
    return refused(
      "DOCKER_PERMISSION",
      "this user may not talk to the Docker daemon",
      ["sudo usermod -aG docker $USER, then log in again"],
      failure,
    );
  if (trouble?.kind === "silent")
    return refused(
      "DOCKER_DOWN",
      "the Docker daemon does not answer",
      ["bin/setup", "start Docker, then run this again", "docker context ls"],
      failure,
    );
  return failure;
}

function composeFailure(failure: unknown): unknown {
  if (!(failure instanceof CommandFailed)) return failure;
  return refused("NO_COMPOSE", "this Docker has no `compose` command (Compose v2)", ["bin/setup"], failure);
}

function isTooOld(version: string): boolean {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  // A version that cannot be read (a local build) is given the benefit of the doubt.
  if (major === undefined || minor === undefined) return false;
  return (
    Number(major) < minimumCompose[0] || (Number(major) === minimumCompose[0] && Number(minor) < minimumCompose[1])
  );
}

function oldCompose(version: string): ThreadsError {
  const wanted = minimumCompose.join(".");
  return refused("OLD_COMPOSE", `Docker Compose ${version} is too old; ${wanted} or newer is needed`, ["bin/setup"]);
}

function refused(code: SettledCode, message: string, next: string[], cause?: CommandFailed): ThreadsError {
  return new ThreadsError(code, {
    message,
    next,
    ...(cause === undefined ? {} : { cause, details: cause.tail.filter((line) => line !== "") }),
  });
}
