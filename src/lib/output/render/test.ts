import type { TestResult } from "../../actions/test/result.ts";
import { took } from "../../text/words.ts";
import type { Render } from "../paint.ts";

export const renderTest: Render<TestResult> = (result, paint) => {
  const { buildMs, suitesMs, downMs } = result.durations;
  const times = `build ${took(buildMs)} · suites ${took(suitesMs)} · down ${took(downMs)}`;
  return [
    `${paint.good("✔")} The suites in ${paint.strong(result.service)} passed  ${paint.dim(times)}`,
    `  ${result.revision}`,
    ...result.leftovers.map((name) => paint.warn(`  still there: ${name}`)),
  ];
};
