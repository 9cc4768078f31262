import { ThreadsError } from "../errors/threads-error.ts";
import { CommandFailed } from "../process/processes.ts";

/** @throws ThreadsError NO_DOCKER, or what `failed` makes of it; anything but a program's failure as it is */
export function inWords(error: unknown, failed: (error: CommandFailed, said: string) => ThreadsError): never {
  if (!(error instanceof CommandFailed)) throw error;
  const said = error.tail.join("\n");
  if (error.exitCode === undefined) throw noDocker(error.message, error);
  if (/Cannot connect to the Docker daemon|error during connect|permission denied.*docker/i.test(said))
    throw noDocker(error.tail.at(-1) ?? said, error);
  throw failed(error, said);
}

export function noDocker(why: string, cause?: unknown): ThreadsError {
  return new ThreadsError("refused", {
    code: "NO_DOCKER",
    message: `docker does not answer: ${why}`,
    next: ["docker info"],
    ...(cause === undefined ? {} : { cause }),
  });
}

/** ECR's sentence after twelve hours, and docker's where the login has gone from its configuration. */
const loginExpired = /authorization token has expired|no basic auth credentials/i;

export function failedPush(error: CommandFailed, said: string): ThreadsError {
  const known = (code: string, outcome: "refused" | "conflict", next: string): ThreadsError =>
    new ThreadsError(outcome, { code, message: error.message, next: [next], details: error.tail, cause: error });
  if (/immutable|tag invalid/i.test(said)) return known("TAG_CONFLICT", "conflict", "threads publish --dry-run");
  if (loginExpired.test(said)) return known("LOGIN_EXPIRED", "refused", "threads publish");
  if (/unauthorized|denied/i.test(said)) return known("PUSH_DENIED", "refused", "aws sts get-caller-identity");
  if (/name unknown|repository .* (?:not found|does not exist)/i.test(said))
    return known("REPOSITORY_NOT_FOUND", "refused", "aws ecr describe-repositories");
  return known("PUSH_FAILED", "refused", "threads publish");
}

/** The folder for temporary files takes the images whole. */
export function failedExport(error: CommandFailed, said: string): ThreadsError {
  if (!/no space left on device/i.test(said))
    return new ThreadsError("refused", {
      code: "EXPORT_FAILED",
      message: `docker did not export the images: ${error.message}`,
      details: error.tail,
      next: ["threads publish"],
      cause: error,
    });
  return new ThreadsError("refused", {
    code: "DISK_FULL",
    message: "there is no room for docker's export of the images",
    // tar says the same of every file.
    details: error.tail.filter((line) => /no space left/i.test(line)).slice(0, 1),
    next: ["export TMPDIR=<a folder on a larger disk>, then: threads publish", "df -h"],
    cause: error,
  });
}
