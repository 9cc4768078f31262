import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deploy, type DeployOptions } from "../../../../src/lib/actions/deploy/run.ts";
import { judgeLedger } from "../../../../src/lib/actions/doctor/checks/ledger.ts";
import { showHistory } from "../../../../src/lib/actions/history/show.ts";
import { rollback } from "../../../../src/lib/actions/rollback/run.ts";
import { status } from "../../../../src/lib/actions/status/run.ts";
import type { EnvironmentStatus } from "../../../../src/lib/fleet/status-result.ts";
import type { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import type { RolloutResult } from "../../../../src/lib/fleet/result.ts";
import { plainPaint } from "../../../../src/lib/output/paint.ts";
import { renderPast } from "../../../../src/lib/output/render/past.ts";
import { rolloutRenderer } from "../../../../src/lib/output/render/rollout.ts";
import { statusRenderer } from "../../../../src/lib/output/render/status.ts";
import { Fleet, sha } from "../../../fakes/fleet.ts";

// After a rollback nothing comes by itself: an automatic deployment must not undo what a person has decided.

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open(2);
  for (const word of ["one", "two", "three"]) fleet.publish(word);
  await put("one");
  await put("two");
});
afterEach(() => fleet.close());

const put = (word: string, change: Partial<DeployOptions> = {}): Promise<RolloutResult> => {
  const options = { environment: "prod", release: sha(word), dryRun: false, force: false, supersede: undefined };
  return deploy({ ...options, ...change }, fleet.freshPorts());
};
const back = (dryRun = false): Promise<RolloutResult> =>
  rollback({ environment: "prod", dryRun, supersede: undefined, reason: "orders are lost" }, fleet.freshPorts());
const failed = (run: Promise<unknown>): Promise<ThreadsError> =>
  run.then(
    () => Promise.reject(new Error("it succeeded")),
    (error: ThreadsError) => error,
  );
const prod = async (): Promise<EnvironmentStatus> =>
  (await status({ environment: "prod" }, fleet.freshPorts())).environments[0]!;
/** The options of a line that somebody was told to type. */
const typed = (line: string): Promise<RolloutResult> => {
  const [, release, flag, number] = /^threads deploy -e prod (\S+)(?: (--lift-hold) (\d+))?$/.exec(line) ?? [];
  expect({ line, release }).toMatchObject({ release: expect.any(String) });
  return put("", { release, ...(flag === undefined ? {} : { liftHold: Number(number) }) });
};

const short = (word: string): string => sha(word).slice(0, 12);
const why = `prod is held: ada on laptop rolled it back from ${short("two")} to ${short("one")} \\(deployment 3, .* UTC\\): orders are lost`;

describe("every other release is refused, before anything is touched:", () => {
  test.each(["two", "three"])("the one that was taken back, and a newer one (%s)", async (word) => {
    await back();
    const records = fleet.ssm.parameters.store.size;
    expect(await failed(put(word))).toMatchObject({
      code: "HELD",
      exitCode: 3,
      message: expect.stringMatching(new RegExp(`^${why}$`)),
      next: [`threads deploy -e prod ${sha(word)} --lift-hold 3`, "threads status -e prod"],
    });
    expect(fleet.revisions("one")).toEqual(["one", "one"]);
    expect(fleet.ssm.parameters.store.size).toBe(records);
  });

  test("a plan says that it would be", async () => {
    await back();
    const message = expect.stringMatching(new RegExp(`^it would be refused: ${why}$`));
    expect(await failed(put("two", { dryRun: true }))).toMatchObject({ code: "HELD", exitCode: 3, message });
  });

  test("a script that lifts an earlier hold lifts no later one", async () => {
    await back();
    await put("three", { liftHold: 3 });
    await back();
    const error = await failed(put("three", { liftHold: 3 }));
    expect(error).toMatchObject({
      code: "HELD",
      message: expect.stringMatching(/; --lift-hold 3 names another hold$/),
    });
    expect(error.next[0]).toBe(`threads deploy -e prod ${sha("three")} --lift-hold 5`);
  });

  test("another deployment of what runs is none of them, and leaves the hold as it is", async () => {
    await back();
    expect((await put("one")).outcome).toBe("already-running");
    expect(await put("one", { force: true })).toMatchObject({ outcome: "deployed", liftsHold: null });
    expect(await failed(put("two"))).toMatchObject({ code: "HELD" });
  });
});

