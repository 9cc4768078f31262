import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deploy } from "../../../../src/lib/actions/deploy/run.ts";
import type { TimelineResult } from "../../../../src/lib/ledger/timeline-result.ts";
import type { DeploymentDetail } from "../../../../src/lib/actions/history/result.ts";
import { showHistory } from "../../../../src/lib/actions/history/show.ts";
import { rollback } from "../../../../src/lib/actions/rollback/run.ts";
import { digestOf } from "../../../../src/lib/image/digest.ts";
import { plainPaint } from "../../../../src/lib/output/paint.ts";
import { renderPast } from "../../../../src/lib/output/render/past.ts";
import { hostCodes } from "../../../../src/lib/script/host-codes.ts";
import { aConfig } from "../../../fakes/config.ts";
import { Fleet, sha } from "../../../fakes/fleet.ts";
import { onEcs } from "../../ecs/world.ts";

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open(2);
  for (const word of ["one", "two"]) fleet.publish(word);
});
afterEach(() => fleet.close());

const put = (word: string, reason?: string) =>
  deploy(
    { environment: "prod", release: sha(word), dryRun: false, force: false, supersede: undefined, reason },
    fleet.freshPorts(),
  );
const look = (what: { deployment?: string; all?: boolean; limit?: number }) =>
  showHistory(
    { environment: "prod", deployment: what.deployment, all: what.all ?? false, limit: what.limit, before: undefined },
    fleet.freshPorts(),
  );
const one = async (deployment: string): Promise<DeploymentDetail> => (await look({ deployment })) as DeploymentDetail;
const all = async (limit?: number): Promise<TimelineResult> =>
  (await look({ all: true, ...(limit === undefined ? {} : { limit }) })) as TimelineResult;
const text = (result: Parameters<typeof renderPast>[0]): string => renderPast(result, plainPaint).join("\n");

describe("one deployment", () => {
  test("that failed tells why, where, and what to type", async () => {
    await put("one");
    const message = "not healthy within 120 s: web is restarting";
    fleet.hosts[1]!.behaviours.push({ code: hostCodes.broughtBack.exit, serves: "old", message });
    fleet.hosts[1]!.change = () => ({ step: "verify" });
    await expect(put("two")).rejects.toMatchObject({ code: "ROLLED_BACK" });
    const found = await one("#2");
    expect(found).toMatchObject({
      outcome: "found",
      deployment: { number: 2, result: "rolled-back", by: { user: "ada" } },
      cause: {
        code: "ROLLED_BACK",
        message: expect.stringContaining(message),
        host: fleet.hosts[1]!.id,
        step: "verify",
      },
      log: "/var/lib/threads/log/2.log",
      next: ["threads explain ROLLED_BACK", "threads status -e prod", "threads logs -e prod --deployment 2"],
      promotions: [{ tags: [`prod-${sha("two")}`], overrides: [] }],
    });
    expect(Object.keys(found.images)).toContain("celery-beat");
    const shown = text(found);
    expect(shown).toContain("rolled-back");
    expect(shown).toContain(message);
    expect(shown).toContain(`at ${fleet.hosts[1]!.id}, in step verify`);
    expect(shown).toMatch(/^ {2}i-00000000000000001 {2}runs what it ran before$/m);
    expect(shown).toContain("log on each host: /var/lib/threads/log/2.log");
  });

  test("on ECS has no log of its own, but what its tasks have said since", async () => {
    await put("one");
    fleet.hosts[0]!.behaviours.push({ code: hostCodes.broughtBack.exit, serves: "old", message: "web died" });
    await expect(put("two")).rejects.toMatchObject({ code: "ROLLED_BACK" });
    const ports = fleet.freshPorts();
    const ecs = aConfig({ environments: { prod: onEcs() } }).environments["prod"];
    const config = { ...ports.config, environments: { prod: ecs! } };
    const options = { environment: "prod", deployment: "#2", all: false, limit: undefined, before: undefined };
    const found = (await showHistory(options, { ...ports, config })) as DeploymentDetail;
    expect(found.log).toBeNull();
    expect(found.next.at(-1)).toBe(`threads logs -e prod --since ${found.deployment.startedAt}`);
    expect(text(found)).not.toContain("log on");
  });

  test("that was rolled back names the rollback, and that tells its reason", async () => {
    await put("one");
    await put("two");
    const options = { environment: "prod", dryRun: false, supersede: undefined, reason: " orders are lost " };
    await rollback(options, fleet.freshPorts());
    expect(await one("2")).toMatchObject({ rolledBackBy: 3, cause: null, next: [] });
    const back = await one("3");
    expect(back).toMatchObject({ deployment: { reason: "orders are lost", rollbackOf: 2 }, rolledBackBy: null });
    expect(text(back)).toContain("  because orders are lost");
    expect(text(await one("2"))).toContain("was rolled back by #3");
  });

  test("whose cause has no room in the record is written down without it", async () => {
    await put("one");
    const { ledger } = fleet.freshPorts();
    const [{ intent } = { intent: undefined }] = (await ledger.deploymentLog("prod")).deployments;
    const { schema: _, number: _number, nonce: _nonce, ...draft } = intent!;
    const hosts = Array.from({ length: 73 }, (_one, index) => `i-${String(index).padStart(17, "0")}`);
    const { nonce } = await ledger.begin("prod", 2, { ...draft, hosts });
    const states = hosts.map((id) => ({ id, state: "untouched" as const }));
    const finishedAt = new Date(fleet.clock.now()).toISOString();
    const cause = { code: "ROLLED_BACK", message: "y".repeat(600) };
    await ledger.finish("prod", { schema: 1, number: 2, nonce, result: "failed", hosts: states, finishedAt, cause });
    expect(await one("2")).toMatchObject({ deployment: { result: "failed" }, cause: null });
  });

  test("that is not there is refused, and what is no number is wrong usage", async () => {
    await put("one");
    await expect(one("7")).rejects.toMatchObject({
      code: "NO_SUCH_DEPLOYMENT",
      exitCode: 3,
      message: "prod has no deployment 7; the newest is 1",
      next: ["threads history -e prod"],
    });
    await expect(one("seven")).rejects.toMatchObject({ code: "USAGE", exitCode: 2 });
  });
});

