import { type Problem, sentence } from "../../compose/problem.ts";
import type { ResolvedService } from "../../project/resolve-stack.ts";

/** A problem of a compose file, with the place of the service that it is about. */
export function placed(problem: Problem, services: readonly Pick<ResolvedService, "name" | "place">[]): string {
  const place = services.find(({ name }) => name === problem.service)?.place;
  return place === undefined ? sentence(problem) : `${place} ${sentence(problem)}`;
}
