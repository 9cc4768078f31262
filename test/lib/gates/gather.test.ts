import { afterEach, expect, test } from "vitest";
import { pushedGates } from "../../../src/lib/config/gates-schema.ts";
import { type FactPorts, gatherFacts } from "../../../src/lib/gates/facts.ts";
import { judgeGates } from "../../../src/lib/gates/judge.ts";
import type { Gate } from "../../../src/lib/gates/result.ts";
import { digestOf } from "../../../src/lib/image/digest.ts";
import type { PublishedRelease } from "../../../src/lib/release/release.ts";
import { day, deployment, deployments, head, type LedgerWorld, ledgerWorld, type Planted } from "../ledger/world.ts";
import { aConfig } from "../../fakes/config.ts";
import { environment, releaseOf } from "./facts.ts";

const ada = { user: "ada", host: "laptop" };

let world: LedgerWorld | undefined;
afterEach(async () => {
  await world?.[Symbol.asyncDispose]();
  world = undefined;
});

/** A release of the planted deployments' services. */
const plantedRelease = (word: string, bundle = word): PublishedRelease =>
  releaseOf(word, { bundle, services: ["web", "celery", "celery-beat", "nginx"] });

/** Whatever is asked for is in the registry, and is what git has. */
const portsOf = (ledger: LedgerWorld["ledger"]): FactPorts =>
  ({
    config: aConfig(),
    registry: { find: async (repository: string) => ({ repository, digest: digestOf(""), mediaType: "", body: "" }) },
    ledger,
    provenance: async () => ({ state: "same" }),
  }) as unknown as FactPorts;

/** The gates `verified` and `soak` of a release, by deployments to the environment that the planted ones are of. */
async function judged(
  planted: readonly Planted[],
  published: PublishedRelease,
): Promise<{ gates: Gate[]; calls: number }> {
  world = await ledgerWorld(planted);
  return judgedIn(world, published);
}

async function judgedIn(
  { ledger, gate }: LedgerWorld,
  published: PublishedRelease,
): Promise<{ gates: Gate[]; calls: number }> {
  const [deploymentLog, revisionRecords] = [
    await ledger.deploymentLog("prod"),
    await ledger.revisionRecords("prod", "a".repeat(40)),
  ];
  gate.open();
  const snapshot = { tagged: new Map(), revisionRecords, deploymentLogs: new Map([["prod", deploymentLog]]) };
  const wanted = environment({ verified: "prod", soakMs: 5 * day });
  const facts = await gatherFacts({ environment: wanted, published, snapshot }, portsOf(ledger));
  const gates = judgeGates(facts, new Map()).filter(({ gate: name }) => name === "verified" || name === "soak");
  return { gates, calls: gate.calls.length };
}

const states = (gates: readonly Gate[]): string[] => gates.map(({ state }) => state);
const ago = (days: number): { readonly at: number } => ({ at: Date.now() - days * day });

test("a release among the newest asks for nothing more", async () => {
  const { gates, calls } = await judged(
    [...deployments(1, 290, ago(30)), ...deployments(291, 300, ago(10)), head(300)],
    plantedRelease("release 300"),
  );
  expect([states(gates), calls]).toEqual([["passed", "passed"], 0]);
});

