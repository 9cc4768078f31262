import { SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { gates } from "../../../../src/lib/actions/gates/run.ts";
import { parseOverrides } from "../../../../src/lib/gates/overrides.ts";
import type { PromoteOptions, PromotePorts } from "../../../../src/lib/actions/promote/ports.ts";
import { promote } from "../../../../src/lib/actions/promote/run.ts";
import { createParameter, readFolder, type ParameterPorts } from "../../../../src/lib/ledger/store.ts";
import type { PublishedRelease } from "../../../../src/lib/release/release.ts";
import { anEnvironment } from "../../../fakes/config.ts";
import { onEcs } from "../../ecs/world.ts";
import { passed } from "../../faults/promote-ports.ts";
import { promotionWorld, type PromotionWorld, services } from "./world.ts";

let world: PromotionWorld;
let ssm: SSMClient;
let release: PublishedRelease;
let revision: string;
let number = 0;
beforeAll(async () => {
  world = await promotionWorld();
  ssm = new SSMClient(world.sandbox.clientSettings);
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
  ssm.destroy();
  await world[Symbol.asyncDispose]();
});

const run = (change: Partial<PromoteOptions> = {}, ports: PromotePorts = world.ports) =>
  promote({ release: revision, environment: "prod", dryRun: false, ...change }, ports);
const ports = (): ParameterPorts => ({
  aws: { ssm: () => Promise.resolve(ssm) },
  clock: world.ports.clock,
});
const hex = (): string => release.digest.slice("sha256:".length);
const plant = (name: string, record: unknown): Promise<unknown> =>
  createParameter(name, typeof record === "string" ? record : JSON.stringify(record), ports());
const folder = async (name: string): Promise<readonly string[]> => [...(await readFolder(name, ports())).found.keys()];
const isPromoted = (): Promise<boolean> =>
  world.ports.ledger.isPromoted({ environment: "prod", revision, bundle: release.digest });
const tagEverything = async (label: string): Promise<void> => {
  const { registry } = world.ports;
  for (const service of [...services, "bundle"]) {
    const [repository, tag] = world.place(service, revision);
    const manifest = await registry.find(repository, tag);
    if (manifest === undefined) throw new Error(`${repository}:${tag} is not there`);
    await registry.tag(repository, manifest, world.place(service, label)[1]);
  }
};

describe("evidence that proves nothing", () => {
  const images = (): object =>
    Object.fromEntries(Object.entries(release.release.images).map(([service, { digest }]) => [service, digest]));
  const checks = (): { path: string; status: number; ok: boolean; ms: number }[] =>
    passed(world.ports.config.checks).checks.map(({ path, status, ok }) => ({ path, status, ok, ms: 1 }));
  const record = (change: object): object => ({
    schema: 1,
    kind: "smoke",
    revision,
    images: images(),
    checks: checks(),
    moreChecks: 0,
    by: { user: "eve", host: "desk" },
    at: "2026-11-22T10:00:00.000Z",
    version: "1.2.3",
    ...change,
  });
  const base = (): string => `/threads/evidence/${revision}/${hex()}/smoke`;

  test("(while the whole of it is believed)", async () => {
    await plant(base(), record({}));
    expect(await run()).toMatchObject({ smoke: { evidence: "recorded", by: { user: "eve" } } });
    expect(world.smoked).toEqual([]);
  });

  // What each kind of forgery is worth is in the gates' tests.
  const forgeries: readonly [string, () => unknown, RegExp][] = [
    ["no checks", () => record({ checks: [] }), /shows no check$/],
    ["nothing but a schema", () => ({ schema: 1 }), /^no smoke test of these digests is on record$/],
  ];
  test.each(forgeries)(
    "with %s: the gate says so, promote tests itself, and that counts from then on",
    async (_, forged, says) => {
      await plant(base(), forged());
      const asked = await gates({ release: revision, environment: "prod" }, world.ports);
      expect(asked).toMatchObject({ outcome: "smoke-missing" });
      expect(asked.gates.find(({ gate }) => gate === "smoke")).toMatchObject({
        state: "missing",
        says: expect.stringMatching(says),
        next: [`threads promote ${revision} -e prod`],
        advice: ["the promotion runs the smoke test first"],
      });
      expect(await run()).toMatchObject({ outcome: "promoted", smoke: { evidence: "run", by: { user: "ada" } } });
      expect(world.smoked).toHaveLength(1);
      // What was planted stays, and stands in nobody's way.
      expect(await run({ environment: "dev" })).toMatchObject({ smoke: { evidence: "recorded", by: { user: "ada" } } });
      expect(world.smoked).toHaveLength(1);
      expect(await folder(`/threads/evidence/${revision}`)).toHaveLength(2);
    },
  );
});

describe("tags that nobody promoted", () => {
  test("are made a promotion by promote: tested, with a record, without another tag", async () => {
    await tagEverything(`prod-${revision}`);
    expect(await isPromoted()).toBe(false);
    expect(await run({ dryRun: true })).toMatchObject({ outcome: "planned", promoted: false });
    await world.calls();
    expect(await run()).toMatchObject({
      outcome: "promoted",
      smoke: { evidence: "run" },
      images: services.map((service) => ({ service, outcome: "present" })),
    });
    expect((await world.calls()).filter((name) => name === "PutImage")).toEqual([]);
    expect(await isPromoted()).toBe(true);
    expect(await run()).toMatchObject({ outcome: "already-promoted" });
  });

  test("open no gate", async () => {
    await tagEverything(`prod-${revision}`);
    const at = new Date(world.ports.clock.now()).toISOString();
    await world.ports.ledger.freeze("prod", { reason: "stop", by: { user: "bob", host: "desk" }, at });
    await expect(run()).rejects.toMatchObject({ code: "GATES_SHUT", exitCode: 3 });
    expect(await isPromoted()).toBe(false);
  });

  test("and a record that cannot be written leaves it so, and says so", async () => {
    await run({ environment: "dev" });
    await tagEverything(`prod-${revision}`);
    await world.sandbox.settings({ faults: [{ operation: "PutParameter", kind: "error-500", times: 10_000 }] });
    await expect(run()).rejects.toMatchObject({
      exitCode: 7,
      message: expect.stringContaining("whether the release is promoted is not known"),
      next: expect.arrayContaining([`threads promote ${revision} -e prod`]),
    });
  });
});

test("git's side of the release is read while its bundle is still looked for", async () => {
  const order: string[] = [];
  const registry: PromotePorts["registry"] = {
    ...world.ports.registry,
    findMany: async (...given) => {
      const found = await world.ports.registry.findMany(...given);
      order.push("answered");
      return found;
    },
  };
  await run({}, { ...world.ports, registry, readAhead: (at) => void order.push(at) });
  expect(order.indexOf(revision)).toBe(0);
  expect(order).toContain("answered");
});

describe("the records of one release", () => {
  const promotions = (): Promise<readonly string[]> => folder(`/threads/prod/promotions/${hex()}`);

  const record = (change: object = {}): object => ({
    schema: 1,
    environment: "prod",
    revision,
    bundle: release.digest,
    tags: [`prod-${revision}`],
    overrides: [],
    ...change,
  });

  test("have no number at which they end: fifty older ones, numbered as they were once, stop nobody", async () => {
    const base = `/threads/prod/promotions/${hex()}`;
    const names = [base, ...Array.from({ length: 54 }, (_, n) => `${base}/${String(n + 2)}`)];
    await Promise.all(names.map((name, n) => plant(name, record({ tags: [`v0.0.${String(n)}`] }))));
    for (const patch of ["0", "1"])
      expect(await run({ as: `v${String(number)}.0.${patch}` })).toMatchObject({ outcome: "promoted" });
    expect(await promotions()).toHaveLength(54 + 2);
  });

  test("of one that was killed between the record and the bundle's tag: the next one finishes it, with no second record", async () => {
    await run();
    const as = `v${String(number)}.0.0`;
    await world.sandbox.settings({
      faults: [{ operation: "PutImage", kind: "error-500", times: 10_000, skip: services.length }],
    });
    await expect(run({ as })).rejects.toMatchObject({
      exitCode: 7,
      details: expect.arrayContaining(["in doubt: the bundle"]),
    });
    await world.sandbox.settings({ faults: [] });
    expect(await run({ as })).toMatchObject({ outcome: "promoted" });
    expect(await promotions()).toHaveLength(1);
  });

  test("of several at once, the same and others, are one for each", async () => {
    const versions = ["a", "a", "b"].map((word) => `v${String(number)}.0.0-${word}`);
    const results = await Promise.all(versions.map((as) => run({ as })));
    expect(results.map(({ promoted }) => promoted)).toEqual(versions.map(() => true));
    expect(await promotions()).toHaveLength(1);
    for (const as of versions) expect(await run({ as })).toMatchObject({ outcome: "already-promoted" });
  });

  test("that older versions of threads numbered count as well", async () => {
    await plant(`/threads/prod/promotions/${hex()}`, record({ revision: "0".repeat(40) }));
    await plant(`/threads/prod/promotions/${hex()}/2`, record());
    expect(await isPromoted()).toBe(true);
  });
});

describe("a record for which there is no room is refused before anything is tested or tagged:", () => {
  const untouched = async (): Promise<boolean> => {
    const tags = await Promise.all([...services, "bundle"].map((one) => world.tagsOf(one, `prod-${revision}`)));
    return world.smoked.length === 0 && tags.flat().length === 0 && !(await isPromoted());
  };
  const soaking = (): PromotePorts => world.withGates({ soakMs: 3_600_000, branch: "no-such-branch" });

  test("of the promotion, with --dry-run too", async () => {
    const overrides = parseOverrides(["soak", "branch"], "ü{{".repeat(133));
    const runUrl = `https://github.com/${"o".repeat(1_200)}`;
    for (const dryRun of [true, false])
      await expect(
        run({ overrides, dryRun }, { ...soaking(), author: { user: "ada", host: "laptop", runUrl } }),
      ).rejects.toMatchObject({
        code: "RECORD_TOO_LARGE",
        exitCode: 3,
        next: [`threads gates ${revision} -e prod`],
        advice: ["override fewer gates, or say why in fewer words"],
      });
    expect(await untouched()).toBe(true);
  });

  test("of the smoke test", async () => {
    const { config } = world.ports;
    const checks = Array.from({ length: 20 }, (_, n) => ({
      ...config.checks[0]!,
      path: `/${String(n)}${"ü".repeat(99)}`,
    }));
    await expect(run({}, { ...world.ports, config: { ...config, checks } })).rejects.toMatchObject({
      code: "RECORD_TOO_LARGE",
      exitCode: 3,
    });
    expect(await untouched()).toBe(true);
  });
});

test("an environment without gates takes what is published, and a promotion to it is refused with the deploy", async () => {
  for (const dryRun of [false, true])
    await expect(run({ environment: "staging", dryRun })).rejects.toMatchObject({
      code: "NO_GATES",
      outcome: "refused",
      next: [`threads deploy -e staging ${revision}`],
    });
  expect(world.smoked).toHaveLength(0);
});

test("nor is one promoted to ECS without gates, and what comes next is no deploy, which there is not yet", async () => {
  const { config } = world.ports;
  const environments = { ...config.environments, cloud: anEnvironment("cloud", onEcs()) };
  const withEcs = { ...world.ports, config: { ...config, environments } };
  const next = [`threads deploy -e cloud ${revision}`];
  await expect(run({ environment: "cloud" }, withEcs)).rejects.toMatchObject({ code: "NO_GATES", next });
  expect(await gates({ release: revision, environment: "cloud" }, withEcs)).toMatchObject({ outcome: "open", next });
});
