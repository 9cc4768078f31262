import * as fc from "fast-check";
import { expect, test } from "vitest";
import { digestOf } from "../../../src/lib/image/digest.ts";
import { parseRelease } from "../../../src/lib/release/annotations.ts";
import { assembleBundle, releaseJson } from "../../../src/lib/release/bundle.ts";
import { pulledImages, type Release } from "../../../src/lib/release/release.ts";
import { isRevision, shortRevision } from "../../../src/lib/release/revision.ts";
import { releases } from "./arbitrary.ts";

const release: Release = {
  schema: 1,
  app: "threads",
  revision: "1".repeat(40),
  tree: "2".repeat(40),
  committedAt: "2026-11-22T08:00:00.000Z",
  images: {
    web: { repository: "threads/web", digest: digestOf("web") },
    "celery-beat": { repository: "threads/celery-beat", digest: digestOf("beat") },
  },
};
const files = { "compose.yml": "services: {}\n" };

test("the manifest alone gives the release back", () => {
  fc.assert(
    fc.property(releases, (one) => {
      const read = parseRelease(assembleBundle({ release: one, files, architecture: "amd64" }).manifest);
      expect(read).toEqual(one);
      expect(Object.keys(read.images)).toEqual(Object.keys(one.images));
    }),
  );
});

test("the same contents give the same bytes, however their objects were built", () => {
  const text = fc.string({ unit: "grapheme" });
  fc.assert(
    fc.property(releases, fc.dictionary(fc.stringMatching(/^[a-z]{1,9}\.yml$/), text), (one, some) => {
      const shuffled = Object.fromEntries(Object.entries(some).toReversed());
      const rebuilt = Object.fromEntries(Object.entries(one).toReversed()) as unknown as Release;
      const first = assembleBundle({ release: one, files: some, architecture: "amd64" });
      expect(assembleBundle({ release: rebuilt, files: shuffled, architecture: "amd64" })).toEqual(first);
    }),
  );
});

test("these bytes never change: a published digest must be found again by every later version", () => {
  expect(assembleBundle({ release, files, architecture: "amd64" }).manifest.digest).toMatchInlineSnapshot(
    `"sha256:de17a4eadafa0f6516960a8ad9203ddebe79d8370288ddf53440f3aa2f8cc61b"`,
  );
});

test("another file, image or architecture is another digest", () => {
  const of = (change: Partial<Parameters<typeof assembleBundle>[0]>) =>
    assembleBundle({ release, files, architecture: "amd64", ...change }).manifest.digest;
  const images = { ...release.images, web: { repository: "threads/web", digest: digestOf("other") } };
  const all = [
    of({}),
    of({ files: { "compose.yml": "services: { }\n" } }),
    of({ release: { ...release, images } }),
    of({ architecture: "arm64" }),
  ];
  expect(new Set(all).size).toBe(all.length);
});

test("manifest, config and layer hang together as the image spec wants", () => {
  const bundle = assembleBundle({ release, files, architecture: "arm64" });
  expect(JSON.parse(bundle.manifest.body)).toMatchObject({
    schemaVersion: 2,
    mediaType: bundle.manifest.mediaType,
    config: { digest: digestOf(bundle.config), size: bundle.config.length },
    layers: [{ digest: digestOf(bundle.layer), size: bundle.layer.length }],
  });
  expect(JSON.parse(Buffer.from(bundle.config).toString())).toMatchObject({
    architecture: "arm64",
    os: "linux",
    rootfs: { type: "layers", diff_ids: [digestOf(bundle.layer)] },
  });
});

const edge = { repository: "threads/edge", digest: digestOf("edge") };

test("release.json names no registry host, and the edge beside the images", () => {
  expect(JSON.parse(releaseJson(release))).toEqual(release);
  const more = { edge, requiredKeys: ["SECRET_KEY", "PAYMENT_URL"] };
  expect(JSON.parse(releaseJson({ ...release, ...more }))).toEqual({ ...release, ...more });
});

test("all that hosts pull are the images, and the edge where there is one", () => {
  expect(pulledImages(release)).toEqual(release.images);
  expect(pulledImages({ ...release, edge })).toEqual({ ...release.images, edge });
});

const manifest = (annotations: unknown) => ({ body: JSON.stringify({ annotations }), digest: digestOf("x") });
const annotations = () =>
  (JSON.parse(assembleBundle({ release, files, architecture: "amd64" }).manifest.body) as { annotations: object })
    .annotations;

test.each(["1", "2"] as const)("schema %s is read", (schema) => {
  expect(parseRelease(manifest({ ...annotations(), "org.threads.bundle": schema })).schema).toBe(Number(schema));
});

test("a schema of the future names a newer threads", () => {
  expect(() => parseRelease(manifest({ ...annotations(), "org.threads.bundle": "3" }))).toThrow(
    expect.objectContaining({ code: "BUNDLE_TOO_NEW", message: expect.stringContaining("newer threads") }),
  );
});

test.each([
  ["no annotations", undefined],
  ["an image of something else", { "org.opencontainers.image.revision": "1".repeat(40) }],
  ["a tag for a pin", { "org.threads.image.web": "threads/web:latest" }],
  ["a host in a pin", { "org.threads.image.web": `Host:1/web@${digestOf("web")}` }],
  ["a missing pin", { "org.threads.services": "web nginx" }],
  ["no names for its keys", { "org.threads.required-keys": "SECRET_KEY=1" }],
  ["a tag for the edge's pin", { "org.threads.edge": "threads/edge:3.0" }],
  ["a short revision", { "org.opencontainers.image.revision": "123" }],
])("%s is no bundle", (name, change) => {
  const whole = name === "no annotations" || name.startsWith("an image") ? change : { ...annotations(), ...change };
  expect(() => parseRelease(manifest(whole))).toThrow(expect.objectContaining({ code: "NOT_A_BUNDLE", exitCode: 3 }));
});

test("bytes that are no JSON are no bundle", () => {
  expect(() => parseRelease({ body: "<html>", digest: digestOf("x") })).toThrow(/not a release bundle/);
});

test("only a full sha names a release", () => {
  expect(isRevision("a".repeat(40))).toBe(true);
  expect(isRevision("a".repeat(64))).toBe(true);
  expect(isRevision("a".repeat(39))).toBe(false);
  expect(isRevision(`${"a".repeat(40)}-dirty`)).toBe(false);
  expect(shortRevision("a".repeat(40))).toBe("a".repeat(12));
});
