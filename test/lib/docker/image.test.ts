import { describe, expect, test } from "vitest";
import { architecturesOf, digestIn, mayBeIndex, parseImages } from "../../../src/lib/docker/image.ts";
import { digestOf } from "../../../src/lib/image/digest.ts";
import { fakeIndex } from "../../fakes/index-image.ts";

const plain = { architecture: "amd64", labels: {}, repoTags: [], hasStartPeriod: false, entrypoint: [], command: [] };

test("an image without tags, digests and labels is read from docker's own words, and one with a media type", () => {
  const bare = { Id: "sha256:1", Architecture: "amd64", RepoTags: null, RepoDigests: null, Config: { Labels: null } };
  const full = {
    ...bare,
    RepoTags: ["r:1"],
    RepoDigests: ["r@sha256:2"],
    Descriptor: { mediaType: "m" },
    Config: { Labels: { a: "b" }, Healthcheck: { StartPeriod: 1e9 }, Entrypoint: ["e"], Cmd: ["c", "d"] },
  };
  expect(parseImages(JSON.stringify([bare, full]))).toEqual([
    { ...plain, id: "sha256:1", repoDigests: [] },
    {
      ...plain,
      id: "sha256:1",
      repoTags: ["r:1"],
      repoDigests: ["r@sha256:2"],
      mediaType: "m",
      labels: { a: "b" },
      hasStartPeriod: true,
      entrypoint: ["e"],
      command: ["c", "d"],
    },
  ]);
  expect(parseImages("")).toEqual([]);
});

test("docker's digest counts only for this very place", () => {
  const digest = digestOf("x");
  const image = { ...plain, id: "", repoDigests: [`127.0.0.1:5000/threads/web@${digest}`] };
  expect(digestIn(image, "127.0.0.1:5000/threads/web")).toBe(digest);
  expect(digestIn(image, "127.0.0.1:5000/threads/we")).toBeUndefined();
  expect(digestIn(image, "127.0.0.1:500/threads/web")).toBeUndefined();
  expect(digestIn(undefined, "127.0.0.1:5000/threads/web")).toBeUndefined();
});

describe("what may be an index", () => {
  const id = digestOf("manifest");
  const image = { ...plain, id, repoDigests: [`a@${id}`] };

  test.each([
    ["application/vnd.oci.image.index.v1+json", true],
    ["application/vnd.docker.distribution.manifest.list.v2+json", true],
    ["application/vnd.oci.image.manifest.v1+json", false],
    ["application/vnd.docker.distribution.manifest.v2+json", false],
    // Docker 26 and 27.
    [undefined, true],
  ])("%s in the containerd store: %s", (mediaType, expected) => {
    expect(mayBeIndex({ ...image, mediaType })).toBe(expected);
  });

  test("is nothing in the classic store, which names an image by its config", () => {
    expect(mayBeIndex({ ...image, id: digestOf("config") })).toBe(false);
  });
});

test("the architectures of an index are those of its images, each once", () => {
  const index = fakeIndex({ text: "one", platforms: ["linux/amd64", "linux/arm64", "linux/arm64"] });
  expect(architecturesOf(index.blobs.get(index.digest)?.toString() ?? "")).toEqual(["amd64", "arm64"]);
  expect(architecturesOf('{"manifests":[{"digest":"sha256:1"}]}')).toEqual([]);
});
