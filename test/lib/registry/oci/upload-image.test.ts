import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateRepositoryCommand, GetDownloadUrlForLayerCommand, ListImagesCommand } from "@aws-sdk/client-ecr";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import { type Digest, digestOf } from "../../../../src/lib/image/digest.ts";
import { connectRegistry } from "../../../../src/lib/registry/ecr/ecr.ts";
import type { Registry } from "../../../../src/lib/registry/registry.ts";
import { readImage } from "../../../../src/lib/registry/oci/layout.ts";
import { uploadImage } from "../../../../src/lib/registry/oci/upload-image.ts";
import { type FakeDistribution, startFakeDistribution } from "../../../fakes/distribution.ts";
import { repoAt } from "../../../fakes/ecr-repo.ts";
import { type FakeIndex, fakeIndex, writeLayout } from "../../../fakes/index-image.ts";
import { openSandbox, type OpenSandbox } from "../../sandbox/server/open-sandbox.ts";
import { jumpingClock } from "../connect.ts";

let distribution: FakeDistribution;
let sandbox: OpenSandbox;
let registry: Registry;
let folder: string;
let repository: string;
let count = 0;
beforeAll(async () => {
  distribution = await startFakeDistribution();
  sandbox = await openSandbox({ upstream: distribution.upstream, withoutSockets: true });
  const repo = repoAt(`127.0.0.1:${String(sandbox.port)}`);
  registry = connectRegistry({ repo, aws: { ecr: () => Promise.resolve(sandbox.ecr) }, clock: jumpingClock() });
  folder = await mkdtemp(join(tmpdir(), "threads-push-index-"));
});
afterAll(async () => {
  await sandbox.stop();
  await distribution.stop();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  count += 1;
  repository = await created(`threads/web-${String(count)}`);
});

async function created(
  repositoryName: string,
  imageTagMutability: "IMMUTABLE" | "MUTABLE" = "IMMUTABLE",
): Promise<string> {
  await sandbox.ecr.send(new CreateRepositoryCommand({ repositoryName, imageTagMutability }));
  return repositoryName;
}

/** What the registry gives back of a blob. */
async function blob(layerDigest: Digest): Promise<Uint8Array> {
  const ask = new GetDownloadUrlForLayerCommand({ repositoryName: repository, layerDigest });
  const { downloadUrl = "" } = await sandbox.ecr.send(ask);
  return new Uint8Array(await (await fetch(downloadUrl)).arrayBuffer());
}

interface How {
  readonly on?: Registry;
  readonly to?: string;
  readonly said?: string[];
}

async function upload(index: FakeIndex, { on = registry, to = repository, said = [] }: How = {}): Promise<string> {
  await writeLayout(folder, index);
  const contents = await readImage(folder, index.digest, "threads-web:1");
  const onProgress = (text: string): void => void said.push(text);
  return uploadImage({ registry: on, clock: jumpingClock() }, contents, { repository: to, tag: "sha", onProgress });
}

async function requestsSince(last: number): Promise<string[]> {
  return (await sandbox.log(last)).entries.map(({ operation = "" }) => operation);
}
const now = async (): Promise<number> => (await sandbox.log()).last;

