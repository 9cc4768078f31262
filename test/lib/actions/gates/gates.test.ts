import { StartImageScanCommand } from "@aws-sdk/client-ecr";
import { gateNames } from "../../../../src/lib/gates/names.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { gates } from "../../../../src/lib/actions/gates/run.ts";
import { freeze, type FreezePorts } from "../../../../src/lib/actions/freeze/run.ts";
import { promote } from "../../../../src/lib/actions/promote/run.ts";
import { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import { digestOf } from "../../../../src/lib/image/digest.ts";
import type { PublishedRelease } from "../../../../src/lib/release/release.ts";
import { plainPaint } from "../../../../src/lib/output/paint.ts";
import { renderFreeze } from "../../../../src/lib/output/render/freeze.ts";
import { hurriedClock } from "../../../fakes/hurried-clock.ts";
import { promotionWorld, type PromotionWorld, services } from "../promote/world.ts";

let world: PromotionWorld;
let release: PublishedRelease;
beforeAll(async () => {
  world = await promotionWorld();
});
beforeEach(async () => {
  release = await world.publish(`release ${String(Math.random())}`);
});
afterAll(() => world[Symbol.asyncDispose]());

const ask = (ports = world.ports, name = release.release.revision) =>
  gates({ release: name, environment: "prod" }, ports);
const stateOf = (result: Awaited<ReturnType<typeof ask>>) =>
  Object.fromEntries(result.gates.map(({ gate, state }) => [gate, state]));

test("the gates of threads.yml, from nothing to a promotion", async () => {
  const { revision } = release.release;
  const first = await ask();
  expect(Object.keys(first)).toEqual([
    "environment",
    "revision",
    "bundle",
    "says",
    "outcome",
    "gates",
    "next",
    "advice",
  ]);
  expect(first).toMatchObject({
    environment: "prod",
    revision,
    bundle: release.digest,
    outcome: "shut",
  });
  expect(stateOf(first)).toEqual({
    ...Object.fromEntries(gateNames.map((gate) => [gate, "not-configured"])),
    published: "passed",
    freeze: "passed",
    verified: "missing",
    smoke: "missing",
  });
  await world.deployed("staging", release);
  const promoting = [`threads promote ${revision} -e prod`];
  expect(await ask()).toMatchObject({ outcome: "smoke-missing", next: promoting });
  await promote({ release: revision, environment: "prod", dryRun: false }, world.ports);
  // What is promoted is deployed.
  expect(await ask()).toMatchObject({ outcome: "open", next: [`threads deploy -e prod ${revision}`] });
});

test("an environment without gates has none, and is deployed to at once", async () => {
  const { revision } = release.release;
  const staging = await gates({ release: revision, environment: "staging" }, world.ports);
  expect(staging).toMatchObject({ outcome: "open", next: [`threads deploy -e staging ${revision}`] });
  expect(stateOf(staging)).toEqual({
    ...Object.fromEntries(gateNames.map((gate) => [gate, "not-configured"])),
    published: "passed",
    freeze: "passed",
  });
});

test.each(["staging", "prod"])(
  "where a rollback holds %s, what opens it for the release is named",
  async (environment) => {
    const { revision } = release.release;
    const bundle = { repository: "threads/bundle", digest: `sha256:${"e".repeat(64)}` as const };
    await world.deployed("staging", release);
    await promote({ release: revision, environment: "prod", dryRun: false }, world.ports);
    const { number } = await world.deployed(environment, release, { draft: { kind: "rollback", bundle } });
    expect(await gates({ release: revision, environment }, world.ports)).toMatchObject({
      outcome: "open",
      next: [`threads deploy -e ${environment} ${revision} --lift-hold ${number}`],
    });
  },
);

test("nothing is asked for a gate that is not configured, and the rest in one round", async () => {
  await world.calls();
  await ask(world.withGates({ verified: undefined }));
  const calls = await world.calls();
  expect(calls.filter((name) => name.startsWith("GetParameter")).toSorted()).toEqual([
    "GetParameters",
    "GetParametersByPath",
  ]);
  expect(calls).not.toContain("DescribeImageScanFindings");
  // The services of threads.yml, the edge and the bundle; those that this registry lacks are asked for too.
  expect(calls.filter((name) => name === "BatchGetImage")).toHaveLength(world.ports.config.services.length + 2);
});

test("a release that is not published is an answer, not a failure", async () => {
  world.repository.write("code.txt", "never built");
  const revision = world.repository.commit("never built");
  const result = await ask(world.ports, "HEAD");
  expect(result).toMatchObject({ revision, bundle: null, outcome: "shut" });
  expect(result.gates[0]).toMatchObject({ gate: "published", state: "missing" });
  expect(result.gates[0]?.next.length).toBeGreaterThan(0);
});

test("the branch: by ancestry, by tree, and not at all", async () => {
  const ports = world.withGates({ branch: "main" });
  const branch = async () => (await ask(ports)).gates.find(({ gate }) => gate === "branch");
  expect(await branch()).toMatchObject({ state: "missing", next: ["git fetch origin main"] });
  world.repository.git("branch", "main", "HEAD^");
  expect(await branch()).toMatchObject({ state: "blocked", says: expect.stringContaining("main does not have") });
  world.repository.git("branch", "--force", "main");
  expect(await branch()).toMatchObject({ state: "passed" });
});

test("the age of a release is counted from its publication, by the registry's clock, and asked for where it matters", async () => {
  const ports = world.withGates({ maturityMs: 3_600_000 });
  const maturity = async (pushes = ports.pushes) =>
    (await ask({ ...ports, pushes })).gates.find(({ gate }) => gate === "maturity");
  expect(await maturity()).toMatchObject({ state: "missing", opensBy: "time" });
  const earlier = async (...image: Parameters<typeof ports.pushes.pushedAt>) =>
    ((await ports.pushes.pushedAt(...image)) ?? NaN) - 3_660_000;
  expect(await maturity({ pushedAt: earlier })).toMatchObject({ state: "passed" });
  expect(await ports.pushes.pushedAt("threads/bundle", digestOf("never pushed"))).toBeUndefined();
  await world.calls();
  await ask();
  expect(await world.calls()).not.toContain("DescribeImages");
});

describe("the scan", () => {
  const ports = () => world.withGates({ scan: { block: ["CRITICAL"], allow: [], waitMs: 300_000 } });
  const scan = async () => (await ask(ports())).gates.find(({ gate }) => gate === "scan");
  const digestOfService = (service: string): string => release.release.images[service]?.digest ?? "";

  test("that was never made is not clean; once made it is", async () => {
    expect(await scan()).toMatchObject({
      state: "missing",
      says: "web and nginx have no scan yet",
      next: [
        ...services.map(
          (name) =>
            `aws ecr start-image-scan --repository-name threads/${name} --image-id imageDigest=${digestOfService(name)}`,
        ),
        `threads promote ${release.release.revision} -e prod`,
      ],
    });
    for (const service of services) {
      const imageId = { imageDigest: digestOfService(service) };
      await world.sandbox.ecr.send(new StartImageScanCommand({ repositoryName: `threads/${service}`, imageId }));
    }
    expect(await scan()).toMatchObject({ state: "passed", says: "no CRITICAL finding in 2 images" });
  });

  test("with findings says which, in which image; still running it is waited for by promote alone", async () => {
    const findings = [{ name: "CVE-2026-7", severity: "CRITICAL" }];
    const scans = services.map((service) => ({
      imageDigest: digestOfService(service),
      status: "COMPLETE",
      findings: service === "nginx" ? findings : [],
    }));
    await world.sandbox.settings({ scans });
    expect(await scan()).toMatchObject({ state: "blocked", says: "1 finding: CVE-2026-7 (CRITICAL, nginx)" });
    await world.sandbox.settings({ scans: scans.map((one) => ({ ...one, status: "PENDING", findings: [] })) });
    expect(await scan()).toMatchObject({ state: "missing", says: "the scan of web and nginx is still running" });
    await world.sandbox.settings({ scans: [] });
  });

  test("whose exception has ended by the server's clock is blocked, whatever this machine's clock says", async () => {
    const id = "CVE-2026-8";
    const findings = [{ name: id, severity: "CRITICAL" }];
    await world.sandbox.settings({ scans: services.map((name) => ({ imageDigest: digestOfService(name), findings })) });
    const clock = hurriedClock(Date.parse("2001-01-01T00:00:00Z"));
    const judged = async (until: string) => {
      const allow = [{ id, until, reason: "not called" }];
      const gated = world.withGates({ scan: { block: ["CRITICAL"], allow, waitMs: 0 } });
      return (await ask({ ...gated, clock })).gates.find(({ gate }) => gate === "scan")?.state;
    };
    expect(await judged("2002-01-01")).toBe("blocked");
    expect(await judged("2999-01-01")).toBe("passed");
    await world.sandbox.settings({ scans: [] });
  });

  test("of an index is that of its platforms, without the attestations", async () => {
    const { registry, scans } = ports();
    const child = release.release.images["web"]?.digest ?? digestOf("");
    const attestation = await world.push("web", "attestation", "provenance");
    const manifests = [
      { mediaType: "application/vnd.oci.image.manifest.v1+json", size: 300, digest: child, platform: linux },
      { mediaType: "application/vnd.oci.image.manifest.v1+json", size: 300, digest: attestation, platform: unknown },
    ];
    const mediaType = "application/vnd.oci.image.index.v1+json";
    const put = async (body: string) => {
      await registry.tag(
        "threads/web",
        { digest: digestOf(body), mediaType, body },
        `index-${digestOf(body).slice(7, 19)}`,
      );
      return scans.scanned("threads/web", digestOf(body));
    };
    const index = JSON.stringify({ schemaVersion: 2, mediaType, manifests });
    const found = await put(index);
    expect(found.map(({ digest, status }) => [digest, status])).toEqual([[child, "NOT_FOUND"]]);
    const inner = { mediaType, size: index.length, digest: digestOf(index) };
    const outer = await put(JSON.stringify({ schemaVersion: 2, mediaType, manifests: [inner] }));
    expect(outer.map(({ digest, status }) => [digest, status])).toEqual([[child, "NOT_FOUND"]]);
    const nothing = await put(JSON.stringify({ schemaVersion: 2, mediaType, manifests: manifests.slice(1) }));
    expect(nothing.map(({ status }) => status)).toEqual(["UNSUPPORTED_IMAGE"]);
  });

  test("of many findings is read to its last page", async () => {
    const findings = Array.from({ length: 2_300 }, (_, index) => ({
      name: `CVE-2026-${String(index)}`,
      severity: index === 2_299 ? "CRITICAL" : "LOW",
    }));
    await world.sandbox.settings({ scans: [{ imageDigest: digestOfService("web"), findings }] });
    await world.calls();
    expect(await scan()).toMatchObject({ state: "blocked", says: "1 finding: CVE-2026-2299 (CRITICAL, web)" });
    // Three pages of web, and the one answer about nginx.
    expect((await world.calls()).filter((name) => name === "DescribeImageScanFindings")).toHaveLength(4);
    await world.sandbox.settings({ scans: [] });
  });

  const linux = { architecture: "amd64", os: "linux" };
  const unknown = { architecture: "unknown", os: "unknown" };
});

describe("a freeze", () => {
  const pull = (change: { reason?: string | undefined; lift?: boolean; user?: string; dryRun?: boolean } = {}) => {
    const { user = "bob", reason, lift = false, dryRun = false } = change;
    return freeze({ environment: "prod", reason, lift, dryRun }, { ...world.ports, author: { user, host: "desk" } });
  };

  test("is seen by everybody, is one person's, and is lifted by anybody", async () => {
    const frozen = await pull({ reason: "the {{database}} is on fire" });
    expect(frozen).toMatchObject({
      environment: "prod",
      outcome: "frozen",
      frozen: true,
      freeze: { reason: "the {{database}} is on fire", by: { user: "bob", host: "desk" } },
    });
    expect((await ask()).gates[1]).toMatchObject({
      gate: "freeze",
      state: "blocked",
      says: expect.stringContaining("{{"),
    });
    expect(await pull({ reason: "the {{database}} is on fire" })).toMatchObject({ outcome: "already-frozen" });
    await expect(pull({ reason: "me too", user: "eve" })).rejects.toMatchObject({
      code: "ALREADY_FROZEN",
      exitCode: 4,
      message: expect.stringMatching(/frozen by .*bob on desk/),
    });
    expect(await pull({ lift: true, user: "eve" })).toMatchObject({ outcome: "lifted", frozen: false });
    expect(await pull({ lift: true })).toEqual({
      environment: "prod",
      outcome: "not-frozen",
      frozen: false,
      freeze: null,
      next: [],
      advice: [],
    });
    expect((await ask()).gates[1]).toMatchObject({ gate: "freeze", state: "passed" });
  });

  test("that is planned says what it would do, or that it would be refused, and changes nothing", async () => {
    const plan = (change: Parameters<typeof pull>[0]) => pull({ ...change, dryRun: true });
    const fresh = await plan({ reason: "fire" });
    expect(fresh).toMatchObject({ outcome: "planned", frozen: false, freeze: null });
    expect(fresh.next).toEqual(["threads freeze -e prod --reason 'fire'"]);
    expect(renderFreeze(fresh, plainPaint)[0]).toMatch(/^Would freeze prod: /);
    expect(await plan({ lift: true })).toMatchObject({ outcome: "not-frozen" });
    await expect(plan({ reason: "x".repeat(5_000) })).rejects.toMatchObject({ code: "RECORD_TOO_LARGE" });
    expect(await pull({ lift: true })).toMatchObject({ outcome: "not-frozen" });
    await pull({ reason: "fire" });
    expect(await plan({ reason: "fire" })).toMatchObject({ outcome: "already-frozen", frozen: true });
    await expect(plan({ reason: "me too", user: "eve" })).rejects.toMatchObject({ code: "ALREADY_FROZEN" });
    const lifting = await plan({ lift: true });
    expect(lifting).toMatchObject({ outcome: "planned", frozen: true, next: ["threads freeze -e prod --lift"] });
    expect(renderFreeze(lifting, plainPaint)[0]).toBe("Would lift the freeze of prod");
    expect(await pull({ lift: true })).toMatchObject({ outcome: "lifted" });
  });

  test("names what is at work all the same, by the server's clock", async () => {
    const pulled = async (ports: Partial<FreezePorts> = {}): Promise<readonly string[]> => {
      world.warnings.length = 0;
      // A laptop whose clock is years ahead.
      const clock = hurriedClock(Date.parse("2040-01-01T00:00:00Z"));
      const author = { user: "bob", host: "desk" };
      const options = { environment: "prod", reason: "stop the line", lift: false };
      expect(await freeze(options, { ...world.ports, author, clock, ...ports })).toMatchObject({ frozen: true });
      await pull({ lift: true });
      return [...world.warnings];
    };
    expect(await pulled()).toEqual([]);
    const first = await world.begun("prod", release);
    const by = `${String(first.number)} by user/sandbox (eve on runner) is under way`;
    expect(await pulled()).toEqual([`deployment ${by}; it stops before its next host`]);
    await world.ended("prod", first);
    expect(await pulled()).toEqual([]);
    const second = await world.begun("prod", release, { kind: "rollback" });
    expect(await pulled()).toEqual([
      `rollback ${String(second.number)} by user/sandbox (eve on runner) is under way; a freeze does not stop it`,
    ]);
    await world.ended("prod", second);
    const refusal = new ThreadsError("ACCESS_DENIED", { message: "no ssm:GetParametersByPath" });
    const deploymentLog = () => Promise.reject(refusal);
    expect(await pulled({ ledger: { ...world.ports.ledger, deploymentLog } })).toEqual([
      "whether a deployment is under way is not known: no ssm:GetParametersByPath",
    ]);
  });

  test("needs a reason and an environment that exists", async () => {
    for (const reason of [undefined, " "])
      await expect(pull({ reason })).rejects.toMatchObject({ code: "NO_REASON", exitCode: 2 });
    await expect(freeze({ environment: "prd", reason: "x", lift: false }, world.ports)).rejects.toMatchObject({
      code: "UNKNOWN_ENVIRONMENT",
      next: expect.arrayContaining(["threads freeze -e prod --reason 'x'"]),
    });
  });
});
