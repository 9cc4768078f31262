import { afterEach, beforeEach, expect, test } from "vitest";
import { publish } from "../../../../src/lib/actions/publish/run.ts";
import { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import { digestOf } from "../../../../src/lib/image/digest.ts";
import { asPrinted } from "../../../fakes/results.ts";
import { type TestWorld, testWorld } from "./world.ts";

let world: TestWorld;
beforeEach(async () => {
  world = await testWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const run = async (options: { readonly adopt?: boolean; readonly dryRun?: boolean } = {}) =>
  asPrinted("publish", await publish({ dryRun: false, ...options }, world.ports));
const puts = () => world.ecr.calls.filter((call) => call === "PutImage").length;

/** Publishes a commit, and builds celery of it once more. @returns its digest in the registry, and its revision */
async function builtAnew(): Promise<{ readonly there: string; readonly revision: string }> {
  const revision = world.smoked("one");
  const { images } = await run();
  const labels = world.docker.images.get(`threads-celery:${revision}`)!.labels;
  world.docker.images.set(`threads-celery:${revision}`, { config: "built anew", labels });
  world.warnings.length = 0;
  return { there: images.find(({ service }) => service === "celery")?.digest ?? "", revision };
}

test("another build of a published commit is a conflict that names what differs, and leaves all as it is", async () => {
  const { there, revision } = await builtAnew();
  world.tagsOf("web").delete(revision);
  const before = puts();
  for (const dryRun of [true, false])
    await expect(run({ dryRun })).rejects.toMatchObject({
      code: "FOREIGN_RELEASE",
      exitCode: 4,
      details: [`celery: ${there} there, and here an image of id ${digestOf("built anew")}`],
      next: [expect.stringContaining("aws ecr describe-images"), "threads publish --adopt"],
      message: expect.stringMatching(/^another build of /),
      advice: expect.not.arrayContaining([expect.stringContaining("may only have moved")]),
    });
  expect(puts()).toBe(before);
});

test("whoever adopts lets it stand, is told what differs, and loses nothing of it", async () => {
  const { there, revision } = await builtAnew();
  world.tagsOf("web").delete(revision);
  const bundle = world.tagsOf("bundle").get(revision);
  const result = await run({ adopt: true });
  expect(result).toMatchObject({ outcome: "already-published", published: true, otherBuild: ["celery"] });
  expect(result.bundle.digest).toBe(bundle);
  expect(world.tagsOf("celery").get(revision)).toBe(there);
  expect(world.tagsOf("web").has(revision)).toBe(true);
  expect(world.warnings).toEqual([
    `celery stays as it is published, ${there}: what passed here is another build, of id ${digestOf("built anew")}`,
  ]);
});

test("what was built here is nobody's other build", async () => {
  world.smoked("one");
  await run();
  expect((await run({ adopt: true })).otherBuild).toEqual([]);
});

test("nothing is adopted whose bundle is not what git has, or cannot be compared with git", async () => {
  await builtAnew();
  const adopt = (provenance: typeof world.ports.provenance) =>
    publish({ dryRun: false, adopt: true }, { ...world.ports, provenance });
  await expect(
    adopt(() => Promise.resolve({ state: "different", differences: ["compose.yml: a"] })),
  ).rejects.toMatchObject({ code: "BUNDLE_DIFFERS", exitCode: 3 });
  const why = new ThreadsError("SHALLOW_CLONE", { message: "this clone is shallow" });
  await expect(adopt(() => Promise.resolve({ state: "unknown", why }))).rejects.toMatchObject({
    code: "SOURCES_UNKNOWN",
    exitCode: 3,
  });
});

test("nothing is adopted that is not whole", async () => {
  const { revision } = await builtAnew();
  const { ecr, ports } = world;
  const web = world.tagsOf("web").get(revision)!;
  world.tagsOf("web").delete(revision);
  ecr.state.repositories.get(ports.repo.repositoryFor("web"))?.manifests.delete(web);
  await expect(run({ adopt: true })).rejects.toMatchObject({ code: "IMAGE_GONE", exitCode: 3 });
});
