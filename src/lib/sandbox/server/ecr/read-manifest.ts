import { ServiceError } from "../protocol.ts";
import type { ImageState } from "./index-state.ts";
import { digestOf, manifestTypes } from "./manifest.ts";
import type { EcrParts } from "./parts.ts";

/** The stored bytes of an image. By digest and with all media types accepted, since Distribution converts what it thinks the client cannot read. */
export async function readManifest(parts: EcrParts, repository: string, image: ImageState): Promise<Buffer> {
  const path = `/v2/${repository}/manifests/${image.digest}`;
  const { status, body } = await parts.upstream.send({
    method: "GET",
    path,
    headers: { accept: manifestTypes.join(", ") },
  });
  if (status !== 200 || digestOf(body) !== image.digest)
    throw new ServiceError("ServerException", `The registry does not give ${image.digest} (status ${status})`, 500);
  return body;
}
