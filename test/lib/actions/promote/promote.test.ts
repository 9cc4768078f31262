import { BatchDeleteImageCommand } from "@aws-sdk/client-ecr";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parseOverrides } from "../../../../src/lib/gates/overrides.ts";
import type { PromoteOptions, PromotePorts } from "../../../../src/lib/actions/promote/ports.ts";
import { promote } from "../../../../src/lib/actions/promote/run.ts";
import { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import { findParameters, readFolder, type ParameterPorts } from "../../../../src/lib/ledger/store.ts";
import { smallProcesses } from "../../process/small-shell.ts";
import type { PublishedRelease } from "../../../../src/lib/release/release.ts";
import { gitSource } from "../../../../src/lib/source/git.ts";
import { gitLineage } from "../../../../src/lib/source/lineage.ts";
import { promotionWorld, type PromotionWorld, services } from "./world.ts";
import { asPrinted } from "../../../fakes/results.ts";

let world: PromotionWorld;
let worlds: Record<"perService" | "single", PromotionWorld>;
let release: PublishedRelease;
let revision: string;
let number = 0;
// One world for each layout of the registry, and a release of its own for each test.
beforeAll(async () => {
  worlds = { perService: await promotionWorld(), single: await promotionWorld("single") };
  world = worlds.perService;
});
beforeEach(async () => {
  number += 1;
  release = await world.publish(`release ${String(number)}`);
  revision = release.release.revision;
  await world.deployed("staging", release);
  world.smoked.length = 0;
  world.duringSmoke = () => undefined;
});
afterEach(async () => {
  await world.sandbox.settings({ faults: [] });
  await world.ports.ledger.lift("prod", { user: "ada", host: "laptop" }, "2026-11-22T10:00:00Z");
});
afterAll(async () => {
  for (const one of Object.values(worlds)) await one[Symbol.asyncDispose]();
});

const inBoth = (title: string, tests: () => void): void =>
  describe.each(["perService", "single"] as const)(`${title} (%s)`, (layout) => {
    beforeAll(() => void (world = worlds[layout]));
    afterAll(() => void (world = worlds.perService));
    tests();
  });

const everything = [...services, "bundle"];
const run = (change: Partial<PromoteOptions> = {}, ports: PromotePorts = world.ports) =>
  promote({ release: revision, environment: "prod", dryRun: false, ...change }, ports).then((result) =>
    asPrinted("promote", result),
  );
const version = (): string => `v1.${String(number)}.0`;
const promoted = async (start = `prod-${revision}`): Promise<string[]> => {
  const tags = await Promise.all(everything.map((name) => world.tagsOf(name, start)));
  return everything.filter((_, index) => (tags[index]?.length ?? 0) > 0);
};
/** All tags of prod, of whatever release. */
const prodTags = async (): Promise<string[]> =>
  (
    await Promise.all(
      everything.map(async (name) => (await world.tagsOf(name, "prod-")).map((tag) => `${name} ${tag}`)),
    )
  )
    .flat()
    .toSorted();
/** A run that must leave every tag of prod as it found it. */
const runWithoutTag = async (...how: Parameters<typeof run>): ReturnType<typeof run> => {
  const before = await prodTags();
  const ended = await Promise.allSettled([run(...how)]);
  expect(await prodTags()).toEqual(before);
  return ended[0].status === "fulfilled" ? ended[0].value : Promise.reject(ended[0].reason as Error);
};
const parameters = (): ParameterPorts => {
  const aws = { ssm: async () => new (await import("@aws-sdk/client-ssm")).SSMClient(settings()) };
  return { aws, clock: world.ports.clock };
};
const stored = async (name: string): Promise<Record<string, unknown> | undefined> => {
  const { found } = await findParameters([name], parameters());
  const text = found.get(name)?.text;
  return text === undefined ? undefined : (JSON.parse(text) as Record<string, unknown>);
};
const settings = () => ({
  region: "eu-west-1",
  endpoint: world.sandbox.url,
  credentials: { accessKeyId: "AKIATHREADSTEST", secretAccessKey: "a secret of the tests" },
});
const hex = (): string => release.digest.slice("sha256:".length);

describe("a promotion", () => {
  test("gives the very digests that were published another tag, and tells the whole story in stable keys", async () => {
    const result = await run();
    expect(Object.keys(result)).toEqual(
      "outcome promoted revision says environment tag tags bundle images gates ships smoke warnings next advice".split(
        " ",
      ),
    );
    expect(result).toMatchObject({
      outcome: "promoted",
      promoted: true,
      revision,
      environment: "prod",
      tag: `prod-${revision}`,
      tags: [`prod-${revision}`],
      bundle: { repository: "threads/bundle", tag: `prod-${revision}`, digest: release.digest },
      smoke: {
        evidence: "run",
        by: { user: "ada" },
        checks: world.ports.config.checks.map(({ path }) => ({ path, ok: true })),
        durations: { upMs: 2 },
      },
      warnings: [],
    });
    expect(result.images.map(({ service, outcome }) => [service, outcome])).toEqual(
      services.map((name) => [name, "created"]),
    );
    for (const { repository, digest } of result.images)
      expect((await world.ports.registry.find(repository, result.tag))?.digest).toBe(digest);
    expect((await world.ports.registry.find("threads/bundle", result.tag))?.digest).toBe(release.digest);
  });

  test("tests by digest, never by tag, with the private docker configuration", async () => {
    await run();
    expect(world.smoked).toHaveLength(1);
    const { host } = world.ports.registry;
    const images = Object.entries(release.release.images).map(([service, { repository, digest }]) => [
      service,
      `${host}/${repository}@${digest}`,
    ]);
    expect(world.smoked[0]).toEqual({
      images: Object.fromEntries(images),
      revision,
      tree: release.release.tree,
      dockerConfig: "/docker",
    });
  });

  test.each(["HEAD", "dev", "staging", "short", undefined])("takes %s for the sha", async (name) => {
    expect((await run({ release: name === "short" ? revision.slice(0, 9) : name })).revision).toBe(revision);
  });

  test("needs no git for a full sha", async () => {
    const nowhere = { processes: smallProcesses, root: "/" };
    const ports = { ...world.ports, source: gitSource(nowhere), lineage: gitLineage(nowhere) };
    expect((await run({}, ports)).outcome).toBe("promoted");
  });

  test("of a commit with the same tree promotes the release that was built of it, and says so", async () => {
    world.repository.git("checkout", "--quiet", "--orphan", "prod");
    world.repository.git("commit", "--quiet", "--allow-empty", "--message", "squashed");
    expect(await run({ release: undefined })).toMatchObject({ revision, says: expect.stringMatching(/same|equal/) });
    world.repository.git("checkout", "--quiet", "dev");
  });
});

inBoth("again", () => {
  test("is a success that says so, without a test and without a write: the plan carried out leaves nothing to do", async () => {
    await run();
    await world.calls();
    expect(await run()).toMatchObject({ outcome: "already-promoted", promoted: true, smoke: null });
    expect(world.smoked).toHaveLength(1);
    expect((await world.calls()).filter((name) => name.startsWith("Put"))).toEqual([]);
    expect(await run({ dryRun: true })).toMatchObject({ outcome: "already-promoted" });
  });

  test("finishes what was left half done, without testing it again", async () => {
    const faults = [{ operation: "PutImage", kind: "error-500", times: 10_000, skip: 1 }];
    await world.sandbox.settings({ faults });
    const stopped = { exitCode: 7, details: expect.arrayContaining(["not done: the bundle"]) };
    await expect(run()).rejects.toMatchObject(stopped);
    await world.sandbox.settings({ faults: [] });
    expect((await promoted()).length).toBeLessThan(everything.length);
    expect(await promoted()).not.toContain("bundle");
    expect(await run()).toMatchObject({ outcome: "promoted", smoke: { evidence: "recorded", durations: null } });
    expect(await promoted()).toHaveLength(everything.length);
    expect(world.smoked).toHaveLength(1);
  });

  test("by two engineers at once ends well for both", async () => {
    const results = await Promise.all([run(), run()]);
    expect(results.map((result) => result.promoted)).toEqual([true, true]);
    expect(await promoted()).toHaveLength(everything.length);
  });
});

describe("the evidence", () => {
  test("is written once under the bundle's digest, with who, when, what and by which version", async () => {
    await run();
    expect(await stored(`/threads/evidence/${revision}/${hex()}/smoke`)).toMatchObject({
      kind: "smoke",
      revision,
      by: { user: "ada", host: "laptop" },
      version: "1.2.3",
      images: Object.fromEntries(
        Object.entries(release.release.images).map(([service, { digest }]) => [service, digest]),
      ),
      checks: [
        ...["/healthz", "/readyz", "/", "/api/posts/"].map((path) => ({ path, status: 200, ok: true, ms: 12 })),
        ...world.ports.config.checks.slice(4).map(({ path }) => ({ path, status: 0, ok: true, ms: 12 })),
      ],
    });
  });

  test("serves another environment, unless the smoke is asked for again", async () => {
    await run();
    const { environments } = world.ports.config;
    const qa = { ...environments["dev"]!, name: "qa" };
    const config = { ...world.ports.config, environments: { ...environments, qa } };
    expect(await run({ environment: "qa" }, { ...world.ports, config })).toMatchObject({
      outcome: "promoted",
      tag: `qa-${revision}`,
      smoke: { evidence: "recorded", by: { user: "ada" } },
    });
    expect(world.smoked).toHaveLength(1);
    const planned = await run({ environment: "dev", repeatSmoke: true, dryRun: true });
    expect(planned.next).toEqual([`threads promote ${revision} -e dev --repeat-smoke`]);
    expect(await run({ environment: "dev", repeatSmoke: true })).toMatchObject({ smoke: { evidence: "run" } });
    expect(world.smoked).toHaveLength(2);
  });

  test("is not written where the test fails, and nothing is tagged", async () => {
    world.duringSmoke = () => {
      throw new ThreadsError("CHECKS_FAILED", { message: "no", next: ["look"] });
    };
    await expect(run()).rejects.toMatchObject({ code: "CHECKS_FAILED", exitCode: 5 });
    expect(await stored(`/threads/evidence/${revision}/${hex()}/smoke`)).toBeUndefined();
    expect(await promoted()).toEqual([]);
  });
});

describe("the record", () => {
  test("says which gates stood, and is there before the bundle has its tag", async () => {
    await world.sandbox.settings({ faults: [{ operation: "PutImage", kind: "error-500", times: 10_000, skip: 0 }] });
    await expect(run()).rejects.toBeInstanceOf(ThreadsError);
    expect(await promoted()).toEqual([]);
    expect(await stored(`/threads/prod/promotions/${hex()}`)).toMatchObject({
      environment: "prod",
      revision,
      bundle: release.digest,
      tags: [`prod-${revision}`],
      gates: { published: "passed", freeze: "passed", verified: "passed", smoke: "passed", soak: "not-configured" },
      overrides: [],
      by: { user: "ada" },
      version: "1.2.3",
    });
  });

  test("keeps each override with its reason, also of a later attempt", async () => {
    const ports = world.withGates({ soakMs: 3_600_000 });
    expect(await run({}, ports)).toMatchObject({ outcome: "waiting", promoted: false });
    await run({ overrides: parseOverrides(["soak"], "it {{fixes}} the outage") }, ports);
    expect(await stored(`/threads/prod/promotions/${hex()}`)).toMatchObject({
      gates: { soak: "overridden" },
      overrides: [{ gate: "soak", reason: "it {{fixes}} the outage", says: expect.stringContaining("to go") }],
    });
    await run({ as: version(), overrides: parseOverrides(["soak"], "it {{fixes}} the outage") }, ports);
    const { found } = await readFolder(`/threads/prod/promotions/${hex()}`, parameters());
    expect([...found.values()].map(({ text }) => JSON.parse(text) as unknown)).toEqual([
      expect.objectContaining({ tags: [version(), `prod-${revision}`] }),
    ]);
  });
});

inBoth("nothing is tagged when", () => {
  test.each(everything)("%s carries the tag already, with other contents", async (name) => {
    await world.push(name, `prod-${revision}`, "other");
    await expect(runWithoutTag()).rejects.toMatchObject({ code: "TAG_CONFLICT", exitCode: 4 });
    expect(world.smoked).toEqual([]);
  });

  test.each(["nginx", "bundle"])("the tag of %s moves while it is tested", async (service) => {
    const [name, tag] = world.place(service, revision);
    world.duringSmoke = async () => {
      const was = await world.ports.registry.find(name, tag);
      // An image that loses its last tag is deleted.
      if (was !== undefined) await world.ports.registry.tag(name, was, `keep-${service}`);
      const imageIds = [{ imageTag: tag }];
      await world.sandbox.ecr.send(new BatchDeleteImageCommand({ repositoryName: name, imageIds }));
      await world.push(service, revision, "other");
    };
    await expect(runWithoutTag()).rejects.toMatchObject({
      code: "TAG_MOVED",
      exitCode: 4,
      details: [expect.stringContaining(`${name}:${tag} no longer`)],
    });
  });
});

describe("nothing is tagged when", () => {
  test("the sha is not published", async () => {
    const other = world.repository.commit("two");
    world.repository.write("more.txt", "more");
    const third = world.repository.commit("three");
    await expect(runWithoutTag({ release: third })).rejects.toMatchObject({ code: "NOT_PUBLISHED", exitCode: 3 });
    expect(other).not.toBe(third);
  });

  test("an image was deleted", async () => {
    const imageIds = [{ imageDigest: release.release.images["nginx"]?.digest ?? "" }];
    await world.sandbox.ecr.send(new BatchDeleteImageCommand({ repositoryName: "threads/nginx", imageIds }));
    await expect(runWithoutTag()).rejects.toMatchObject({
      code: "IMAGE_GONE",
      message: expect.stringContaining("threads/nginx"),
    });
    expect(world.smoked).toEqual([]);
  });

  test("it was not verified", async () => {
    const two = await world.publish(`other ${String(number)}`);
    const asked: unknown[] = [];
    const lifecycle: PromotePorts["lifecycle"] = async (images) => (asked.push(images), []);
    await expect(runWithoutTag({ release: two.release.revision }, { ...world.ports, lifecycle })).rejects.toMatchObject(
      {
        code: "GATES_SHUT",
        exitCode: 3,
        message: expect.stringContaining("verified: these digests were never deployed to staging"),
        next: expect.arrayContaining([`threads deploy -e staging ${two.release.revision}`]),
      },
    );
    expect(world.smoked).toEqual([]);
    // Nor is anything said after the refusal.
    await world.ports.clock.sleep(0);
    expect(asked).toEqual([]);
  });

  test("the environment is frozen; a reason opens it", async () => {
    const at = new Date(world.ports.clock.now()).toISOString();
    await world.ports.ledger.freeze("prod", { reason: "black friday", by: { user: "bob", host: "desk" }, at });
    await expect(runWithoutTag()).rejects.toMatchObject({
      code: "GATES_SHUT",
      message: expect.stringMatching(/prod is frozen by .*bob on desk.* since .* UTC: black friday/),
      next: expect.arrayContaining(["threads freeze -e prod --lift"]),
    });
    const overrides = parseOverrides(["freeze"], "payments are down");
    expect(
      (await runWithoutTag({ overrides, dryRun: true })).gates.find(({ gate }) => gate === "freeze"),
    ).toMatchObject({
      state: "overridden",
      reason: "payments are down",
    });
  });

  test("the environment is unknown", async () => {
    await expect(runWithoutTag({ environment: "prdo" })).rejects.toMatchObject({
      code: "UNKNOWN_ENVIRONMENT",
      exitCode: 2,
      next: expect.arrayContaining([`threads promote ${revision} -e prod`]),
    });
  });

  test("--dry-run only says what would be, gates and all, with the ways out of the refusal", async () => {
    const two = await world.publish(`other ${String(number)}`);
    const refused = await runWithoutTag({ release: two.release.revision }).catch((error: unknown) => error);
    const { next, advice } = refused as ThreadsError;
    expect(next.length).toBeGreaterThan(0);
    expect(await runWithoutTag({ release: two.release.revision, dryRun: true })).toMatchObject({
      outcome: "refused",
      next,
      advice,
      promoted: false,
      images: services.map((service) => ({ service, outcome: "create" })),
      smoke: null,
      gates: expect.arrayContaining([
        expect.objectContaining({ gate: "verified", state: "missing" }),
        expect.objectContaining({ gate: "smoke", state: "missing" }),
      ]),
    });
    expect(world.smoked).toEqual([]);
  });
});

describe("while the images are tested", () => {
  test("somebody pulls the cord: refused, with the reason", async () => {
    const draft = { reason: "stop", by: { user: "bob", host: "desk" }, at: "2026-11-22T10:00:00Z" };
    world.duringSmoke = () => world.ports.ledger.freeze("prod", draft);
    await expect(runWithoutTag()).rejects.toMatchObject({
      code: "WORLD_CHANGED",
      exitCode: 4,
      message: expect.stringMatching(/while the images were tested, prod is frozen by .*bob on desk.*: stop/),
    });
  });

  test("another release is deployed: refused", async () => {
    const other = await world.publish(`other ${String(number)}`);
    world.duringSmoke = () => world.deployed("prod", other);
    await expect(runWithoutTag()).rejects.toMatchObject({
      code: "WORLD_CHANGED",
      exitCode: 4,
      message: expect.stringMatching(/deployment \d+ changed what runs in prod/),
    });
  });

  test("staging is rolled back from it: refused", async () => {
    const other = await world.publish(`other ${String(number)}`);
    const draft = {
      kind: "rollback",
      rollbackOf: (await world.ports.ledger.deploymentLog("staging", Infinity)).deployments.length,
    } as const;
    world.duringSmoke = () => world.deployed("staging", other, { draft });
    await expect(runWithoutTag()).rejects.toMatchObject({
      code: "WORLD_CHANGED",
      message: expect.stringContaining("the gate verified: staging was rolled back from it"),
    });
  });
});
