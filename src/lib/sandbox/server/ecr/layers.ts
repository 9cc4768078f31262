import { createHmac, timingSafeEqual } from "node:crypto";
import { type Digest, isDigest } from "../../../image/digest.ts";
import { type Exchange, meetFault, reply } from "../exchange.ts";
import { type Operation, ServiceError } from "../protocol.ts";
import { type EcrParts, findRepository, invalidParameter, read } from "./parts.ts";

/** How long a download URL is good for (ECR's are S3 URLs of one hour). */
const urlSeconds = 3600;
const layerPath = "/_sandbox/layers/";

/** Size of a blob that the repository holds, in bytes; undefined when it does not. */
export async function blobSize(parts: EcrParts, repository: string, digest: Digest): Promise<number | undefined> {
  const { status, headers } = await parts.upstream.send({ method: "HEAD", path: `/v2/${repository}/blobs/${digest}` });
  return status === 200 ? Number(headers["content-length"]) : undefined;
}

/** BatchCheckLayerAvailability: unknown layers are UNAVAILABLE, not failures. */
export function batchCheckLayerAvailability(parts: EcrParts): Operation {
  return async (input) => {
    const { name } = findRepository(parts, input);
    const layers: unknown[] = [];
    const failures: unknown[] = [];
    for (const layerDigest of read.strings(input, "layerDigests", { min: 1, max: 100 })) {
      if (!isDigest(layerDigest)) {
        const failureReason = "Invalid request parameters: layer digest should satisfy the regex 'sha256:[a-f0-9]{64}'";
        failures.push({ layerDigest, failureCode: "InvalidLayerDigest", failureReason });
        continue;
      }
      const layerSize = await blobSize(parts, name, layerDigest);
      layers.push(
        layerSize === undefined
          ? { layerDigest, layerAvailability: "UNAVAILABLE" }
          : {
              layerDigest,
              layerAvailability: "AVAILABLE",
              layerSize,
              mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip",
            },
      );
    }
    return { layers, failures };
  };
}

/** GetDownloadUrlForLayer: a URL on this endpoint that needs nothing but its own signature. Serves config blobs too. */
export function getDownloadUrlForLayer(parts: EcrParts): Operation {
  return async (input) => {
    const { name } = findRepository(parts, input);
    const layerDigest = read.string(input, "layerDigest");
    if (!isDigest(layerDigest))
      throw invalidParameter("layerDigest", "must satisfy regular expression 'sha256:[a-f0-9]{64}'");
    if ((await blobSize(parts, name, layerDigest)) === undefined)
      throw new ServiceError(
        "LayersNotFoundException",
        `The layer with digest '${layerDigest}' does not exist in the repository with name '${name}' in registry with id '${parts.account}'`,
      );
    const path = `${layerPath}${name}/${layerDigest}`;
    const expires = Math.floor(parts.now() / 1000) + urlSeconds;
    const query = new URLSearchParams({ expires: String(expires), signature: sign(parts, path, expires) });
    return { downloadUrl: `http://${parts.endpoint}${path}?${query.toString()}`, layerDigest };
  };
}

/** Answers such a URL; anything but a fresh, whole signature is 403, as from S3. @returns false when the path is none of these. */
export async function serveLayer(parts: EcrParts, exchange: Exchange): Promise<boolean> {
  const url = new URL(exchange.request.url ?? "/", "http://sandbox");
  if (!url.pathname.startsWith(layerPath)) return false;
  const [repository, digest] = split(url.pathname.slice(layerPath.length));
  const expires = Number(url.searchParams.get("expires"));
  const good =
    equal(sign(parts, url.pathname, expires), url.searchParams.get("signature") ?? "") && expires > parts.now() / 1000;
  const readable = exchange.request.method === "GET" || exchange.request.method === "HEAD";
  if (!good || !readable) {
    const body = "<Error><Code>AccessDenied</Code><Message>Request has expired or is not signed</Message></Error>";
    reply(exchange, { status: 403, headers: { "content-type": "application/xml" }, body });
    return true;
  }
  await meetFault(exchange, "DownloadLayer", parts.settings);
  await parts.upstream.forward(exchange, `/v2/${repository}/blobs/${digest}`);
  return true;
}

function split(path: string): [repository: string, digest: string] {
  const at = path.lastIndexOf("/");
  return [path.slice(0, at), path.slice(at + 1)];
}

function sign(parts: EcrParts, path: string, expires: number): string {
  return createHmac("sha256", parts.index.state.urlKey).update(`${path}\n${expires}`).digest("hex");
}

function equal(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}
