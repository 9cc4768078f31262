import type { SmokeDownResult } from "../../actions/smoke/down.ts";
import type { SmokeListResult, SmokeService, SmokeStack } from "../../actions/smoke/stacks.ts";
import { count } from "../../text/words.ts";
import { nextLines } from "../next.ts";
import type { Paint, Render } from "../paint.ts";

const states: Readonly<Record<SmokeStack["state"], string>> = {
  working: "its run is at work",
  kept: "kept",
  left: "left by a run that was killed",
};

export const renderSmokeList: Render<SmokeListResult> = (result, paint) => [
  ...(result.stacks.length === 0 ? ["No smoke stack is on this machine"] : []),
  ...result.stacks.flatMap((stack) => stackLines(stack, paint)),
  ...nextLines(result, paint),
];

function stackLines({ project, startedAt, state, services, url }: SmokeStack, paint: Paint): string[] {
  const since = `since ${startedAt.slice(0, 16).replace("T", " ")} UTC`;
  return [
    `${paint.strong(project)}  ${states[state]}, ${since}${url === null ? "" : `, ${url}`}`,
    ...services.map((service) => paint.dim(`  ${service.service}: ${stateOf(service)}`)),
  ];
}

function stateOf({ status, health, exitCode }: SmokeService): string {
  if (exitCode !== null) return `${status} (exit code ${exitCode})`;
  return health === "none" ? status : `${status}, ${health}`;
}

export const renderSmokeDown: Render<SmokeDownResult> = (result, paint) => [
  headline(result, paint),
  ...result.stacks.map((project) => paint.dim(`  ${project}`)),
  ...result.failed.map(({ project, says }) => paint.bad(`  ${project} is still there: ${says}`)),
  ...nextLines(result, paint),
];

function headline({ outcome, stacks, failed }: SmokeDownResult, paint: Paint): string {
  if (outcome === "nothing-kept") return `${paint.good("✔")} No smoke stack is kept on this machine`;
  if (outcome === "planned") return `Would remove ${count(stacks.length, "smoke stack")}`;
  if (outcome === "down") return `${paint.good("✔")} Removed ${count(stacks.length, "smoke stack")}`;
  return `${paint.bad("✖")} Removed ${stacks.length - failed.length} of ${count(stacks.length, "smoke stack")}`;
}
