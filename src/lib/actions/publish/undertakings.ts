import type { Undertaking } from "../../errors/undertaking.ts";
import type { PlannedImage } from "./plan.ts";
import { type Asked, publishLine } from "./publish-line.ts";

/** Which images belong together. */
export const setPart = "the record of the images";
export const tagsPart = "the tags of the images";
export const bundlePart = "the bundle";
export const treePart = "the tag of its sources";
/** In one part: cosign does not tell how far it came. */
export const signaturesPart = "the signatures";

const verdict: Undertaking["verdict"] = (stateOf) =>
  ({
    open: "nothing is published before the bundle is",
    doubt: "whether the release is published is not known",
    done: "the release is published",
  })[stateOf(bundlePart)];

function signatures({ sign }: Asked): readonly string[] {
  return sign === undefined ? [] : [signaturesPart];
}

/** Publishing a release: the images go up, then get their tags together; the bundle's tag is the commit point. */
export function publication(images: readonly PlannedImage[], asked: Asked): Undertaking {
  const missing = images.filter(({ action }) => action === "push").map(({ service }) => service);
  const tags = missing.length === 0 ? [] : [tagsPart];
  const parts = [...missing, setPart, ...tags, bundlePart, treePart, ...signatures(asked)];
  return { parts, verdict, again: publishLine(asked) };
}

/** Publishing what another machine has begun. */
export function finishing(images: readonly PlannedImage[], asked: Asked): Undertaking {
  const tags = images.some(({ action }) => action === "retag") ? [tagsPart] : [];
  return { parts: [...tags, bundlePart, treePart, ...signatures(asked)], verdict, again: publishLine(asked) };
}

/** Putting tags back that a published release has lost, or never got; and signing it. */
export function mending(images: readonly PlannedImage[], asked: Asked): Undertaking {
  const untagged = images.filter(({ action }) => action === "retag").map(({ service }) => service);
  return {
    parts: [...untagged, treePart, ...signatures(asked)],
    verdict: () => "the release itself is published",
    again: publishLine(asked),
  };
}
