import type { SmokeResult } from "../../stack/result.ts";
import { contractsIn } from "../../release/migrations.ts";
import { count, took } from "../../text/words.ts";
import { nextLines } from "../next.ts";
import type { Paint, Render } from "../paint.ts";
import { table } from "../table.ts";

type Of<Outcome extends SmokeResult["outcome"]> = Extract<SmokeResult, { readonly outcome: Outcome }>;

export const renderSmoke: Render<SmokeResult> = (result, paint, columns) =>
  result.outcome === "planned" ? planned(result, paint) : passed(result, paint, columns);

function planned(plan: Of<"planned">, paint: Paint): string[] {
  return [
    `Would smoke ${paint.strong(plan.revision)}${plan.bundle === null ? "" : ", as it is published"}`,
    ...imageLines(plan),
    `  2. ${environmentLine(plan.environment)}`,
    "  3. start the stack under a random name and wait until every service is healthy",
    `  4. check ${plan.checks.join(", ")}`,
    ...passedLines(plan),
    "  6. take everything down",
  ];
}

function imageLines({ images, compose, bundle }: Of<"planned">): string[] {
  if (bundle === null)
    return [`  1. build from ${compose.join(" + ")}: ${images.map((image) => image.service).join(", ")}`];
  return [`  1. pull for ${compose.join(" + ")}`, ...images.map(({ reference }) => `     ${reference ?? ""}`)];
}

function passedLines({ images, dirty, bundle }: Of<"planned">): string[] {
  if (bundle !== null) return ["  5. if all of it passed, put that on record for gates that ask for it"];
  return [
    dirty ? "  5. give no tag: there are uncommitted changes" : "  5. if all of it passed, tag",
    ...images.flatMap(({ tag }) => (tag === null ? [] : [`     ${tag}`])),
  ];
}

function environmentLine(environment: Of<"planned">["environment"]): string {
  if (environment === null) return "write an empty .env: threads.yml names no smoke.env";
  const { template, generated } = environment;
  return `write a private .env from ${template}; fresh values for: ${generated.join(", ") || "none"}`;
}

function passed(result: Of<"passed">, paint: Paint, columns: number | undefined): string[] {
  const { buildMs, upMs, checksMs, downMs } = result.durations;
  const times = `${result.bundle === null ? "build" : "pull"} ${took(buildMs)} · up ${took(upMs)} · checks ${took(checksMs)} · down ${took(downMs)}`;
  const rows = result.checks.map((check) => [
    `  ${paint.good("✔")} ${check.path}`,
    String(check.status),
    paint.dim(check.detail),
  ]);
  return [
    `${paint.good("✔")} Smoke passed: ${paint.strong(result.revision)}  ${paint.dim(times)}`,
    ...table(rows, { columns, leave: [] }),
    ...migrationLines(result),
    ...(result.tagged.length === 0 ? [] : [`  tagged with that sha: ${result.tagged.map(nameOf).join(", ")}`]),
    ...(result.bundle === null ? [] : [`  published as ${result.bundle}`]),
    ...(result.recorded ? [paint.dim("  on record for gates that ask for it")] : []),
    ...(result.kept === null ? [] : [`  kept: ${result.kept.project}, at ${result.kept.url}`]),
    ...(result.saved === null ? [] : [`  saved in ${result.saved.folder}: ${result.saved.digest}`]),
    ...nextLines(result, paint),
    ...result.leftovers.map((name) => paint.warn(`  still there: ${name}`)),
  ];
}

function migrationLines({ migrations }: Of<"passed">): string[] {
  if (migrations === null) return [];
  const contracts = contractsIn(migrations).length;
  return [`  ${count(migrations.length, "migration")}${contracts === 0 ? "" : `, ${contracts} of them contract`}`];
}

/** `threads-web` of `threads-web:8579e32…`. */
function nameOf(tag: string): string {
  return tag.slice(0, tag.lastIndexOf(":"));
}
