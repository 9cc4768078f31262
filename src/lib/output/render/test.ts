import { testArgs } from "../../actions/test/plan.ts";
import type { TestResult } from "../../actions/test/result.ts";
import { took } from "../../text/words.ts";
import { nextLines } from "../next.ts";
import type { Paint, Render } from "../paint.ts";

type Of<Outcome extends TestResult["outcome"]> = Extract<TestResult, { readonly outcome: Outcome }>;

export const renderTest: Render<TestResult> = (result, paint) =>
  result.outcome === "planned" ? planned(result, paint) : passed(result, paint);

function planned({ service, compose, revision, args, next }: Of<"planned">, paint: Paint): string[] {
  return [
    `Would test ${paint.strong(revision)}`,
    `  1. build what ${service} needs from ${compose.join(" + ")}, and start it under a random name`,
    `  2. run the suites in ${service}${args.length === 0 ? "" : `, with ${testArgs(args)}`}`,
    "  3. take everything down",
    ...nextLines({ next, advice: [] }, paint, ""),
  ];
}

function passed(result: Of<"passed">, paint: Paint): string[] {
  const { buildMs, suitesMs, downMs } = result.durations;
  const times = `build ${took(buildMs)} · suites ${took(suitesMs)} · down ${took(downMs)}`;
  return [
    `${paint.good("✔")} The suites in ${paint.strong(result.service)} passed  ${paint.dim(times)}`,
    `  ${result.revision}`,
    ...nextLines(result, paint),
    ...result.leftovers.map((name) => paint.warn(`  still there: ${name}`)),
  ];
}
