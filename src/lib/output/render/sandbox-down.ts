import type { DownResult } from "../../sandbox/down.ts";
import type { Render } from "../paint.ts";

/** What went and what stays. */
export const renderSandboxDown: Render<DownResult> = ({ removed, purged, kept }, paint) => {
  const nothing = removed.containers + removed.networks + removed.volumes === 0;
  if (purged) return [nothing ? "There is no sandbox here." : `The sandbox is ${paint.good("gone")}, with its data.`];
  if (nothing && kept === 0) return ["There is no sandbox here."];
  return [
    nothing ? "The sandbox is down already." : `The sandbox is ${paint.good("down")}.`,
    paint.dim("Its data is kept: threads sandbox up brings it back, threads sandbox down --purge removes it."),
  ];
};
