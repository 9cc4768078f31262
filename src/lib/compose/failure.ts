import { unreachableRegistry } from "../docker/unreachable.ts";
import type { SettledCode } from "../errors/codes.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import type { CommandFailed } from "../process/processes.ts";
import type { Container } from "./containers.ts";
import { dockerFailure } from "./engine.ts";
import { composeFileFault } from "./file-fault.ts";
import type { Waiting } from "./verdict.ts";

/** A container that cannot be well any more: which, why, what its health check and its log say. */
export function containerFailure(failed: {
  readonly container: Container;
  readonly reason: string;
  readonly log: readonly string[];
}): ThreadsError {
  const { container } = failed;
  const machine = machineFault(container.error, [container.error]);
  if (machine !== undefined) return machine;
  return new ThreadsError("SERVICE_FAILED", {
    message: `${container.service} ${failed.reason}`,
    details: story(container, failed.log),
    next: [`look at ${container.service}'s log above, then run this again`],
  });
}

/** The time is up and some services are still not there. */
export function notReady(late: {
  readonly waitingFor: readonly Waiting[];
  readonly timeoutMs: number;
  readonly log: readonly string[];
}): ThreadsError {
  const [first] = late.waitingFor;
  const states = late.waitingFor.map(({ service, state }) => `${service} (${state})`).join(", ");
  return new ThreadsError("NOT_HEALTHY", {
    message: `after ${Math.round(late.timeoutMs / 1000)} s these services are still not ready: ${states}`,
    details: first?.container === undefined ? late.log : story(first.container, late.log),
    next: ["raise the timeout in threads.yml if they only need longer", "look at the log above, then run this again"],
  });
}

function story(container: Container, log: readonly string[]): string[] {
  const health = container.healthLog.slice(-3).flatMap((entry) => entry.split("\n").slice(0, 5));
  return [
    ...health.map((line) => `${container.service} health check: ${line}`),
    ...log.map((line) => `${container.service} | ${line}`),
  ];
}

interface Known {
  readonly says: RegExp;
  readonly code: SettledCode;
  readonly message: (found: string) => string;
  readonly next: readonly string[];
}

/** What is wrong with the machine or the network, not with the code: refusals, nothing was tested. */
const known: readonly Known[] = [
  {
    says: /(?:Bind for |listen tcp\d? |failed to bind host port (?:for )?)((?:\[\S*?\]|\S*?):\d+)(?::? bind|[:/]\S*)?:? (?:failed: port is already allocated|address already in use)/,
    code: "PORT_TAKEN",
    message: (port) => `port ${port} is taken by another program`,
    next: ["ss -ltnp", "docker ps --format '{{.Names}}\\t{{.Ports}}'"],
  },
  {
    says: /(toomanyrequests|You have reached your pull rate limit)/,
    code: "RATE_LIMITED",
    message: () => "the registry limits how many images may be pulled; this says nothing about the code",
    next: ["docker login", "wait, then run this again"],
  },
  {
    says: /((?:pull access denied for |manifest unknown|manifest for \S+ not found|no basic auth credentials|unauthorized: |denied: requested access|authorization failed|failed to resolve (?:reference|source metadata))[^\n]*)/,
    code: "IMAGE_NOT_AVAILABLE",
    message: (what) => `an image cannot be pulled: ${what}`,
    next: ["docker login"],
  },
  {
    says: /(no space left on device)/,
    code: "DISK_FULL",
    message: () => "the disk of the Docker engine is full",
    next: ["docker system df", "docker builder prune"],
  },
];

/** @param said the words of docker or its engine, and of nobody else: what a container or a build prints proves nothing */
export function machineFault(said: string, details: readonly string[]): ThreadsError | undefined {
  const silent = unreachableRegistry(said);
  const [, image = "an image"] =
    /failed to resolve (?:reference|source metadata for) "?([^\s"]+?)"?: /.exec(said) ?? [];
  if (silent !== undefined)
    return new ThreadsError("IMAGE_NOT_AVAILABLE", {
      message: `${image} cannot be pulled, ${silent.host} does not answer: ${silent.why}`,
      next: [silent.next, "bin/setup"],
      details,
    });
  for (const one of known) {
    const found = one.says.exec(said);
    if (found === null) continue;
    return new ThreadsError(one.code, {
      message: one.message(found[1] ?? ""),
      next: one.next,
      details,
    });
  }
  return undefined;
}

/** A compose file that compose itself cannot read, or that wants a variable nobody sets. */
export function fileFailure(failure: CommandFailed): unknown {
  const explained = dockerFailure(failure);
  if (explained !== failure) return explained;
  const details = failure.tail.filter((line) => line.trim() !== "");
  return composeFileFault(
    `docker compose cannot read the compose file: ${details.at(-1) ?? "no reason given"}`,
    "correct the compose file, then run this again",
    { details: details.slice(0, -1), cause: failure },
  );
}

/** A pull that fails tells nothing about the code, whatever the reason. */
export function pullFailure(failure: CommandFailed, reference: string): unknown {
  const explained = dockerFailure(failure);
  if (explained !== failure) return explained;
  const details = failure.tail.filter((line) => line.trim() !== "");
  return (
    machineFault(failure.tail.join("\n"), details) ??
    new ThreadsError("IMAGE_NOT_AVAILABLE", {
      message: `${reference} cannot be pulled`,
      next: [`docker pull ${reference}`],
      details,
      cause: failure,
    })
  );
}

/** Compose ended badly and no container tells why: what its own words mean. */
export function composeFailure(failure: CommandFailed, doing: string): unknown {
  const explained = dockerFailure(failure);
  if (explained !== failure) return explained;
  const said = failure.tail.join("\n");
  const details = failure.tail.filter((line) => line.trim() !== "");
  const machine = machineFault(said, details);
  if (machine !== undefined) return machine;
  if (failure.exitCode === undefined && /took too long/.test(failure.message))
    return new ThreadsError("TIMED_OUT", {
      message: `${doing} took too long and was ended`,
      next: ["raise the timeout in threads.yml if it only needs longer"],
      details,
      cause: failure,
    });
  return new ThreadsError("COMPOSE_FAILED", {
    message: `${doing} failed (${endOf(failure)})`,
    next: ["correct what the lines above say, then run this again"],
    details,
    cause: failure,
  });
}

/** `exit code 17`, or `was ended by SIGKILL`. */
function endOf({ exitCode, message }: CommandFailed): string {
  return exitCode === undefined ? message.slice(message.lastIndexOf(": ") + 2) : `exit code ${exitCode}`;
}
