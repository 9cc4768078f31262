import { afterEach, beforeEach, expect, test } from "vitest";
import { publish } from "../../../../src/lib/actions/publish/run.ts";
import { readRelease } from "../../../../src/lib/registry/bundle.ts";
import type { Signable } from "../../../../src/lib/signature/signatures.ts";
import { type TestWorld, testWorld } from "./world.ts";

let world: TestWorld;
beforeEach(async () => {
  world = await testWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const released = async (revision: string) => {
  const { registry, repo } = world.ports;
  return (await readRelease(registry, repo.repositoryFor("bundle"), repo.tagFor("bundle", revision)))?.release;
};

test("the bundle keeps what the tested image says of its migrations", async () => {
  const revision = world.smoked("one");
  world.docker.prints = '{"name":"posts.0001","kind":"expand"}\n{"name":"posts.0002","kind":"contract"}';
  await publish({ dryRun: false }, world.ports);
  expect((await released(revision))?.migrations).toEqual([
    { name: "posts.0001", kind: "expand" },
    { name: "posts.0002", kind: "contract" },
  ]);
  const asked = world.docker.ran.filter(({ line }) => line.startsWith("docker run"));
  expect(asked.map(({ line }) => line)).toEqual([
    expect.stringContaining(`threads-web:${revision} python3 manage.py list_migrations`),
  ]);
  expect(asked[0]?.options.env).toMatchObject({ LOG_LEVEL: "INFO", DJANGO_SECRET_KEY: expect.stringMatching(/./) });
});

test("none is not the same as nobody knows", async () => {
  const first = world.smoked("one");
  await publish({ dryRun: false }, world.ports);
  expect((await released(first))?.migrations).toEqual([]);
  const second = world.smoked("two");
  const { config } = world.ports;
  const { migrations: _, ...runtime } = config.runtime;
  await publish({ dryRun: false }, { ...world.ports, config: { ...config, runtime } });
  expect(await released(second)).toBeDefined();
  expect((await released(second))?.migrations).toBeUndefined();
});

test("of a bundle from elsewhere the list has to be what its image says, before it is finished, and before it is signed", async () => {
  const revision = world.smoked("one");
  world.docker.prints = '{"name":"posts.0001","kind":"expand"}';
  await publish({ dryRun: false }, world.ports);
  world.docker.images.clear();
  world.docker.prints = '{"name":"posts.0001","kind":"contract"}';
  const signing = { lacking: (things: readonly Signable[]) => Promise.resolve(things) };
  const signatures = { ...world.ports.signatures, ...signing, requireSigner: () => Promise.resolve() };
  const differs = {
    code: "BUNDLE_DIFFERS",
    details: ["the bundle: posts.0001 expand", "the image:  posts.0001 contract"],
  };
  const key = { key: "cosign.key" };
  await expect(
    publish({ dryRun: false, adopt: true, sign: key }, { ...world.ports, signatures }),
  ).rejects.toMatchObject(differs);
  world.tagsOf("bundle").delete(revision);
  await expect(publish({ dryRun: false, adopt: true }, world.ports)).rejects.toMatchObject(differs);
  expect(world.tagsOf("bundle").has(revision)).toBe(false);
  world.docker.prints = '{"name":"posts.0001","kind":"expand"}';
  expect(await publish({ dryRun: false, adopt: true }, world.ports)).toMatchObject({ outcome: "published" });
  const asked = world.docker.ran.filter(({ line }) => line.startsWith("docker run"));
  expect(asked.at(-1)?.line).toContain(`${world.ecr.host}/threads/web@sha256:`);
});

test("an image that cannot tell stops it before anything is pushed", async () => {
  world.smoked("one");
  world.docker.prints = "Loading …";
  await expect(publish({ dryRun: false }, world.ports)).rejects.toMatchObject({
    code: "MIGRATIONS_UNREADABLE",
    message: expect.stringContaining("web: python3 manage.py list_migrations lists no migrations: line 1: "),
  });
  expect(world.docker.ran.filter(({ line }) => line.startsWith("docker image push"))).toEqual([]);
});