describe("an index is uploaded", () => {
  test("whole, and only it gets the tag, last", async () => {
    const index = fakeIndex({ text: "one", platforms: ["linux/amd64", "linux/arm64"] });
    const before = await now();
    expect(await upload(index)).toBe("created");
    const calls = await requestsSince(before);
    expect(calls.filter((call) => call === "PutImage")).toHaveLength(5);
    expect(calls.at(-1)).toBe("PutImage");
    const { imageIds = [] } = await sandbox.ecr.send(new ListImagesCommand({ repositoryName: repository }));
    expect(imageIds).toHaveLength(5);
    expect(imageIds.filter(({ imageTag }) => imageTag !== undefined)).toEqual([
      { imageDigest: index.digest, imageTag: "sha" },
    ]);
    expect((await registry.find(repository, "sha"))?.body).toBe(index.blobs.get(index.digest)?.toString());
    for (const { digest } of (await readImage(folder, index.digest, "")).blobs)
      expect(digestOf(await blob(digest))).toBe(digest);
  });

  test("again without an upload, and is present", async () => {
    const index = fakeIndex({ text: "again" });
    await upload(index);
    const [before, said] = [await now(), [] as string[]];
    expect(await upload(index, { said })).toBe("present");
    expect(await requestsSince(before)).not.toContain("InitiateLayerUpload");
    expect(said).toEqual(["3/3 layers"]);
  });

  test("in parts, of which none but the last is under ECR's least size, and tells how far it is", async () => {
    const shared = randomBytes(12_000_000);
    const said: string[] = [];
    const before = await now();
    expect(await upload(fakeIndex({ text: "large", shared }), { said })).toBe("created");
    const calls = await requestsSince(before);
    expect(calls.filter((call) => call === "UploadLayerPart")).toHaveLength(
      calls.filter((call) => call === "InitiateLayerUpload").length + 1,
    );
    expect(digestOf(await blob(digestOf(shared)))).toBe(digestOf(shared));
    expect(said[0]).toBe("0/3 layers, 0.0 of 12.0 MB");
    expect(said).toContainEqual(expect.stringMatching(/^[0-2]\/3 layers, 10\.5 of 12\.0 MB$/));
    expect(said.at(-1)).toBe("3/3 layers, 12.0 of 12.0 MB");
  });

  test("with what the repository has already left where it is", async () => {
    const shared = Buffer.from("a base that many have");
    await upload(fakeIndex({ text: "first", shared }));
    const before = await now();
    const other = fakeIndex({ text: "second", shared });
    const elsewhere = await readImage(folder, (await writeLayout(folder, other), other.digest), "");
    await uploadImage({ registry, clock: jumpingClock() }, elsewhere, { repository, tag: "second" });
    const begun = (await requestsSince(before)).filter((call) => call === "InitiateLayerUpload");
    expect(begun).toHaveLength(elsewhere.blobs.length - 1);
  });

  const broken = ["BatchCheckLayerAvailability", "CompleteLayerUpload", "PutImage", "BatchGetImage"] as const;

  test.each(broken)("though %s is throttled", async (operation) => {
    const index = fakeIndex({ text: `throttled ${operation}` });
    await sandbox.settings({ faults: [{ operation, kind: "throttle", times: 3 }] });
    const before = await now();
    expect(await upload(index)).toBe("created");
    expect(await sandbox.met(before)).toEqual(Array.from({ length: 3 }, () => `${operation} throttle`));
    expect((await registry.find(repository, "sha"))?.digest).toBe(index.digest);
  });

  // The client of these tests tries a call once: what is beyond that is for the next run.
  test.each(broken)("though %s loses its reply", async (operation) => {
    const index = fakeIndex({ text: `lost ${operation}` });
    await sandbox.settings({ faults: [{ operation, kind: "drop-reply", times: 1 }] });
    const before = await now();
    const first = await upload(index).catch(({ code }: ThreadsError) => code);
    expect(["created", "AWS_UNREACHABLE"]).toContain(first);
    expect(await sandbox.met(before)).toEqual([`${operation} drop-reply`]);
    expect(await upload(index)).toBe(first === "created" ? "present" : "created");
    expect((await registry.find(repository, "sha"))?.digest).toBe(index.digest);
  });

  test("to a tag that names something else: nothing is moved, also where it could be", async () => {
    for (const mutability of ["IMMUTABLE", "MUTABLE"] as const) {
      const to = await created(`${repository}/${mutability.toLowerCase()}`, mutability);
      const [one, other] = [fakeIndex({ text: "one" }), fakeIndex({ text: "other" })];
      await upload(one, { to });
      await expect(upload(other, { to })).rejects.toMatchObject({ code: "TAG_CONFLICT", exitCode: 4 });
      expect((await registry.find(to, "sha"))?.digest).toBe(one.digest);
    }
  });

  test("only when the registry finds all of its children", async () => {
    const index = fakeIndex({ text: "slow" });
    let looks = 0;
    const slow: Registry = {
      ...registry,
      findMany: async (...what) => ((looks += 1) < 3 ? new Map() : registry.findMany(...what)),
    };
    expect(await upload(index, { on: slow })).toBe("created");
    expect(looks).toBe(3);
    const never: Registry = { ...registry, findMany: () => Promise.resolve(new Map()) };
    const to = await created(`${repository}/never`);
    await expect(upload(index, { on: never, to })).rejects.toMatchObject({ code: "UPLOAD_LOST", exitCode: 3 });
    expect(await registry.find(to, "sha")).toBeUndefined();
  });

  test("with a layer whose bytes changed after the export: refused, and never taken in", async () => {
    const index = fakeIndex({ text: "true" });
    await writeLayout(folder, index);
    const layer = digestOf("true for linux/amd64");
    const contents = await readImage(folder, index.digest, "");
    await writeFile(join(folder, "blobs", ...layer.split(":")), "lies for linux/amd64");
    const pushed = uploadImage({ registry, clock: jumpingClock() }, contents, { repository, tag: "sha" });
    await expect(pushed).rejects.toMatchObject({
      code: "BLOB_BROKEN",
      exitCode: 3,
      message: expect.stringContaining(layer),
    });
    expect(await registry.lacking(repository, [layer])).toEqual(new Set([layer]));
    expect(await registry.find(repository, "sha")).toBeUndefined();
  });

  test("not at all once it is stopped", async () => {
    const stop = new AbortController();
    const stopped = new Error("Ctrl-C");
    const index = fakeIndex({ text: "stopped" });
    await writeLayout(folder, index);
    const repo = repoAt(registry.host);
    const { signal } = stop;
    const aws = { ecr: () => Promise.resolve(sandbox.ecr) };
    const own = connectRegistry({ repo, aws, clock: jumpingClock(), signal });
    const onProgress = (text: string): void => (text.startsWith("3/3") ? stop.abort(stopped) : undefined);
    const contents = await readImage(folder, index.digest, "");
    const pushed = uploadImage({ registry: own, clock: jumpingClock(), signal }, contents, {
      repository,
      tag: "sha",
      onProgress,
    });
    await expect(pushed).rejects.toBe(stopped);
    expect(await registry.find(repository, "sha")).toBeUndefined();
  });
});

