import { tmpdir } from "node:os";
import { machineFault, refusal, registryFault } from "../docker/failure.ts";
import type { SettledCode } from "../errors/codes.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import type { CommandFailed } from "../process/processes.ts";

/** ECR's sentence after twelve hours, and docker's where the login has gone from its configuration. */
const loginExpired = /authorization token has expired|no basic auth credentials/i;

/** What registries answer, each in its own words: a repository may be called `immutable` or `denied-party`. */
const immutable = /tag invalid: |(?:tag|repository) is immutable/i;
const denied =
  /(?:^|: )(?:denied|unauthorized): |access (?:to the resource )?(?:is )?denied|authorization failed|\b40[13] (?:Unauthorized|Forbidden)/im;
const noRepository = /name unknown: |repository [^\n]*(?:not found|does not exist)/i;

export function pushFailure(failure: CommandFailed): ThreadsError {
  const { message, tail } = failure;
  const said = tail.join("\n");
  const refused = (code: SettledCode, next: string): ThreadsError => refusal(failure, { code, message, next: [next] });
  if (immutable.test(said)) {
    const next = ["threads publish --dry-run"];
    return new ThreadsError("TAG_CONFLICT", { message, next, details: tail, cause: failure });
  }
  if (loginExpired.test(said)) return refused("LOGIN_EXPIRED", "threads publish");
  if (denied.test(said)) return refused("PUSH_DENIED", "aws sts get-caller-identity");
  if (noRepository.test(said)) return refused("REPOSITORY_NOT_FOUND", "aws ecr describe-repositories");
  return registryFault(said, failure, ["threads doctor"]) ?? refused("PUSH_FAILED", "threads publish");
}

/** A login comes before a push or a pull: nothing was begun. */
export function loginFailure(failure: CommandFailed): ThreadsError {
  const said = failure.tail.join("\n");
  const message = `docker cannot log in to the registry: ${said.trim().split("\n").at(-1) ?? failure.message}`;
  const next = ["aws sts get-caller-identity"];
  return registryFault(said, failure, ["threads doctor"]) ?? refusal(failure, { code: "LOGIN_FAILED", message, next });
}

/** The folder for temporary files takes the images whole; docker writes them into one of its own before. */
export function exportFailure(failure: CommandFailed): ThreadsError {
  // tar says the same of every file.
  const full = failure.tail.find((line) => /^tar: .*no space left on device/i.test(line));
  if (full !== undefined) {
    const message = `${tmpdir()} has no room for docker's export of the images`;
    const next = ["df -h", "TMPDIR=/var/tmp threads publish"];
    return new ThreadsError("DISK_FULL", { message, next, details: [full], cause: failure });
  }
  const message = `docker did not export the images: ${failure.message}`;
  return (
    machineFault(failure.tail.join("\n"), failure, ["threads publish"]) ??
    refusal(failure, { code: "EXPORT_FAILED", message, next: ["threads publish"] })
  );
}
