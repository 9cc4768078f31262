import { sentence } from "../compose/problem.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { count } from "../text/words.ts";
import type { Translation } from "./translate.ts";

/** @param what the release, for the message. @throws ThreadsError NOT_FOR_ECS with all that cannot be translated, and what to do about each */
export function requireTranslation(
  { problems }: Pick<Translation, "problems">,
  { what, environment }: { readonly what: string; readonly environment: string },
): void {
  if (problems.length === 0) return;
  const details = [...new Set(problems.map(sentence))];
  throw new ThreadsError("NOT_FOR_ECS", {
    message: `${what} cannot run on the ECS of ${environment}, for ${count(details.length, "reason")}: ${details[0] ?? ""}`,
    details,
    next: ["threads help ecs"],
    advice: ["correct what the lines above name, in the compose file or in threads.yml, and commit it"],
  });
}
