import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deploy, type DeployOptions } from "../../../../src/lib/actions/deploy/run.ts";
import { showHistory } from "../../../../src/lib/actions/history/show.ts";
import { rollback } from "../../../../src/lib/actions/rollback/run.ts";
import { status } from "../../../../src/lib/actions/status/run.ts";
import type { EnvironmentStatus } from "../../../../src/lib/fleet/status-result.ts";
import type { RolloutResult } from "../../../../src/lib/fleet/result.ts";
import { plainPaint } from "../../../../src/lib/output/paint.ts";
import { renderPast } from "../../../../src/lib/output/render/past.ts";
import { rolloutRenderer } from "../../../../src/lib/output/render/rollout.ts";
import { Fleet, sha } from "../../../fakes/fleet.ts";

// A host that is known to be down, or is being worked on, keeps no release from the others: whoever deploys says which.

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open(3);
  for (const [index, host] of fleet.hosts.entries()) Object.assign(host, { name: `web-${index + 1}` });
  for (const word of ["one", "two", "three"]) fleet.publish(word);
  await put("one");
});
afterEach(() => fleet.close());

const put = (word: string, change: Partial<DeployOptions> = {}): Promise<RolloutResult> => {
  const options = { environment: "prod", release: sha(word), dryRun: false, force: false, supersede: undefined };
  return deploy({ ...options, ...change }, fleet.freshPorts());
};
const id = (index: number): string => fleet.hosts[index]!.id;
const prod = async (): Promise<EnvironmentStatus> =>
  (await status({ environment: "prod" }, fleet.freshPorts())).environments[0]!;
const line = `threads deploy -e prod ${sha("two")}`;

describe.each([
  ["its name", () => "web-2"],
  ["its id", () => id(1)],
])("a host, by %s,", (_, name) => {
  test("is left as it is, and the record, the result and the status say so", async () => {
    const done = await put("two", { without: [name()] });
    expect(fleet.revisions("one", "two")).toEqual(["two", "one", "two"]);
    expect(done).toMatchObject({
      outcome: "deployed",
      hosts: [{ id: id(0) }, { id: id(2) }],
      leftOut: [{ id: id(1), name: "web-2", why: "--without names it" }],
      advice: [`web-2 (${id(1)}) runs what was there before; once it is back: threads converge -e prod`],
    });
    expect(fleet.warnings).toContain(`web-2 (${id(1)}) is left out: --without names it`);
    const [newest] = (await fleet.ports().ledger.deploymentLog("prod")).deployments;
    expect(newest).toMatchObject({
      intent: { hosts: [id(0), id(2)], leftOut: [id(1)] },
      outcome: { result: "succeeded", hosts: [{ state: "new" }, { state: "new" }, { id: id(1), state: "untouched" }] },
    });
    expect((await prod()).problems).toEqual([
      `web-2 (${id(1)}): was left out of deployment 2: runs ${sha("one").slice(0, 12)}`,
    ]);
    expect((await prod()).hosts.map(({ leftOutOf }) => leftOutOf)).toEqual([null, 2, null]);
  });
});

test("once it runs the release, however it has come by it, status says nothing more of that", async () => {
  await put("two", { without: ["web-2"] });
  const [there, here] = [fleet.hosts[2]!, fleet.hosts[1]!];
  Object.assign(here, { current: there.current, containers: there.containers.map((one) => ({ ...one })) });
  const { problems, hosts } = await prod();
  expect({ problems, leftOutOf: hosts[1]?.leftOutOf }).toEqual({ problems: [], leftOutOf: null });
});

test("one that does not answer is still one that was left out", async () => {
  fleet.hosts[1]!.online = false;
  await put("two", { without: ["web-2"] });
  expect((await prod()).hosts[1]).toMatchObject({ verdict: "offline", leftOutOf: 2 });
});

test("nothing is asked of it, be it dead or busy", async () => {
  fleet.hosts[1]!.online = false;
  fleet.hosts[2]!.busy = true;
  const seen = fleet.hosts[2]!.seen.length;
  expect(await put("two", { without: ["web-2", id(2), "web-2"] })).toMatchObject({ hosts: [{}], leftOut: [{}, {}] });
  expect(fleet.hosts[2]!.seen).toHaveLength(seen);
});

test("a later deployment without the flag brings it in again, by the advice as it stands", async () => {
  await put("two", { without: ["web-2"] });
  expect(await put("two")).toMatchObject({ outcome: "deployed", hosts: [{}, {}, {}], leftOut: [] });
  expect(fleet.revisions("two")).toEqual(["two", "two", "two"]);
  const { outcome, problems } = await prod();
  expect({ outcome, problems }).toEqual({ outcome: "as-deployed", problems: [] });
});

