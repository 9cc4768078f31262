import type { PromoteResult } from "../../actions/promote/result.ts";
import type { Next } from "../../errors/next.ts";
import { isShut } from "../../gates/judge.ts";
import { waitingText } from "../../gates/waiting.ts";
import { shortDigest } from "../../image/digest.ts";
import { count, dated } from "../../text/words.ts";
import { nextLines } from "../next.ts";
import type { Paint, Render } from "../paint.ts";
import { table } from "../table.ts";
import { gateLines } from "./gates.ts";
import { shipLines } from "./ships.ts";

/** What `threads promote` tagged or would tag, what it ships, and what to type next. */
export const renderPromote: Render<PromoteResult> = (result, paint, columns) => [
  headline(result, paint),
  ...tagLines(result, paint, columns),
  ...(result.outcome === "already-promoted" ? [] : shipLines(result.ships, result.environment, paint)),
  ...(isPlan(result) ? ["  gates:", ...gateLines(result.gates, paint, narrower(columns)).flatMap(indented)] : []),
  ...result.gates.flatMap(({ gate, reason }) =>
    // Where nothing was done, nothing was overridden.
    reason === null || result.outcome !== "promoted" ? [] : [paint.warn(`  ${gate} was overridden: ${reason}`)],
  ),
  ...(result.smoke?.leftovers ?? []).map((name) => paint.warn(`  still there: ${name}`)),
  ...nextLines(isPlan(result) ? besidesGates(result) : result, paint),
];

/** What opens a gate is told beside it. */
function besidesGates({ next, advice, gates }: PromoteResult): Next {
  const told = new Set(gates.flatMap((gate) => [...gate.next, ...gate.advice]));
  return { next: next.filter((text) => !told.has(text)), advice: advice.filter((text) => !told.has(text)) };
}

/** Nothing was done. */
const isPlan = ({ outcome }: PromoteResult): boolean => ["planned", "waiting", "refused"].includes(outcome);

function headline({ outcome, revision, environment, smoke, gates }: PromoteResult, paint: Paint): string {
  const what = `${paint.strong(revision)} to ${environment}`;
  if (outcome === "refused") {
    // The smoke test that is missing is what the promotion runs.
    const shut = gates.filter((gate) => isShut(gate) && !(gate.gate === "smoke" && gate.state === "missing"));
    return `${paint.bad("✖")} Would be refused: ${what}: ${shut.map(({ gate, state }) => `${gate} ${state}`).join(", ")}`;
  }
  if (outcome === "waiting") {
    const shut = gates.filter(({ opensBy }) => opensBy !== null);
    return `${paint.warn("Waiting")}: ${what}: ${shut.map(waitingText).join(", ")}`;
  }
  if (outcome === "planned") return `Would promote ${what}`;
  if (outcome === "already-promoted") return `${paint.good("✔")} Already promoted: ${what}`;
  if (smoke === null) return `${paint.good("✔")} Promoted ${what}, without a smoke test`;
  const checks = count(smoke.checks.length, "check");
  const how =
    smoke.evidence === "run" ? `smoke passed (${checks})` : `smoke had passed on ${dated(smoke.passedAt)} (${checks})`;
  return `${paint.good("✔")} Promoted ${what}, ${how}`;
}

function narrower(columns: number | undefined): number | undefined {
  return columns === undefined ? undefined : columns - 2;
}

function indented(lines: string): string[] {
  return lines.split("\n").map((line) => `  ${line}`);
}

function tagLines(result: PromoteResult, paint: Paint, columns: number | undefined): string[] {
  const version = result.tags.slice(0, -1).map((tag) => `  also as ${paint.strong(tag)}`);
  const rows = result.images.map(({ repository, tag, digest, outcome }) => [
    `  ${repository}:${tag}`,
    paint.dim(shortDigest(digest)),
    outcome === "create" ? "would be created" : outcome,
  ]);
  const { repository, tag, digest } = result.bundle;
  const last = isPlan(result) ? "would be tagged last" : "the release";
  const all = [...rows, [`  ${repository}:${tag}`, paint.dim(shortDigest(digest)), last]];
  const whole = table(all, { columns, leave: [1] });
  const fits = columns === undefined || Math.max(...all.map(([name = ""]) => name.length)) + outcomeRoom <= columns;
  return [...(fits ? whole : shortTagLines(result, paint, last)), ...version];
}

/** Beside the name of a tag stands what became of it. */
const outcomeRoom = "  would be tagged last".length;

/** Where names of repositories have no room: the services, and once the tag that they share. */
function shortTagLines({ images, tag }: PromoteResult, paint: Paint, last: string): string[] {
  const rows = images.map(({ service, outcome }) => [
    `  ${service}`,
    outcome === "create" ? "would be created" : outcome,
  ]);
  return [`  as ${paint.strong(tag)}`, ...table([...rows, ["  bundle", last]])];
}
