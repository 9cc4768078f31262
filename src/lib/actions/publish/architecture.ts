import type { LocalImage } from "../../docker/image.ts";
import type { DockerImages } from "../../docker/images.ts";
import { ThreadsError } from "../../errors/threads-error.ts";

/**
 * The architecture that all images of a release have: that of the bundle, so that a host's plain `docker pull` takes it.
 * Of an index docker tells this machine's first; what else it lists is asked only where the images differ.
 * @param local by local name
 * @throws ThreadsError MIXED_ARCHITECTURES
 */
export async function commonArchitecture(
  local: ReadonlyMap<string, LocalImage>,
  docker: Pick<DockerImages, "architectures">,
): Promise<string> {
  const told = [...new Set([...local.values()].map(({ architecture }) => architecture))];
  const [first = "amd64"] = told;
  if (told.length < 2) return first;
  const each = await Promise.all([...local].map(([name, image]) => docker.architectures(name, image)));
  const common = each[0]?.find((one) => each.every((all) => all.includes(one)));
  if (common !== undefined) return common;
  const all = [...local.keys()].map((name, index) => `${name}: ${(each[index] ?? []).join(", ")}`);
  throw new ThreadsError("MIXED_ARCHITECTURES", {
    message: `the images are built for different machines: ${told.join(", ")}`,
    details: all,
    next: ["threads smoke"],
  });
}