test("again without it there is nothing to do, and that is said with whom it is without", async () => {
  await put("two", { without: ["web-2"] });
  const again = await put("two", { without: ["web-2"] });
  expect(again).toMatchObject({ outcome: "already-running", leftOut: [{ id: id(1) }] });
  expect(again.next).toEqual([`${line} --without web-2 --force`]);
  expect(rolloutRenderer({})(again, plainPaint).join("\n")).toContain(`  web-2 (${id(1)}) is left out: `);
});

test("a plan shows it, and is carried out with the same words", async () => {
  const planned = await put("two", { without: ["web-2"], dryRun: true });
  expect(planned.next).toEqual([`${line} --without web-2`]);
  expect(planned.steps).toEqual([expect.stringMatching(/^web-1 /), expect.stringMatching(/^web-3 /)]);
  expect(rolloutRenderer({})(planned, plainPaint).join("\n")).toContain(`  web-2 (${id(1)}) is left out: `);
  expect(fleet.revisions("one")).toEqual(["one", "one", "one"]);
});

test("the one that has the singletons goes on with them: that is said", async () => {
  const { advice } = await put("two", { without: ["web-1"] });
  expect(advice[0]).toContain("; as long as it is at work, celery-beat is there, too; once it is back: ");
  const beats = fleet.hosts.map((host) => host.containers.some((one) => one.service === "celery-beat"));
  expect(beats).toEqual([true, true, false]);
});

describe("is refused, with nothing touched,", () => {
  test("where there is no such host, with what may have been meant", async () => {
    await expect(put("two", { without: ["wbe-2"] })).rejects.toMatchObject({
      code: "UNKNOWN_HOST",
      exitCode: 2,
      message: expect.stringMatching(/^prod has no host wbe-2, only .*; did you mean web-2\?$/),
      next: expect.arrayContaining([`${line} --without web-2`]),
    });
    await expect(put("two", { without: ["web-1", "wbe-2"] })).rejects.toMatchObject({
      next: expect.arrayContaining([`${line} --without web-1 --without web-2`]),
    });
    expect(fleet.revisions("one")).toEqual(["one", "one", "one"]);
  });

  test("where no host is left", async () => {
    await expect(put("two", { without: ["web-1", "web-2", "web-3"] })).rejects.toMatchObject({
      code: "NO_HOST_LEFT",
      exitCode: 3,
      next: [line, "threads status -e prod"],
    });
    expect(fleet.revisions("one")).toEqual(["one", "one", "one"]);
  });

  test("where another one is offline, with the line that leaves out both", async () => {
    fleet.hosts[2]!.online = false;
    await expect(put("two", { without: ["web-2"] })).rejects.toMatchObject({
      code: "HOST_OFFLINE",
      next: expect.arrayContaining([`${line} --without web-2 --without ${id(2)}`]),
    });
    expect(fleet.revisions("one")).toEqual(["one", "one", "one"]);
    for (const host of fleet.hosts) host.online = false;
    await expect(put("two")).rejects.toMatchObject({
      next: expect.not.arrayContaining([expect.stringContaining("--without")]),
    });
  });
});

test("a rollback brings all of them to one release, and is not how a host that was left out of a deployment comes along", async () => {
  await put("two", { without: ["web-2"] });
  const to = (release: string | undefined) =>
    rollback({ environment: "prod", release, dryRun: false, supersede: undefined }, fleet.freshPorts());
  await expect(to("2")).rejects.toMatchObject({
    code: "NOTHING_TO_ROLL_BACK",
    next: expect.arrayContaining(["threads converge -e prod"]),
  });
  expect(await to(undefined)).toMatchObject({ hosts: [{}, {}, {}], leftOut: [] });
  expect(fleet.revisions("one")).toEqual(["one", "one", "one"]);
});

test("the history says how many, and which", async () => {
  await put("two", { without: ["web-2"] });
  fleet.hosts[2]!.behaviours.push({ code: 15, serves: "old" });
  await put("three", { without: ["web-2"] }).catch(() => undefined);
  const ask = { environment: "prod", limit: undefined, before: undefined, all: false };
  const show = async (deployment?: string): Promise<string> =>
    renderPast(await showHistory({ ...ask, deployment }, fleet.freshPorts()), plainPaint, 200).join("\n");
  expect(await show()).toMatch(/^3 .* 2 old, without 1\n2 .* 2, without 1\n1 .* 3$/m);
  expect(await show("2")).toMatch(new RegExp(`${id(1)} +was left out`));
});