test("one that ran a hundred deployments ago is found", async () => {
  const planted = [...deployments(1, 200, ago(30)), ...deployments(201, 300, ago(10)), head(300)];
  const { gates, calls } = await judged(planted, plantedRelease("release 200"));
  expect(states(gates)).toEqual(["passed", "passed"]);
  expect(gates[0]?.says).toMatch(/^prod ran these digests \(deployment 200 by ada on laptop/);
  // 160 of them, and not the 120 below.
  expect(calls).toBe(34);
});

test("a time that is too short is not the last word: an earlier one was long enough", async () => {
  const planted = [
    ...deployments(1, 49, ago(30)),
    ...deployment(50, ago(30)),
    ...deployments(51, 299, ago(2)),
    ...deployment(300, { release: "release 50", ...ago(1) }),
    head(300),
  ];
  expect(states((await judged(planted, plantedRelease("release 50"))).gates)).toEqual(["passed", "passed"]);
});

test("a stay whose beginning was not read is read back to it", async () => {
  const planted = [
    ...deployments(1, 49, ago(30)),
    ...deployments(50, 98, { release: "long", ...ago(20) }),
    ...deployments(99, 100, ago(1)),
    head(100),
  ];
  const { gates } = await judged(planted, plantedRelease("long"));
  expect(gates[0]?.says).toMatch(/deployment 50 by/);
});

test("another bundle with the same images counts; a release that never ran is told after all was read", async () => {
  const planted = [...deployments(1, 100, ago(30)), head(100)];
  const { gates } = await judged(planted, plantedRelease("release 7", "another"));
  expect(gates[0]?.says).toMatch(/^prod ran these digests \(deployment 7 by/);
  const { gates: none } = await judgedIn(world!, plantedRelease("never"));
  expect(none[0]).toMatchObject({ state: "missing", says: "these digests were never deployed to prod" });
});

test("one that is folded is known by its bundle", async () => {
  world = await ledgerWorld([...deployments(1, 20, ago(400)), ...deployments(21, 60, ago(30))]);
  const { folds } = await world.archive.look("prod");
  for (const fold of folds) await world.archive.fold(fold);
  expect(folds).toHaveLength(2);
  const { gates } = await judgedIn(world, plantedRelease("release 7"));
  expect(gates[0]?.says).toMatch(/^prod ran these digests \(deployment 7 by ada on laptop/);
});

test("whether a deployment was rehearsed is judged by what the environment itself runs", async () => {
  world = await ledgerWorld([...deployments(1, 5, ago(3)), head(5)]);
  const { ledger } = world;
  const asked = async (name: string): Promise<string | null | undefined> => {
    const wanted = { ...environment({ rehearsed: { budget: [], lockMs: 1000 } }), name };
    const published = plantedRelease("release 9");
    const revisionRecords = await ledger.revisionRecords(name, "a".repeat(40));
    const snapshot = { tagged: new Map(), revisionRecords, deploymentLogs: new Map() };
    const { current } = await gatherFacts({ environment: wanted, published, snapshot }, portsOf(ledger));
    return current === null ? null : current?.bundle.digest;
  };
  expect(await asked("prod")).toBe(plantedRelease("release 5").digest);
  expect(await asked("staging")).toBeNull();
});

test("evidence is measured by the checks of threads.yml and by those of the policy", async () => {
  world = await ledgerWorld([]);
  const { ledger } = world;
  const deploymentLog = await ledger.deploymentLog("prod");
  const named = (path: string) => ({ path, status: 200 });
  const gates = pushedGates.parse({
    verify: "prod",
    smoke_checks: [named("/healthz"), named("/readyz")],
    verify_checks: [named("/readyz")],
  });
  const policy = { gates, reason: undefined, principal: undefined, by: ada, pushedAt: "", number: 1 };
  const revisionRecords = { ...(await ledger.revisionRecords("prod", "a".repeat(40))), policy };
  const snapshot = { tagged: new Map(), revisionRecords, deploymentLogs: new Map([["prod", deploymentLog]]) };
  const facts = await gatherFacts(
    { environment: environment(), published: releaseOf("one"), snapshot },
    portsOf(ledger),
  );
  const paths = (checks: readonly { readonly path: string }[] = []) => checks.map(({ path }) => path);
  expect(paths(facts.smokeChecks)).toEqual(["/healthz", "/readyz"]);
  expect(paths(facts.smokeLacks)).toEqual(["/readyz"]);
  expect(paths(facts.hostChecks)).toEqual(["/healthz", "/readyz"]);
  expect(paths(facts.hostLacks)).toEqual(["/readyz"]);
});
