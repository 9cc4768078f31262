import { testArgs } from "../../actions/test/plan.ts";
import type { TestResult } from "../../actions/test/result.ts";
import { count, took } from "../../text/words.ts";
import { nextLines } from "../next.ts";
import type { Paint, Render } from "../paint.ts";

type Of<Outcome extends TestResult["outcome"]> = Extract<TestResult, { readonly outcome: Outcome }>;

export const renderTest: Render<TestResult> = (result, paint) =>
  result.outcome === "passed"
    ? passed(result, paint)
    : result.outcome === "planned"
      ? planned(result, paint)
      : unchanged(result, paint);

function unchanged({ service, since, next, advice }: Of<"unchanged">, paint: Paint): string[] {
  const { name = "", from } = since ?? {};
  return [
    `The suites in ${paint.strong(service)} were not run: nothing that they are made from has changed since ${name}`,
    ...(from == null ? [] : [`  ${from}`]),
    ...nextLines({ next, advice }, paint),
  ];
}

function planned({ service, compose, revision, args, reports, next }: Of<"planned">, paint: Paint): string[] {
  return [
    `Would test ${paint.strong(revision)}`,
    `  1. build what ${service} needs from ${compose.join(" + ")}, and start it under a random name`,
    `  2. run the suites in ${service}${args.length === 0 ? "" : `, with ${testArgs(args)}`}`,
    `  3. ${reports === null ? "" : `bring their reports to ${reports}, and `}take everything down`,
    ...nextLines({ next, advice: [] }, paint, ""),
  ];
}

function passed(result: Of<"passed">, paint: Paint): string[] {
  const { buildMs, suitesMs, downMs } = result.durations;
  const times = `build ${took(buildMs)} · suites ${took(suitesMs)} · down ${took(downMs)}`;
  return [
    `${paint.good("✔")} The suites in ${paint.strong(result.service)} passed  ${paint.dim(times)}`,
    `  ${result.revision}${testsText(result.tests)}`,
    ...nextLines(result, paint),
    ...result.leftovers.map((name) => paint.warn(`  still there: ${name}`)),
  ];
}

function testsText(tests: Of<"passed">["tests"]): string {
  if (tests === null) return "";
  return `  ${count(tests.run, "test")}${tests.skipped === 0 ? "" : `, ${tests.skipped} skipped`}`;
}
