import type { DownResult } from "../../sandbox/down.ts";
import type { Render } from "../paint.ts";

/** What went and what stays. */
export const renderSandboxDown: Render<DownResult> = ({ outcome }, paint) => {
  if (outcome === "nothing") return ["There is no sandbox here."];
  if (outcome === "purged") return [`The sandbox is ${paint.good("gone")}, with its data.`];
  return [
    outcome === "already-down" ? "The sandbox is down already." : `The sandbox is ${paint.good("down")}.`,
    paint.dim("Its data is kept: threads sandbox up brings it back, threads sandbox down --purge removes it."),
  ];
};
