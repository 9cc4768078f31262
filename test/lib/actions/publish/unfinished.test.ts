import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { publish, type PublishOptions } from "../../../../src/lib/actions/publish/run.ts";
import { otherUnfinished } from "../../../../src/lib/actions/publish/unfinished.ts";
import { compareImages } from "../../../../src/lib/actions/publish/compared.ts";
import { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import { digestOf } from "../../../../src/lib/image/digest.ts";
import { readRelease } from "../../../../src/lib/registry/bundle.ts";
import { asPrinted } from "../../../fakes/results.ts";
import { services, type TestWorld, testWorld } from "./world.ts";

// What a publish that was stopped leaves, and how a machine with another build of the commit goes on.

let world: TestWorld;
beforeEach(async () => {
  world = await testWorld();
});
afterEach(() => world[Symbol.asyncDispose]());

const run = async (options: Partial<PublishOptions> = {}, ports: Partial<TestWorld["ports"]> = {}) =>
  asPrinted("publish", await publish({ dryRun: false, ...options }, { ...world.ports, ...ports }));
const puts = (): number => world.ecr.calls.filter((call) => call === "PutImage").length;
const of = (service: string, revision: string) => world.tagsOf(service).get(revision);

/** Every image of the commit as another machine has built it. */
function builtElsewhere(revision: string): void {
  for (const service of services) {
    const name = `threads-${service}:${revision}`;
    const { labels } = world.docker.images.get(name)!;
    world.docker.images.set(name, { config: `${service} built elsewhere`, labels });
  }
}

/** Stops where nothing more comes than tags: some images have the commit's, and the bundle has not. @returns the digests that were begun */
async function stoppedAtTheTags(): Promise<{ readonly revision: string; readonly begun: readonly string[] }> {
  const revision = world.smoked("one");
  const first = await run();
  for (const service of ["celery", "nginx", "bundle"]) world.tagsOf(service).delete(revision);
  builtElsewhere(revision);
  world.warnings.length = 0;
  return { revision, begun: first.images.map(({ digest }) => digest ?? "") };
}

test("images go up under names of their own, and get the commit's together, before the bundle", async () => {
  const revision = world.smoked("one");
  const given: string[] = [];
  const { registry } = world.ports;
  const tag: typeof registry.tag = (repository, manifest, name, known) => {
    given.push(`${repository}:${name.replace(revision, "SHA")}`);
    return registry.tag(repository, manifest, name, known);
  };
  await run({}, { registry: { ...registry, tag } });
  expect(given.slice(0, 1)).toEqual(["threads/bundle:begun-SHA"]);
  expect(given.slice(1, 5).toSorted()).toEqual(services.map((name) => `threads/${name}:SHA`).toSorted());
  expect(given.slice(5)).toEqual(["threads/bundle:SHA", expect.stringMatching(/^threads\/bundle:tree-/)]);
  for (const { line } of world.docker.ran.filter((one) => one.line.startsWith("docker image push")))
    expect(line).toMatch(/:upload-[0-9a-f]{40}$/);
});

test("what stopped before all were up is in nobody's way: another machine publishes its own build", async () => {
  const revision = world.smoked("one");
  world.docker.fail(`image push ${world.ecr.host}/threads/celery:`, { exitCode: 1, says: "connection reset by peer" });
  await expect(run()).rejects.toMatchObject({ code: "PUSH_FAILED", exitCode: 7 });
  expect(services.filter((service) => world.tagsOf(service).has(revision))).toEqual([]);
  builtElsewhere(revision);
  const { outcome, images } = await run();
  expect(outcome).toBe("published");
  for (const { service, digest } of images) expect(of(service, revision)).toBe(digest);
  expect(world.byDigest).toEqual([]);
});

test("an image that another commit has too is not pushed again", async () => {
  const first = world.smoked("one");
  await run();
  const image = world.docker.images.get(`threads-web:${first}`)!;
  const second = world.smoked("two");
  const { labels } = world.docker.images.get(`threads-web:${second}`)!;
  world.docker.images.set(`threads-web:${second}`, { ...image, labels });
  const { images } = await run();
  expect(images.map(({ service, pushed }) => [service, pushed])).toEqual(
    services.map((service) => [service, service !== "web"]),
  );
  expect(of("web", second)).toBe(of("web", first));
});

test("a service of which a bundle has no pin is not held for equal", async () => {
  const revision = world.smoked("one");
  await run();
  const { release, ...place } = (await readRelease(world.ports.registry, "threads/bundle", revision))!;
  const { web, ...images } = release.images;
  expect(web).toBeDefined();
  const lacking = { ...place, release: { ...release, images } };
  expect(await compareImages(lacking, world.ports)).toEqual({ different: [], missing: ["web"] });
});

test("to finish what another machine has begun is told without the folder of --from: its images are run here", async () => {
  const revision = world.smoked("one");
  await run();
  const begun = (await readRelease(world.ports.registry, "threads/bundle", revision))!;
  const asked = { sign: undefined, adopt: false, from: { folder: "/tmp/release", digest: undefined } };
  const { next } = otherUnfinished({ begun, compared: { different: [], missing: ["web"] } }, asked);
  expect(next.at(-1)).toBe("threads publish --adopt");
});

describe("what lies under the name of what is begun, and no threads has written for the commit", () => {
  test.each(["junk", "another commit's"])("is refused, with the command that takes it away: %s", async (what) => {
    const other = world.smoked("one");
    await run();
    const revision = world.smoked("two");
    const tag = `begun-${revision}`;
    const { tags } = world.ecr.state.repositories.get("threads/bundle")!;
    if (what === "junk") world.ecr.push("threads/bundle", tag, { config: "junk" });
    else tags.set(tag, tags.get(other)!);
    const before = puts();
    for (const adopt of [false, true])
      await expect(run({ adopt })).rejects.toMatchObject({
        code: "FOREIGN_IMAGES",
        exitCode: 4,
        next: [
          expect.stringMatching(
            /^aws ecr describe-images --repository-name threads\/bundle --image-ids imageDigest=sha256:/,
          ),
          `aws ecr batch-delete-image --repository-name threads/bundle --image-ids imageTag=${tag}`,
        ],
      });
    expect(puts()).toBe(before);
    tags.delete(tag);
    expect(await run()).toMatchObject({ outcome: "published" });
  });
});

describe("a publish that was stopped at the tags", () => {
  test("is refused to another machine, with how the two differ and the way on, and nothing is changed", async () => {
    const { begun } = await stoppedAtTheTags();
    const before = puts();
    for (const dryRun of [true, false])
      await expect(run({ dryRun })).rejects.toMatchObject({
        code: "FOREIGN_IMAGES",
        exitCode: 4,
        details: services.map(
          (service, place) =>
            `${service}: ${begun[place]} there, and here an image of id ${digestOf(`${service} built elsewhere`)}`,
        ),
        next: [expect.stringContaining("aws ecr describe-images"), "threads publish --adopt"],
      });
    expect(puts()).toBe(before);
  });

  test("is refused to whom the same images tell other migrations", async () => {
    const { config } = world.ports;
    const runtime = { ...config.runtime, migrations: { service: "web", command: ["list"] } };
    const provenance = () => Promise.resolve({ state: "same" as const });
    const ports = { config: { ...config, runtime }, provenance };
    world.docker.prints = JSON.stringify({ name: "posts.0001", kind: "expand" });
    const revision = world.smoked("one");
    await run({}, ports);
    for (const service of ["celery", "bundle"]) world.tagsOf(service).delete(revision);
    world.docker.prints = JSON.stringify({ name: "posts.0001", kind: "contract" });
    const before = puts();
    await expect(run({}, ports)).rejects.toMatchObject({
      code: "FOREIGN_IMAGES",
      details: ["the bundle: posts.0001 expand", "the image:  posts.0001 contract"],
    });
    expect(puts()).toBe(before);
  });

  test.each([true, false])("is finished by it once those images pass here (it has smoked its own: %s)", async (has) => {
    const { revision, begun } = await stoppedAtTheTags();
    if (!has) world.docker.images.clear();
    const result = await run({ adopt: true });
    expect(result).toMatchObject({ outcome: "published", published: true, otherBuild: has ? services : [] });
    expect(result.images.map(({ digest, pushed }) => [digest, pushed])).toEqual(begun.map((one) => [one, false]));
    expect(services.map((service) => of(service, revision))).toEqual(begun);
    expect(of("bundle", revision)).toBe(result.bundle.digest);
    const images = services.map((service, place) => [service, `${world.ecr.host}/threads/${service}@${begun[place]}`]);
    expect(world.byDigest).toMatchObject([{ revision, images: Object.fromEntries(images) as object }]);
    expect(await run({ adopt: true })).toMatchObject({ outcome: "already-published" });
  });

  test("is finished without a test by the machine that began it", async () => {
    const revision = world.smoked("one");
    const first = await run();
    for (const service of ["celery", "bundle"]) world.tagsOf(service).delete(revision);
    expect(await run()).toMatchObject({ outcome: "published", bundle: first.bundle });
    expect(world.byDigest).toEqual([]);
  });

  test("is not finished where those images do not pass", async () => {
    const { revision } = await stoppedAtTheTags();
    const before = puts();
    const failed = new ThreadsError("CHECKS_FAILED", { message: "/ answers 500" });
    await expect(run({ adopt: true }, { smoke: () => Promise.reject(failed) })).rejects.toMatchObject({ exitCode: 5 });
    expect(puts()).toBe(before);
    expect(world.tagsOf("bundle").has(revision)).toBe(false);
  });

  test("nor where its bundle is not what git has, or lost an image", async () => {
    await stoppedAtTheTags();
    const provenance = () => Promise.resolve({ state: "different" as const, differences: ["compose.yml: a"] });
    await expect(run({ adopt: true }, { provenance })).rejects.toMatchObject({ code: "BUNDLE_DIFFERS", exitCode: 3 });
    world.ecr.state.repositories.get("threads/web")?.manifests.clear();
    await expect(run({ adopt: true })).rejects.toMatchObject({ code: "IMAGE_GONE", exitCode: 3 });
    expect(world.byDigest).toEqual([]);
  });

  test("--dry-run shows what would be tagged, and runs nothing", async () => {
    await stoppedAtTheTags();
    const before = puts();
    const { outcome, images } = await run({ adopt: true, dryRun: true });
    expect(outcome).toBe("planned");
    expect(images.map(({ action }) => action)).toEqual(["present", "retag", "present", "retag"]);
    expect([puts(), world.byDigest]).toEqual([before, []]);
  });
});
