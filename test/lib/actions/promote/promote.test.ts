import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { promote, type ProductionSmoke, type PromotePorts } from "../../../../src/lib/actions/promote/run.ts";
import { publish } from "../../../../src/lib/actions/publish/run.ts";
import type { PublishResult } from "../../../../src/lib/actions/publish/result.ts";
import { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import { readRelease } from "../../../../src/lib/registry/bundle.ts";
import { services, type TestWorld, testWorld } from "../publish/world.ts";

let world: TestWorld;
let published: PublishResult;
let smoked: Parameters<ProductionSmoke>[0][];
let duringSmoke: () => void;
beforeEach(async () => {
  world = await testWorld();
  world.smoked("one");
  published = await publish({ dryRun: false }, world.ports);
  smoked = [];
  duringSmoke = () => undefined;
});
afterEach(() => world[Symbol.asyncDispose]());

const good = {
  project: "threads-smoke-1",
  images: [],
  checks: [],
  durations: { build: 1, up: 2, checks: 3, down: 4 },
  leftovers: [],
};
const ports = (): PromotePorts => ({
  ...world.ports,
  registry: world.ports.registry as PromotePorts["registry"],
  smoke: (what) => {
    smoked.push(what);
    duringSmoke();
    return Promise.resolve(good);
  },
});
const run = (change: { release?: string; environment?: string; dryRun?: boolean } = {}) =>
  promote({ release: published.revision, environment: "prod", dryRun: false, ...change }, ports());
const tagsOf = (name: string) => world.ecr.state.repositories.get(`threads/${name}`)?.tags;
const promoted = () => [...services, "bundle"].filter((name) => tagsOf(name)?.has(`prod-${published.revision}`));
const puts = () => world.ecr.calls.filter((call) => call === "PutImage").length;

describe("a promotion", () => {
  test("gives the very digests that were published another tag, the bundle last", async () => {
    const result = await run();
    expect(result).toMatchObject({
      outcome: "promoted",
      promoted: true,
      revision: published.revision,
      environment: "prod",
      tag: `prod-${published.revision}`,
      bundle: published.bundle,
      smoke: { durations: { up: 2 } },
    });
    expect(result.images.map(({ service, outcome }) => [service, outcome])).toEqual(
      services.map((name) => [name, "created"]),
    );
    for (const { service, digest } of published.images) expect(tagsOf(service)?.get(result.tag)).toBe(digest);
    expect((await readRelease(world.ports.registry, "threads/bundle", result.tag))?.digest).toBe(
      published.bundle.digest,
    );
  });

  test("tests by digest, never by tag, signed in", async () => {
    await run();
    expect(smoked).toHaveLength(1);
    const images = published.images.map(({ service, repository, digest }) => [
      service,
      `${world.ecr.host}/${repository}@${digest ?? ""}`,
    ]);
    expect(smoked[0]).toMatchObject({ images: Object.fromEntries(images), revision: published.revision });
    expect(smoked[0]?.dockerConfig).toContain("threads-docker-");
  });

  test("moves no layer", async () => {
    const before = world.ecr.calls.length;
    await run();
    expect(world.ecr.calls.slice(before)).not.toContain("InitiateLayerUpload");
    expect(world.docker.ran.filter(({ line }) => /pull/.test(line))).toEqual([]);
  });

  test("goes to another environment under its own tag", async () => {
    expect((await run({ environment: "staging" })).tag).toBe(`staging-${published.revision}`);
  });

  test.each(["HEAD", "dev", "short"])("takes %s for the sha", async (release) => {
    const name = release === "short" ? published.revision.slice(0, 9) : release;
    expect((await run({ release: name })).revision).toBe(published.revision);
  });

  test("needs no git for a full sha", async () => {
    world.repository.git("config", "core.repositoryformatversion", "99");
    expect((await run()).outcome).toBe("promoted");
  });
});

describe("again", () => {
  test("is a success that says so, without a test and without a write", async () => {
    await run();
    const before = puts();
    expect(await run()).toMatchObject({ outcome: "already-promoted", promoted: true, smoke: null });
    expect(smoked).toHaveLength(1);
    expect(puts()).toBe(before);
  });

  test("finishes what was left half done", async () => {
    world.ecr.fail({ operation: "PutImage", times: 2, how: { error: "AccessDeniedException" } });
    await expect(run()).rejects.toMatchObject({ code: "ACCESS_DENIED" });
    expect(promoted()).toHaveLength(2);
    expect(promoted()).not.toContain("bundle");
    const result = await run();
    expect(result.outcome).toBe("promoted");
    expect(result.images.map(({ outcome }) => outcome).sort()).toEqual(["created", "created", "present", "present"]);
    expect(promoted()).toHaveLength(5);
  });

  test("after a lost reply is nothing special", async () => {
    world.ecr.fail({ operation: "PutImage", times: 1, how: "lost-reply" });
    expect((await run()).outcome).toBe("promoted");
    expect(promoted()).toHaveLength(5);
  });

  test("by two engineers at once ends well for both", async () => {
    const results = await Promise.all([run(), run()]);
    expect(results.map((result) => result.promoted)).toEqual([true, true]);
    expect(promoted()).toHaveLength(5);
  });
});

describe("nothing is tagged when", () => {
  let start: number;
  beforeEach(() => {
    start = puts();
  });
  afterEach(() => {
    if (puts() !== start) throw new Error("something was tagged");
  });

  test("the sha is not published", async () => {
    const revision = world.smoked("two");
    await expect(run({ release: revision })).rejects.toMatchObject({
      code: "NOT_PUBLISHED",
      exitCode: 3,
      next: [expect.stringContaining("threads publish")],
    });
  });

  test.each([...services, "bundle"])("%s carries the tag already, with other contents", async (name) => {
    world.ecr.push(`threads/${name}`, `prod-${published.revision}`, { config: "other" });
    await expect(run()).rejects.toMatchObject({ code: "TAG_CONFLICT", exitCode: 4 });
    expect(smoked).toEqual([]);
  });

  test("an image was deleted", async () => {
    world.ecr.state.repositories.get("threads/nginx")?.manifests.clear();
    await expect(run()).rejects.toMatchObject({
      code: "IMAGE_GONE",
      message: expect.stringContaining("threads/nginx"),
    });
    expect(smoked).toEqual([]);
  });

  test("the test does not pass", async () => {
    duringSmoke = () => {
      throw new ThreadsError("checks", { code: "CHECKS_FAILED", message: "no", next: ["look"] });
    };
    await expect(run()).rejects.toMatchObject({ code: "CHECKS_FAILED", exitCode: 5 });
  });

  test.each(["celery", "bundle"])("%s's tag was moved while it was tested", async (name) => {
    duringSmoke = () => world.ecr.push(`threads/${name}`, published.revision, { config: "other" });
    await expect(run()).rejects.toMatchObject({
      code: "TAG_MOVED",
      exitCode: 4,
      details: [expect.stringContaining(`threads/${name}`)],
    });
  });

  test("the credentials are those of another account", async () => {
    world.ecr.state.account = "123456789012";
    await expect(run()).rejects.toMatchObject({ code: "WRONG_ACCOUNT", exitCode: 3 });
  });

  test("the environment is unknown", async () => {
    await expect(run({ environment: "production" })).rejects.toMatchObject({
      code: "UNKNOWN_ENVIRONMENT",
      exitCode: 2,
      next: expect.arrayContaining([expect.stringContaining("-e prod")]),
    });
  });

  test("the bundle under the sha is another commit's", async () => {
    const revision = world.repository.commit("three");
    const tags = tagsOf("bundle");
    tags?.set(revision, tags.get(published.revision) ?? "sha256:");
    await expect(run({ release: revision })).rejects.toMatchObject({ code: "BUNDLE_MISMATCH" });
  });

  test("--dry-run only says what would be", async () => {
    expect(await run({ dryRun: true })).toMatchObject({
      outcome: "planned",
      promoted: false,
      bundle: published.bundle,
      images: services.map((service) => ({ service, outcome: "create" })),
      smoke: null,
    });
    expect(smoked).toEqual([]);
  });
});
