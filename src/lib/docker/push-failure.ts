import type { SettledCode } from "../errors/codes.ts";
import type { ThreadsError } from "../errors/threads-error.ts";
import type { CommandFailed } from "../process/processes.ts";
import { linesOf, dockerError, registryFault } from "./failure.ts";

/** ECR's sentence after twelve hours, and docker's where the login has gone from its configuration. */
const loginExpired = /authorization token has expired|no basic auth credentials/i;

/** What registries answer, each in its own words: a repository may be called `immutable` or `denied-party`. */
const immutable = /tag invalid: |(?:tag|repository) is immutable/i;
const denied =
  /(?:^|: )(?:denied|unauthorized): |access (?:to the resource )?(?:is )?denied|authorization failed|\b40[13] (?:Unauthorized|Forbidden)/im;
const noRepository = /name unknown: |repository [^\n]*(?:not found|does not exist)/i;

export function pushFailure(failure: CommandFailed): ThreadsError {
  const { message } = failure;
  const said = failure.tail.join("\n");
  const known = (code: SettledCode, next: string): ThreadsError =>
    dockerError(failure, { code, message, next: [next] });
  if (immutable.test(said)) return known("TAG_CONFLICT", "threads publish --dry-run");
  if (loginExpired.test(said)) return known("LOGIN_EXPIRED", "threads publish");
  if (denied.test(said)) return known("PUSH_DENIED", "aws sts get-caller-identity");
  if (noRepository.test(said)) return known("REPOSITORY_NOT_FOUND", "aws ecr describe-repositories");
  return registryFault(said, failure, ["threads doctor"]) ?? known("PUSH_FAILED", "threads publish");
}

/** A login comes before a push or a pull: nothing was begun. */
export function loginFailure(failure: CommandFailed): ThreadsError {
  const said = failure.tail.join("\n");
  const message = `docker cannot log in to the registry: ${linesOf(failure).at(-1) ?? failure.message}`;
  const next = ["aws sts get-caller-identity"];
  return (
    registryFault(said, failure, ["threads doctor"]) ?? dockerError(failure, { code: "LOGIN_FAILED", message, next })
  );
}
