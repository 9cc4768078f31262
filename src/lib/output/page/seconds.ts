import { scaleLinear } from "d3-scale";
import type { StressDeployment, StressMeasured, StressSecond } from "../../actions/stress/result.ts";
import { shortRevision } from "../../release/revision.ts";
import { margin, type Size } from "./chart.ts";

export type Seconds = readonly StressSecond[];
export type Timed = Pick<StressMeasured, "startedAt" | "deployments" | "before">;

/** In which second that was, of those that began then; before the first one it is below zero. */
export function secondAt(at: string, { startedAt }: Pick<Timed, "startedAt">): number {
  return (Date.parse(at) - Date.parse(startedAt)) / 1000;
}

/** From seconds to where they are drawn, and from a value that is at most `most`. */
export function scales(seconds: Seconds, most: number, { width, height }: Size) {
  return {
    x: scaleLinear([0, Math.max(1, seconds.length)], [margin.left, width - margin.right]),
    y: scaleLinear([0, most], [height - margin.bottom, margin.top]).nice(4),
  };
}

export function deploymentText({
  kind,
  number,
  revision,
}: Pick<StressDeployment, "kind" | "number" | "revision">): string {
  return `${kind} ${shortRevision(revision)} (#${number})`;
}
