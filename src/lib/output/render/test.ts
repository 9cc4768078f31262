import type { TestResult } from "../../actions/test/result.ts";
import { took } from "../../text/words.ts";
import type { Render } from "../paint.ts";

export const renderTest: Render<TestResult> = (result, paint) => {
  const { build, suites, down } = result.durations;
  const times = `build ${took(build)} · suites ${took(suites)} · down ${took(down)}`;
  return [
    `${paint.good("✔")} The suites in ${paint.strong(result.service)} passed  ${paint.dim(times)}`,
    `  ${result.revision}`,
    ...result.leftovers.map((name) => paint.warn(`  still there: ${name}`)),
  ];
};
