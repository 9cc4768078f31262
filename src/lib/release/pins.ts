import { edgeName, type ImagePin, type Release } from "./release.ts";

export type Pins = Pick<Release, "images" | "edge">;

/** What the release pins. Where there are slots the edge is beside its images; elsewhere a service may well have that name. */
export function pinsOf(
  pinned: readonly (readonly [service: string, pin: ImagePin])[],
  { strategy }: { readonly strategy: "slots" | "recreate" },
): Pins {
  const all = Object.fromEntries<ImagePin>(pinned);
  if (strategy !== "slots") return { images: all };
  const { [edgeName]: edge, ...images } = all;
  return { images, ...(edge !== undefined && { edge }) };
}

/** Where a host's script finds the edge. */
export function edgeFile({ edge }: Pins): Record<string, string> {
  return edge === undefined ? {} : { "model/edge": `${edge.repository}@${edge.digest}\n` };
}