test("an image that is no index is uploaded with its tag, and nothing beside it", async () => {
  const index = fakeIndex({ text: "alone" });
  await writeLayout(folder, index);
  const [child] = (await readImage(folder, index.digest, "")).children;
  const contents = await readImage(folder, child?.digest ?? index.digest, "threads-web:1");
  expect([contents.children, contents.root]).toEqual([[], child]);
  const target = { repository, tag: "sha" };
  expect(await uploadImage({ registry, clock: jumpingClock() }, contents, target)).toBe("created");
  const { imageIds } = await sandbox.ecr.send(new ListImagesCommand({ repositoryName: repository }));
  expect(imageIds).toEqual([{ imageDigest: child?.digest, imageTag: "sha" }]);
});

test("which blobs a repository lacks is asked a hundred at a time", async () => {
  const there = await registry.upload(repository, Buffer.from("there"));
  const others = Array.from({ length: 200 }, (_, number) => digestOf(String(number)));
  const before = await now();
  expect(await registry.lacking(repository, [...others, there])).toEqual(new Set(others));
  expect(await requestsSince(before)).toEqual(Array.from({ length: 3 }, () => "BatchCheckLayerAvailability"));
});

test("an index whose images are not in the repository gets no tag there", async () => {
  const index = fakeIndex({ text: "without its images" });
  await upload(index);
  const manifest = await registry.read(repository, index.digest);
  const to = await created(`${repository}/empty`);
  await expect(registry.tag(to, manifest!, "prod")).rejects.toMatchObject({
    code: "IMAGE_GONE",
    exitCode: 3,
    message: expect.stringContaining(`${to} no longer has all of`),
  });
  expect(await registry.find(to, "prod")).toBeUndefined();
});

test("an image without its layers is not stored", async () => {
  const index = fakeIndex({ text: "no layers" });
  await writeLayout(folder, index);
  const { children } = await readImage(folder, index.digest, "");
  for (const child of children)
    await expect(registry.store(repository, child)).rejects.toMatchObject({ code: "UPLOAD_LOST", exitCode: 3 });
});
