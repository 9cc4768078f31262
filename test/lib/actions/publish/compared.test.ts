import { expect, test } from "vitest";
import { compareElsewhere } from "../../../../src/lib/actions/publish/compared.ts";
import type { LocalImage } from "../../../../src/lib/docker/image.ts";
import { type Digest, digestOf } from "../../../../src/lib/image/digest.ts";
import type { Release } from "../../../../src/lib/release/release.ts";

// The machines that publish need not keep their images in the same kind of store.

const config = digestOf("its config");
const bodies = {
  image: JSON.stringify({ config: { digest: config } }),
  index: JSON.stringify({ manifests: [] }),
};
const compare = async (what: keyof typeof bodies | "gone", image: Partial<LocalImage> | undefined) => {
  const digest = digestOf(what);
  const local = { id: digestOf("another"), architecture: "amd64", labels: {}, repoTags: [], repoDigests: [], ...image };
  const body = what === "gone" ? undefined : bodies[what];
  const registry = {
    host: "registry.example",
    read: (repository: string, of: Digest) =>
      Promise.resolve(body === undefined ? undefined : { repository, digest: of, mediaType: "", body }),
  };
  const release = { images: { db: { repository: "app/db", digest } } } as unknown as Release;
  const here = {
    elsewhere: { db: "postgres:17" },
    local: new Map(image === undefined ? [] : [["postgres:17", local]]),
  };
  const { different, missing } = await compareElsewhere({ release }, here, { registry });
  return [different.map(({ service }) => service), missing];
};
const [same, different, cannotTell] = [
  [[], []],
  [["db"], []],
  [[], ["db"]],
];

test("what a classic store has pushed is known there by its config", async () => {
  expect(await compare("image", { id: config })).toEqual(same);
  expect(await compare("image", {})).toEqual(different);
});

test("an index is known by its digest, by whatever registry docker has it from", async () => {
  expect(await compare("index", { id: digestOf("index") })).toEqual(same);
  expect(await compare("index", { id: config, repoDigests: [`postgres@${digestOf("index")}`] })).toEqual(same);
  expect(await compare("index", { id: config, repoDigests: [`postgres@${digestOf("older")}`] })).toEqual(different);
});

test("one image of what is an index here may be in it, or not", async () => {
  const id = digestOf("an index");
  expect(await compare("image", { id, repoDigests: [`postgres@${id}`] })).toEqual(cannotTell);
});

test("what is not here, or not pinned, is not compared; that it is gone is for others to say", async () => {
  expect(await compare("image", undefined)).toEqual(cannotTell);
  expect(await compare("gone", {})).toEqual(same);
});
