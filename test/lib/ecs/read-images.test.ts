import { expect, test } from "vitest";
import { readImageFacts } from "../../../src/lib/ecs/read-images.ts";
import { type Digest, digestOf } from "../../../src/lib/image/digest.ts";
import { failureOf } from "./world.ts";

const mediaType = "application/vnd.oci.image.manifest.v1+json";
const bodies = new Map<string, string>();
const blobs = new Map<string, Uint8Array>();
const registry = {
  read: async (_: string, digest: Digest) => {
    const body = bodies.get(digest);
    return body === undefined ? undefined : { digest, mediaType, body };
  },
  download: async (_: string, digest: Digest) =>
    blobs.get(digest) ?? Promise.reject(new Error(`${digest} is not there`)),
};

function put(manifest: object): Digest {
  const body = JSON.stringify(manifest);
  bodies.set(digestOf(body), body);
  return digestOf(body);
}

function image(architecture: string): Digest {
  const bytes = Buffer.from(JSON.stringify({ architecture, config: { Entrypoint: [`/${architecture}`] } }));
  blobs.set(digestOf(bytes), bytes);
  return put({ config: { digest: digestOf(bytes) } });
}

const child = (digest: Digest, os: string, architecture: string) => ({ digest, platform: { os, architecture } });
const entrypointOf = async (digest: Digest): Promise<readonly string[]> =>
  (await readImageFacts({ repository: "shop/web", digest }, registry)).entrypoint;

test("an image says of itself what its config says", async () => {
  expect(await readImageFacts({ repository: "shop/web", digest: image("arm64") }, registry)).toEqual({
    architecture: "arm64",
    entrypoint: ["/arm64"],
    user: "",
    volumes: [],
    stopSignal: undefined,
    health: undefined,
  });
});

test("of an index the image for amd64 counts, which ECS takes where it is told nothing else", async () => {
  const index = put({ manifests: [child(image("arm64"), "linux", "arm64"), child(image("amd64"), "linux", "amd64")] });
  expect(await entrypointOf(index)).toEqual(["/amd64"]);
});

test("an attestation in an index is no image, and neither is one for Windows", async () => {
  const manifests = [
    child(image("unknown"), "unknown", "unknown"),
    child(image("windows"), "windows", "amd64"),
    child(image("arm64"), "linux", "arm64"),
  ];
  expect(await entrypointOf(put({ manifests }))).toEqual(["/arm64"]);
});

test("what the registry lost, or what is no image, is refused", async () => {
  for (const digest of [digestOf("gone"), put({ manifests: [] }), put({})])
    expect(await failureOf(entrypointOf(digest))).toMatchObject({ code: "IMAGE_GONE" });
});
