import { daemonTrouble } from "../docker/daemon.ts";
import { unreachableRegistry } from "../docker/unreachable.ts";
import type { SettledCode } from "../errors/codes.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { CommandFailed } from "../process/processes.ts";

/** @throws ThreadsError NO_DOCKER, or what `failed` makes of it; anything but a program's failure as it is */
export function inWords(error: unknown, failed: (error: CommandFailed, said: string) => ThreadsError): never {
  if (!(error instanceof CommandFailed)) throw error;
  if (error.exitCode === undefined) throw noDocker(error.message, error);
  const trouble = daemonTrouble(error.tail);
  if (trouble !== undefined) throw noDocker(trouble.line, error);
  throw failed(error, error.tail.join("\n"));
}

export function noDocker(why: string, cause?: unknown): ThreadsError {
  return new ThreadsError("NO_DOCKER", {
    message: `docker does not answer: ${why}`,
    next: ["docker info"],
    ...(cause === undefined ? {} : { cause }),
  });
}

/** ECR's sentence after twelve hours, and docker's where the login has gone from its configuration. */
const loginExpired = /authorization token has expired|no basic auth credentials/i;

/** What registries answer, each in its own words: a repository may be called `immutable` or `denied-party`. */
const immutable = /tag invalid: |(?:tag|repository) is immutable/i;
const denied =
  /(?:^|: )(?:denied|unauthorized): |access (?:to the resource )?(?:is )?denied|authorization failed|\b40[13] (?:Unauthorized|Forbidden)/im;
const noRepository = /name unknown: |repository [^\n]*(?:not found|does not exist)/i;

export function failedPush(error: CommandFailed, said: string): ThreadsError {
  const known = (code: SettledCode, next: string): ThreadsError =>
    new ThreadsError(code, { message: error.message, next: [next], details: error.tail, cause: error });
  if (immutable.test(said)) return known("TAG_CONFLICT", "threads publish --dry-run");
  if (loginExpired.test(said)) return known("LOGIN_EXPIRED", "threads publish");
  if (denied.test(said)) return known("PUSH_DENIED", "aws sts get-caller-identity");
  if (noRepository.test(said)) return known("REPOSITORY_NOT_FOUND", "aws ecr describe-repositories");
  return unreachable(error, said) ?? known("PUSH_FAILED", "threads publish");
}

/** A login comes before a push or a pull: nothing was begun. */
export function failedLogin(error: CommandFailed, said: string): ThreadsError {
  return (
    unreachable(error, said) ??
    new ThreadsError("LOGIN_FAILED", {
      message: `docker cannot log in to the registry: ${said.trim().split("\n").at(-1) ?? error.message}`,
      details: error.tail,
      next: ["aws sts get-caller-identity"],
      cause: error,
    })
  );
}

function unreachable(error: CommandFailed, said: string): ThreadsError | undefined {
  const silent = unreachableRegistry(said);
  if (silent === undefined) return undefined;
  return new ThreadsError("REGISTRY_UNREACHABLE", {
    message: `the registry ${silent.host} does not answer docker: ${silent.why}`,
    details: error.tail,
    next: [silent.next, "threads doctor"],
    cause: error,
  });
}

/** The folder for temporary files takes the images whole. */
export function failedExport(error: CommandFailed, said: string): ThreadsError {
  if (!/no space left on device/i.test(said))
    return new ThreadsError("EXPORT_FAILED", {
      message: `docker did not export the images: ${error.message}`,
      details: error.tail,
      next: ["threads publish"],
      cause: error,
    });
  return new ThreadsError("DISK_FULL", {
    message: "there is no room for docker's export of the images",
    // tar says the same of every file.
    details: error.tail.filter((line) => /no space left/i.test(line)).slice(0, 1),
    next: ["export TMPDIR=<a folder on a larger disk>, then: threads publish", "df -h"],
    cause: error,
  });
}
