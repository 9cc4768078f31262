import { ThreadsError } from "../errors/threads-error.ts";
import { buildxVersion, composeVersion, engineVersion } from "./commands.ts";
import { daemonDown, dockerFailure, dockerError } from "./failure.ts";
import { dockerRun, type RunPorts } from "./run.ts";
import { installDocker, setUpOr } from "./set-up.ts";

/** `start_interval`, `--env-file` given twice and `depends_on` as we use them are sound from here on. */
const minimumCompose = [2, 24] as const;
const answerMs = 20_000;

/** Versions. */
export interface Engine {
  readonly engine: string;
  readonly compose: string;
}

/** Asks engine and compose for their versions, both at once. @throws ThreadsError refused NO_DOCKER, DOCKER_PERMISSION, DOCKER_DOWN, NO_COMPOSE, OLD_COMPOSE */
export async function checkEngine(ports: RunPorts): Promise<Engine> {
  const askEngine = dockerRun(ports, (failure) =>
    // A daemon that hangs is as good as down.
    /took too long/.test(failure.message)
      ? daemonDown(failure, `the Docker daemon does not answer (waited ${answerMs / 1000} s)`)
      : dockerFailure(failure),
  );
  const askCompose = dockerRun(ports, (failure) => {
    const message = "this Docker has no `compose` command (Compose v2)";
    return dockerError(failure, {
      code: "NO_COMPOSE",
      message,
      next: setUpOr("docker compose version"),
      advice: [installDocker],
    });
  });
  const [engine, compose] = await Promise.allSettled([
    askEngine(engineVersion, { timeoutMs: answerMs }),
    askCompose(composeVersion, { timeoutMs: answerMs }),
  ]);
  // A client that is missing or a daemon that is down explains a compose that fails, so it is looked at first.
  if (engine.status === "rejected") throw engine.reason;
  if (compose.status === "rejected") throw compose.reason;
  const version = compose.value.stdout.trim();
  if (isTooOld(version)) throw oldCompose(version);
  return { engine: engine.value.stdout.trim(), compose: version };
}

/** First line of `docker buildx version`; undefined where there is no such command. */
export async function checkBuildx(ports: RunPorts): Promise<string | undefined> {
  const options = { timeoutMs: answerMs, allowFailure: true };
  const { exitCode, stdout } = await dockerRun(ports)(buildxVersion, options);
  return exitCode === 0 ? stdout.split("\n")[0] : undefined;
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
  const message = `Docker Compose ${version} is too old; ${wanted} or newer is needed`;
  return new ThreadsError("OLD_COMPOSE", {
    message,
    next: setUpOr("docker compose version"),
    advice: [installDocker],
  });
}