describe("it is lifted", () => {
  test("by the commands that the refusal and the rollback name", async () => {
    const { undo } = await back();
    const { next } = await failed(put("three"));
    expect(await typed(next[0]!)).toMatchObject({ outcome: "deployed", number: 4, liftsHold: 3 });
    expect(await put("two")).toMatchObject({ outcome: "deployed", liftsHold: null });
    await back();
    await expect(typed(undo!)).rejects.toMatchObject({ code: "HELD" });
  });

  test("by the undo, as it stands", async () => {
    const { undo } = await back();
    expect(await typed(undo!)).toMatchObject({ outcome: "deployed", release: { revision: sha("two") } });
    expect((await prod()).hold).toBeNull();
  });

  test("only once that release runs: one that fails leaves it standing", async () => {
    await back();
    fleet.hosts[0]!.behaviours.push({ code: 15, serves: "old" });
    expect(await failed(put("three", { liftHold: 3 }))).toMatchObject({ code: "ROLLED_BACK" });
    expect(await failed(put("three"))).toMatchObject({ code: "HELD" });
  });

  test("without another release, by one more deployment of what runs", async () => {
    await back();
    const { hold } = await prod();
    expect(hold?.lift).toBe(`threads deploy -e prod ${sha("one")} --force --lift-hold 3`);
    const { next } = await put("one", { liftHold: 3 });
    expect(next).toEqual([`threads deploy -e prod ${sha("one")} --lift-hold 3 --force`]);
    expect(await put("one", { liftHold: 3, force: true })).toMatchObject({ liftsHold: 3 });
    expect(await put("two")).toMatchObject({ outcome: "deployed" });
  });

  test("as often as somebody says so: where none stands, that is no mistake", async () => {
    const notes: string[] = [];
    const ports = fleet.freshPorts();
    const progress = { ...ports.progress, note: (text: string) => void notes.push(text) };
    const options = { environment: "prod", release: sha("three"), dryRun: false, force: false, supersede: undefined };
    const done = await deploy({ ...options, liftHold: 9 }, { ...ports, progress });
    expect(done).toMatchObject({ outcome: "deployed", liftsHold: null });
    expect(notes).toContain("no hold stands: --lift-hold 9 lifts nothing");
  });

  test("and what stopped half-way is gone on with by the same number", async () => {
    await back();
    fleet.hosts[0]!.onDeploy = () => fleet.press();
    const options = { environment: "prod", release: sha("three"), dryRun: false, force: false, supersede: undefined };
    const error = await failed(deploy({ ...options, liftHold: 3 }, fleet.ports()));
    fleet.hosts[0]!.onDeploy = undefined;
    expect(error.next).toContain(`threads deploy -e prod ${sha("three")} --lift-hold 3`);
    expect(await typed(error.next.find((line) => line.includes("deploy"))!)).toMatchObject({ outcome: "deployed" });
  });
});

test("what a dead deployer has begun is taken over with its number, too", async () => {
  await back();
  const { ledger } = fleet.freshPorts();
  const [, latest] = (await ledger.deploymentLog("prod")).deployments;
  const { schema: _, number: __, nonce: ___, ...draft } = latest!.intent;
  const at = (ms: number): string => new Date(fleet.clock.now() + ms).toISOString();
  await ledger.begin("prod", 4, { ...draft, startedAt: at(0), deadline: at(900_000), liftsHold: 3 });
  fleet.clock.advance(300_000);
  fleet.hosts[0]!.change = () => ({ number: 4, quietSeconds: 90 });
  expect((await prod()).next).toEqual([
    `threads deploy -e prod ${sha("two")} --lift-hold 3 --supersede 4`,
    "threads rollback -e prod --supersede 4",
  ]);
  const supersede = (await failed(put("three", { liftHold: 3 }))).next[0];
  expect(supersede).toBe(`threads deploy -e prod ${sha("three")} --lift-hold 3 --supersede 4`);
});

test("a rollback heeds none, and its own replaces it", async () => {
  await put("three");
  await back();
  expect(await back()).toMatchObject({ outcome: "deployed", release: { revision: sha("one") } });
  expect((await prod()).hold).toMatchObject({ number: 5, on: sha("one"), from: sha("two") });
});

test("what a rollback of an unfinished release takes back is that release", async () => {
  fleet.hosts[0]!.onDeploy = () => fleet.press();
  await deploy(
    { environment: "prod", release: sha("three"), dryRun: false, force: false, supersede: undefined },
    fleet.ports(),
  ).catch(() => undefined);
  fleet.hosts[0]!.onDeploy = undefined;
  expect((await back()).undo).toBe(`threads deploy -e prod ${sha("three")} --lift-hold 4`);
  expect((await prod()).hold).toMatchObject({ from: sha("three"), on: sha("two") });
});

describe("it is shown", () => {
  const text = (lines: readonly string[]): string => lines.join("\n");

  test("by the rollback and by its plan", async () => {
    const planned = await back(true);
    expect(planned).toMatchObject({ outcome: "planned", holds: true, number: null });
    expect(text(rolloutRenderer({})(planned, plainPaint))).toContain("  would hold prod: no other release");
    const done = await back();
    expect(text(rolloutRenderer({})(done, plainPaint))).toContain(
      "  holds prod: no other release is deployed to it but with --lift-hold 3",
    );
  });

  test("by status, which is no fault, with what lifts it", async () => {
    await back();
    const seen = await status({ environment: "prod" }, fleet.freshPorts());
    const lift = `threads deploy -e prod ${sha("one")} --force --lift-hold 3`;
    expect(seen).toMatchObject({ outcome: "as-deployed", next: [] });
    expect(seen.environments[0]?.hold).toEqual({
      number: 3,
      complete: true,
      by: { user: "ada", host: "laptop", runUrl: null, principal: null },
      heldAt: expect.any(String),
      from: sha("two"),
      on: sha("one"),
      reason: "orders are lost",
      lift,
    });
    const page = text(statusRenderer({})(seen, plainPaint));
    expect(page).toContain(`  held since it was rolled back from ${short("two")} `);
    expect(page).toMatch(
      /by ada on laptop \(#3\): orders are lost\n {6}no other release is deployed to it but with --lift-hold 3\n/,
    );
  });

  test("by doctor, and in the history by what has lifted it", async () => {
    await back();
    const { ledger } = fleet.freshPorts();
    expect(judgeLedger("prod", await ledger.deploymentLog("prod")).says).toContain("; rollback 3 holds it");
    await put("three", { liftHold: 3 });
    expect(judgeLedger("prod", await ledger.deploymentLog("prod")).says).not.toContain("holds");
    const ask = { environment: "prod", limit: undefined, before: undefined, all: false };
    const ports = fleet.freshPorts();
    const page = renderPast(await showHistory({ ...ask, deployment: undefined }, ports), plainPaint, 200);
    expect(text(page)).toMatch(/^4 .*deploy, lifts 3/m);
    const one = renderPast(await showHistory({ ...ask, deployment: "4" }, ports), plainPaint, 200);
    expect(text(one)).toContain("  lifts the hold of #3");
  });
});
