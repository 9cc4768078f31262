import { linesOf, machineFault } from "../docker/failure.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import type { CommandFailed } from "../process/processes.ts";
import type { Container } from "./containers.ts";
import { composeFileFault } from "./file-fault.ts";
import { portFault } from "./port-fault.ts";
import { healthHint, ignoredStartIntervals, tooFewTries } from "./health-hint.ts";
import { logHint, orderHint } from "./log-hint.ts";
import type { Waiting } from "./verdict.ts";

/** A container that cannot be well any more: which, why, what its health check and its log say. */
export function containerFailure(failed: {
  readonly container: Container;
  readonly reason: string;
  readonly log: readonly string[];
}): ThreadsError {
  const { container } = failed;
  const machine = machineFault(container.error, { tail: [container.error] }) ?? portFault(container, failed.log);
  if (machine !== undefined) return machine;
  return new ThreadsError("SERVICE_FAILED", {
    message: `${container.service} ${failed.reason}`,
    details: story(container, failed.log),
    advice: adviceFor(container, failed.log),
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
    advice: [
      healthHint(first?.service ?? "", first?.container?.healthLog ?? []) ??
        logHint(first?.service ?? "", late.log) ??
        "look at the log above",
      ...ignoredStartIntervals(late.waitingFor.flatMap(({ container }) => container ?? [])),
      "raise the timeout in threads.yml if they only need longer",
    ],
  });
}

function adviceFor(container: Container, log: readonly string[]): string[] {
  const hint = healthHint(container.service, container.healthLog) ?? logHint(container.service, log);
  if (hint !== undefined) return [hint];
  const more = tooFewTries(container) ?? orderHint(container.service, container.restarts, log);
  const look =
    log.length === 0 && container.health !== "unhealthy"
      ? `${container.service} has written nothing: run its command by hand, or let it say why it ends`
      : `look at the log of ${container.service} above`;
  return [look, ...(more === undefined ? [] : [more])];
}

function story(container: Container, log: readonly string[]): string[] {
  const health = container.healthLog.slice(-3).flatMap((entry) => entry.split("\n").slice(0, 5));
  return [
    ...health.map((line) => `${container.service} health check: ${line}`),
    ...log.map((line) => `${container.service} | ${line}`),
  ];
}

/** A compose file that compose itself cannot read, or that wants a variable nobody sets. */
export function fileFailure(failure: CommandFailed): ThreadsError {
  const details = linesOf(failure);
  return composeFileFault(
    `docker compose cannot read the compose file: ${details.at(-1) ?? "no reason given"}`,
    tooOldFor(details.at(-1) ?? "") ?? "correct the compose file, then run this again",
    { details: details.slice(0, -1), cause: failure },
  );
}

/** What compose does not know may be right all the same. @param says its own words */
function tooOldFor(says: string): string | undefined {
  if (/unsupported env_file format/.test(says))
    return "a format of env_file takes Docker Compose 2.30 or newer (docker compose version): update it, or take the format away";
  if (/invalid spec: .*\$\{.*too many colons/.test(says))
    return "write this volume in its long form (type, source, target): older Docker Compose cannot tell the colons of a variable from its own where it is read for hosts, which have values of their own";
  return /additional propert(?:y|ies) .* not allowed/i.test(says)
    ? "correct the compose file; or, where that is a key of a newer Docker Compose than this one (docker compose version), update it"
    : undefined;
}

/** Compose ended badly and no container tells why: what its own words mean. @param doing as a person knows it: `docker compose up` */
export function composeFailure(failure: CommandFailed, doing: string): ThreadsError {
  const machine = machineFault(failure.tail.join("\n"), failure);
  if (machine !== undefined) return machine;
  const details = linesOf(failure);
  if (failure.exitCode === undefined && /took too long/.test(failure.message))
    return new ThreadsError("TIMED_OUT", {
      message: `${doing} took too long and was ended`,
      advice: ["raise the timeout in threads.yml if it only needs longer"],
      details,
      cause: failure,
    });
  return new ThreadsError("COMPOSE_FAILED", {
    message: `${doing} failed (${endOf(failure)})`,
    advice: ["correct what the lines above say, then run this again"],
    details,
    cause: failure,
  });
}

/** `exit code 17`, or `was ended by SIGKILL`. */
function endOf({ exitCode, message }: CommandFailed): string {
  return exitCode === undefined ? message.slice(message.lastIndexOf(": ") + 2) : `exit code ${exitCode}`;
}
