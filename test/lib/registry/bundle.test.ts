import { expect, test } from "vitest";
import { digestOf } from "../../../src/lib/image/digest.ts";
import { readRelease, writeBundle } from "../../../src/lib/registry/bundle.ts";
import { assembleBundle } from "../../../src/lib/release/bundle.ts";
import type { Release } from "../../../src/lib/release/release.ts";
import { fakeEcr } from "../../fakes/ecr.ts";
import { registryOn } from "./connect.ts";

const revision = "1".repeat(40);
const release: Release = {
  schema: 1,
  app: "threads",
  revision,
  tree: "2".repeat(40),
  committedAt: "2026-11-22T08:00:00.000Z",
  images: { web: { repository: "threads/web", digest: digestOf("web") } },
};
const bundle = assembleBundle({ release, files: { "compose.yml": "services: {}\n" }, architecture: "amd64" });
const repository = "threads/bundle";

test("a bundle that was written is read back with one call", async () => {
  await using ecr = await fakeEcr();
  const registry = registryOn(ecr);
  expect(await readRelease(registry, repository, revision)).toBeUndefined();
  expect(await writeBundle(registry, { repository, bundle, tag: revision })).toBe("created");
  const before = ecr.calls.length;
  expect(await readRelease(registry, repository, revision)).toEqual({
    release,
    digest: bundle.manifest.digest,
    repository,
  });
  expect(ecr.calls.length - before).toBe(1);
});

test("writing it again changes nothing", async () => {
  await using ecr = await fakeEcr();
  const target = { repository, bundle, tag: revision };
  await writeBundle(registryOn(ecr), target);
  expect(await writeBundle(registryOn(ecr), target)).toBe("present");
});

test("the tag is the last thing that is written", async () => {
  await using ecr = await fakeEcr();
  await writeBundle(registryOn(ecr), { repository, bundle, tag: revision });
  expect(ecr.calls.at(-1)).toBe("PutImage");
  expect(ecr.calls.filter((call) => call === "CompleteLayerUpload")).toHaveLength(2);
});

test("an image that is no bundle is told apart from nothing published", async () => {
  await using ecr = await fakeEcr();
  ecr.push(repository, revision, { config: "an image" });
  await expect(readRelease(registryOn(ecr), repository, revision)).rejects.toMatchObject({ code: "NOT_A_BUNDLE" });
});
