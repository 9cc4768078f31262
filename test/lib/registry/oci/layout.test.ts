import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { digestOf } from "../../../../src/lib/image/digest.ts";
import { readImage } from "../../../../src/lib/registry/oci/layout.ts";
import { type FakeIndex, fakeIndex, writeLayout } from "../../../fakes/index-image.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "threads-layout-"));
});
afterEach(() => rm(folder, { recursive: true }));

const both = ["linux/amd64", "linux/arm64"];
const bodyOf = ({ blobs, digest }: FakeIndex): string => blobs.get(digest)?.toString() ?? "";
const listed = (body: string) => (JSON.parse(body) as { manifests: { digest: string }[] }).manifests;
const read = (index: FakeIndex) => readImage(folder, index.digest, "threads-web:1");

describe("an index in an OCI layout", () => {
  test("is read with every child, config and layer, each once, and its bytes as they are", async () => {
    const index = fakeIndex({ text: "one", platforms: both });
    await writeLayout(folder, index);
    const contents = await read(index);
    expect(contents.root).toEqual({ digest: index.digest, mediaType: index.mediaType, body: bodyOf(index) });
    expect(contents.children.map(({ digest }) => digest)).toEqual(listed(bodyOf(index)).map(({ digest }) => digest));
    // Of each platform a layer and a config, and of its attestation both; and the layer that they share.
    expect(contents.blobs.filter(({ isLayer }) => isLayer)).toHaveLength(5);
    expect(contents.blobs.filter(({ isLayer }) => !isLayer)).toHaveLength(4);
    const all = [contents.root, ...contents.children, ...contents.blobs].map(({ digest }) => digest);
    expect(new Set(all)).toEqual(new Set(index.blobs.keys()));
    for (const blob of contents.blobs) {
      const halves = [await blob.read(0, 3), await blob.read(3, blob.size)];
      expect(digestOf(Buffer.concat(halves))).toBe(blob.digest);
    }
  });

  test("may list another index, which comes after what it lists itself", async () => {
    const inner = fakeIndex({ text: "one" });
    const { mediaType } = inner;
    // OCI lets the media type be left out: then only whoever lists a manifest knows it.
    const own = bodyOf(inner).replace(`"mediaType": "${mediaType}",`, "");
    expect(own).not.toContain(mediaType);
    const child = { mediaType, digest: digestOf(own), size: own.length };
    const body = JSON.stringify({ schemaVersion: 2, manifests: [child] });
    const outer = { digest: digestOf(body), mediaType, blobs: new Map(inner.blobs) };
    outer.blobs.set(child.digest, Buffer.from(own)).set(outer.digest, Buffer.from(body));
    await writeLayout(folder, outer);
    const { children, root } = await read(outer);
    expect(children.map(({ digest }) => digest)).toEqual([...listed(own).map(({ digest }) => digest), child.digest]);
    expect([children.at(-1)?.mediaType, root.mediaType]).toEqual([mediaType, mediaType]);
  });

  test.each([
    ["manifest", (index: FakeIndex) => listed(bodyOf(index))[2]?.digest ?? ""],
    ["layer", () => digestOf("one for linux/arm64")],
  ])("is refused where docker has no %s of a platform, which is named", async (_, lost) => {
    const index = fakeIndex({ text: "one", platforms: both });
    const digest = lost(index);
    expect(index.blobs.delete(digest)).toBe(true);
    await writeLayout(folder, index);
    await expect(read(index)).rejects.toMatchObject({
      code: "IMAGE_INCOMPLETE",
      exitCode: 3,
      message: "docker does not have all of threads-web:1: linux/arm64 is missing",
      details: [`linux/arm64: ${digest}`],
      next: ["threads smoke"],
      advice: [expect.stringContaining("take linux/arm64 out")],
    });
  });

  test("is refused with all that is missing, its own manifest too", async () => {
    const index = fakeIndex({ text: "one", platforms: both });
    await writeLayout(folder, { blobs: new Map([[index.digest, Buffer.from(bodyOf(index))]]) });
    await expect(read(index)).rejects.toMatchObject({
      message: expect.stringContaining("linux/amd64, attestation, linux/arm64 is missing"),
      details: expect.objectContaining({ length: 4 }),
    });
    await writeLayout(folder, { blobs: new Map() });
    await rm(join(folder, "blobs", ...index.digest.split(":")));
    await expect(read(index)).rejects.toMatchObject({
      code: "IMAGE_INCOMPLETE",
      details: [`the image itself: ${index.digest}`],
    });
  });

  test.each([
    ["a manifest with other bytes", (index: FakeIndex) => [listed(bodyOf(index))[0]?.digest ?? "", "{}"]],
    ["a layer that was cut short", () => [digestOf("one for linux/amd64"), "one for"]],
  ])("is refused with %s", async (_, change) => {
    const index = fakeIndex({ text: "one" });
    await writeLayout(folder, index);
    const [digest = "", text = ""] = change(index);
    await writeFile(join(folder, "blobs", ...digest.split(":")), text);
    await expect(read(index)).rejects.toMatchObject({
      code: "EXPORT_BROKEN",
      exitCode: 3,
      message: expect.stringContaining(digest),
    });
  });
});
