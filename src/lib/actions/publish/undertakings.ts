import type { Undertaking } from "../../errors/undertaking.ts";
import type { PlannedImage } from "./plan.ts";

export const bundlePart = "the bundle";
export const treePart = "the tag of its sources";
const again = "threads publish";

/** Publishing a release: the bundle's tag is the commit point. */
export function publication(images: readonly PlannedImage[]): Undertaking {
  const missing = images.filter(({ action }) => action === "push").map(({ service }) => service);
  const verdicts = {
    open: "nothing is published before the bundle is",
    doubt: "whether the release is published is not known",
    done: "the release is published",
  };
  return { parts: [...missing, bundlePart, treePart], verdict: (stateOf) => verdicts[stateOf(bundlePart)], again };
}

/** Putting tags back that a published release has lost, or never got. */
export function mending(images: readonly PlannedImage[]): Undertaking {
  const untagged = images.filter(({ action }) => action === "retag").map(({ service }) => service);
  return { parts: [...untagged, treePart], verdict: () => "the release itself is published", again };
}
