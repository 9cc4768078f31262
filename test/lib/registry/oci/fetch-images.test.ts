import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateRepositoryCommand } from "@aws-sdk/client-ecr";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { EcrRepo } from "../../../../src/lib/image/ecr-repo.ts";
import { connectRegistry } from "../../../../src/lib/registry/ecr/ecr.ts";
import { ecrBlobs } from "../../../../src/lib/registry/ecr/fetch-blob.ts";
import { fetchImages } from "../../../../src/lib/registry/oci/fetch-images.ts";
import { readImage } from "../../../../src/lib/registry/oci/layout.ts";
import { uploadImage } from "../../../../src/lib/registry/oci/upload-image.ts";
import type { Registry } from "../../../../src/lib/registry/registry.ts";
import type { ImagePin } from "../../../../src/lib/release/release.ts";
import { type FakeDistribution, startFakeDistribution } from "../../../fakes/distribution.ts";
import { repoAt } from "../../../fakes/ecr-repo.ts";
import { type FakeIndex, fakeIndex, writeLayout } from "../../../fakes/index-image.ts";
import { openSandbox, type OpenSandbox } from "../../sandbox/server/open-sandbox.ts";
import { jumpingClock } from "../connect.ts";

// From one registry to another, and every byte as it was.

let distribution: FakeDistribution;
let sandbox: OpenSandbox;
let registry: Registry;
let repo: EcrRepo;
let folder: string;
let repository: string;
let count = 0;
beforeAll(async () => {
  distribution = await startFakeDistribution();
  sandbox = await openSandbox({ upstream: distribution.upstream });
  repo = repoAt(`127.0.0.1:${String(sandbox.port)}`);
  registry = connectRegistry({ repo, aws: { ecr: () => Promise.resolve(sandbox.ecr) }, clock: jumpingClock() });
});
afterAll(async () => {
  await sandbox.stop();
  await distribution.stop();
});
beforeEach(async (test) => {
  count += 1;
  repository = await created(`threads/web-${String(count)}`);
  folder = await mkdtemp(join(tmpdir(), "threads-fetch-"));
  test.onTestFinished(() => rm(folder, { recursive: true }));
});

async function created(repositoryName: string): Promise<string> {
  await sandbox.ecr.send(new CreateRepositoryCommand({ repositoryName }));
  return repositoryName;
}

const shared = Buffer.from("the same layer of both");

async function uploaded(index: FakeIndex, tag: string, to = repository): Promise<ImagePin> {
  const place = join(folder, "theirs");
  await writeLayout(place, index);
  const contents = await readImage(place, index.digest, tag);
  await uploadImage({ registry, clock: jumpingClock() }, contents, { repository: to, tag });
  await rm(place, { recursive: true });
  return { repository: to, digest: index.digest };
}

const fetchBlob = (signal = new AbortController().signal) =>
  ecrBlobs({ repo, aws: { ecr: () => Promise.resolve(sandbox.ecr) }, clock: jumpingClock(), signal });
const downloads = async (last: number): Promise<number> =>
  (await sandbox.log(last)).entries.filter(({ operation }) => operation === "GetDownloadUrlForLayer").length;

test("an index comes whole, with all that it lists, and goes on to another place with the same digest", async () => {
  const index = fakeIndex({ text: "one", platforms: ["linux/amd64", "linux/arm64"] });
  const pin = await uploaded(index, "one");
  const said: string[] = [];
  await fetchImages(folder, [pin], { registry, fetchBlob: fetchBlob(), onProgress: (text) => said.push(text) });
  const files = await readdir(join(folder, "blobs", "sha256"));
  expect(files.toSorted()).toEqual([...index.blobs.keys()].map((digest) => digest.slice("sha256:".length)).toSorted());
  for (const [digest, bytes] of index.blobs)
    expect(await readFile(join(folder, "blobs", ...digest.split(":")))).toEqual(bytes);
  expect(said.at(-1)).toMatch(/^0\.0 of 0\.0 MB$/);
  const other = await created(`${repository}-copy`);
  const contents = await readImage(folder, index.digest, "web");
  await uploadImage({ registry, clock: jumpingClock() }, contents, { repository: other, tag: "one" });
  expect((await registry.find(other, "one"))?.digest).toBe(index.digest);
});

test("what several have is fetched once, wherever they lie", async () => {
  const beside = await created(`${repository}-beside`);
  const pins = [
    await uploaded(fakeIndex({ text: "two", shared }), "two"),
    await uploaded(fakeIndex({ text: "three", shared }), "three", beside),
  ];
  const { last } = await sandbox.log();
  await fetchImages(folder, pins, { registry, fetchBlob: fetchBlob() });
  // Of each image a layer, a config, and an attestation with a config of its own; the shared layer once.
  expect(await downloads(last)).toBe(2 * 4 + 1);
});

test("a failure in between is tried again, and what came for nothing does not count", async () => {
  const pin = await uploaded(fakeIndex({ text: "four" }), "four");
  await sandbox.settings({ faults: [{ operation: "DownloadLayer", kind: "throttle", times: 2 }] });
  await fetchImages(folder, [pin], { registry, fetchBlob: fetchBlob() });
  await sandbox.settings({ faults: [{ operation: "DownloadLayer", kind: "throttle", times: 99 }] });
  const wanted = fetchImages(folder, [pin], { registry, fetchBlob: fetchBlob() });
  await expect(wanted).rejects.toMatchObject({ code: "DOWNLOAD_FAILED", exitCode: 3 });
  await sandbox.settings({ faults: [] });
});

test("bytes that are not those of the digest are not taken", async () => {
  const pin = await uploaded(fakeIndex({ text: "five" }), "five");
  const blob = fetchBlob();
  const wrong = fetchImages(folder, [pin], {
    registry,
    // A manifest may promise less than there is.
    fetchBlob: (one, ...more) => blob({ ...one, size: one.size - 1 }, ...more),
  });
  await expect(wrong).rejects.toMatchObject({
    code: "DOWNLOAD_FAILED",
    message: expect.stringMatching(/cannot be downloaded: has more than \d+ bytes$/),
  });
});

test("an image that is gone is told before anything is fetched", async () => {
  const { digest } = fakeIndex({ text: "never uploaded" });
  const { last } = await sandbox.log();
  const wanted = fetchImages(folder, [{ repository, digest }], { registry, fetchBlob: fetchBlob() });
  await expect(wanted).rejects.toMatchObject({ code: "IMAGE_GONE" });
  expect(await downloads(last)).toBe(0);
});

test("whoever has enough ends it", async () => {
  const pin = await uploaded(fakeIndex({ text: "six" }), "six");
  const over = new AbortController();
  over.abort(new Error("Ctrl-C"));
  const wanted = fetchImages(folder, [pin], { registry, fetchBlob: fetchBlob(over.signal) });
  await expect(wanted).rejects.toThrow("Ctrl-C");
});