test("a reason that no record has room for is refused before a host is touched", async () => {
  await expect(put("one", "z".repeat(501))).rejects.toMatchObject({ code: "REASON_TOO_LONG" });
  expect(fleet.hosts.flatMap(({ seen }) => seen).filter((seen) => seen.startsWith("deploy"))).toEqual([]);
});

describe("everything that was decided", () => {
  const bob = { user: "bob", host: "desk" };

  test("is told newest first with who and why: promotions, overrides, freezes, what lifted them, rollbacks", async () => {
    const { ledger } = fleet.ports();
    await put("one", "the first");
    fleet.clock.advance(60_000);
    const promotion = {
      schema: 1 as const,
      environment: "prod",
      revision: sha("two"),
      bundle: digestOf("another bundle"),
      tags: [`prod-${sha("two")}`],
      gates: { verified: "missing" },
      overrides: [{ gate: "verified", reason: "hotfix", says: "missing" }],
      by: bob,
      at: new Date(fleet.clock.now()).toISOString(),
      version: "1.0.0",
    };
    await ledger.recordPromotion(promotion);
    fleet.clock.advance(60_000);
    await ledger.freeze("prod", { reason: "black friday", by: bob, at: new Date(fleet.clock.now()).toISOString() });
    fleet.clock.advance(60_000);
    await ledger.lift("prod", { user: "eve", host: "ci" }, new Date(fleet.clock.now()).toISOString());
    fleet.clock.advance(60_000);
    await ledger.freeze("prod", { reason: "again", by: bob, at: new Date(fleet.clock.now()).toISOString() });
    const told = await all();
    const newest = told.events.slice(0, 5).map(({ event, reason, by }) => [event, reason, by.user]);
    expect(newest).toEqual([
      ["freeze", "again", "bob"],
      ["lift", null, "eve"],
      ["freeze", "black friday", "bob"],
      ["override", "hotfix", "bob"],
      ["promotion", null, "bob"],
    ]);
    expect(told.events).toContainEqual(
      expect.objectContaining({ event: "deploy", number: 1, result: "succeeded", reason: "the first" }),
    );
    expect(told.next).toEqual([]);
    const shown = text(told);
    expect(shown).toMatch(/overrode verified .*bob on desk +hotfix$/m);
    expect(shown).toMatch(/deploy #1 .*succeeded: the first$/m);
    const page = await all(2);
    expect(page.events).toHaveLength(2);
    expect(page.next).toEqual(["threads history -e prod --all --limit 10"]);
  });

  test("is nothing where nothing was", async () => {
    fleet.ssm.parameters.store.clear();
    const told = await all();
    expect(told).toMatchObject({ outcome: "empty", events: [], next: [] });
    expect(text(told)).toBe("nothing has ever happened to prod");
  });

  test("passes over what is no record", async () => {
    fleet.ssm.parameters.store.set("/threads/prod/freezes/x", JSON.stringify({ schema: 1, freeze: "no" }));
    expect((await all()).events.every(({ event }) => event === "promotion")).toBe(true);
  });
});
