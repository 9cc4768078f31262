import type { DownResult } from "../../sandbox/down.ts";
import { count, list } from "../../text/words.ts";
import { nextLines } from "../next.ts";
import type { Paint, Render } from "../paint.ts";

/** What went and what stays. */
export const renderSandboxDown: Render<DownResult> = (result, paint) => {
  const { outcome } = result;
  if (outcome === "planned") return planned(result, paint);
  if (outcome === "nothing") return ["There is no sandbox here."];
  if (outcome === "purged") return [`The sandbox is ${paint.good("gone")}, with its data.`];
  return [
    outcome === "already-down" ? "The sandbox is down already." : `The sandbox is ${paint.good("down")}.`,
    paint.dim("Its data is kept: threads sandbox up brings it back,"),
    paint.dim("threads sandbox down --purge removes it."),
  ];
};

function planned(result: DownResult, paint: Paint): string[] {
  const { containers, networks, volumes, images } = result.removed;
  const some = (number: number, noun: string): string[] => (number === 0 ? [] : [count(number, noun)]);
  const going = [
    ...some(containers, "container"),
    ...some(networks, "network"),
    ...some(volumes, "volume"),
    ...some(images, "image tag"),
  ];
  const kept = result.kept === 0 ? "" : `; ${count(result.kept, "volume")} with its data would stay`;
  return [`Would remove ${list(going)} of the sandbox${kept}.`, ...nextLines(result, paint)];
}
