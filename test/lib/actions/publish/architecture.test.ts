import { describe, expect, test } from "vitest";
import { commonArchitecture } from "../../../../src/lib/actions/publish/architecture.ts";
import type { LocalImage } from "../../../../src/lib/docker/image.ts";

const image = (architecture: string): LocalImage => ({
  id: "",
  architecture,
  labels: {},
  repoTags: [],
  repoDigests: [],
});

/** @param local what `docker inspect` says of each, and what each really lists */
function judge(local: Readonly<Record<string, readonly [string, readonly string[]]>>): Promise<string> {
  const images = new Map(Object.entries(local).map(([name, [architecture]]) => [name, image(architecture)]));
  return commonArchitecture(images, { architectures: (name) => Promise.resolve(local[name]?.[1] ?? []) });
}

describe("the architecture of a release", () => {
  test("is what docker says of all images, and nothing more is asked", async () => {
    const asking = { architectures: () => Promise.reject(new Error("asked")) };
    const local = new Map([
      ["a", image("arm64")],
      ["b", image("arm64")],
    ]);
    expect(await commonArchitecture(local, asking)).toBe("arm64");
  });

  test("is what an index and an image have in common, though docker tells this machine's of the index", async () => {
    expect(await judge({ a: ["amd64", ["amd64", "arm64"]], b: ["arm64", ["arm64"]] })).toBe("arm64");
    expect(await judge({ b: ["arm64", ["arm64"]], a: ["amd64", ["amd64", "arm64"]] })).toBe("arm64");
  });

  test("is refused where there is none, with what each has", async () => {
    await expect(judge({ a: ["amd64", ["amd64", "s390x"]], b: ["arm64", ["arm64"]] })).rejects.toMatchObject({
      code: "MIXED_ARCHITECTURES",
      exitCode: 3,
      details: ["a: amd64, s390x", "b: arm64"],
      next: ["threads smoke"],
    });
  });
});
