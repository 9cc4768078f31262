import type { TestResult } from "../../actions/test/result.ts";
import { seconds } from "../duration.ts";
import type { Render } from "../paint.ts";

export const renderTest: Render<TestResult> = (result, paint) => {
  const { build, suites, down } = result.durations;
  const times = `build ${seconds(build)} · suites ${seconds(suites)} · down ${seconds(down)}`;
  return [
    `${paint.good("✔")} The suites in ${paint.strong(result.service)} passed  ${paint.dim(times)}`,
    `  ${result.revision}`,
    ...result.leftovers.map((name) => paint.warn(`  still there: ${name}`)),
  ];
};
