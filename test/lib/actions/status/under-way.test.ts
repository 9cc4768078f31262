import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deploy } from "../../../../src/lib/actions/deploy/run.ts";
import { history } from "../../../../src/lib/actions/history/run.ts";
import type { EnvironmentStatus, StatusResult } from "../../../../src/lib/fleet/status-result.ts";
import { status } from "../../../../src/lib/actions/status/run.ts";
import { plainPaint } from "../../../../src/lib/output/paint.ts";
import { statusRenderer } from "../../../../src/lib/output/render/status.ts";
import { Fleet, sha } from "../../../fakes/fleet.ts";
import { asPrinted } from "../../../fakes/results.ts";

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open(2);
  for (const word of ["one", "two"]) fleet.publish(word);
});
afterEach(() => fleet.close());

const put = (word: string, supersede?: number) =>
  deploy({ environment: "prod", release: sha(word), dryRun: false, force: false, supersede }, fleet.freshPorts());
const look = async (): Promise<StatusResult> =>
  asPrinted("status", await status({ environment: "prod" }, fleet.freshPorts()));
const prodOf = (result: StatusResult | undefined): EnvironmentStatus => result!.environments[0]!;

/** Deploys, and looks while the second host is in the middle of its switch. */
async function lookMeanwhile(word: string, harm = (): void => undefined): Promise<StatusResult> {
  let seen: StatusResult | undefined;
  const looking = async (): Promise<void> => {
    harm();
    seen = await look();
  };
  fleet.hosts[0]!.behaviours.push({});
  fleet.hosts[1]!.behaviours.push({
    get until(): Promise<void> {
      return looking();
    },
  });
  await put(word);
  return seen!;
}

describe("a deployment that is at work", () => {
  test("is no drift: each host by what it is on, and how far it is", async () => {
    await put("one");
    const result = await lookMeanwhile("two");
    expect(result.outcome).toBe("under-way");
    const prod = prodOf(result);
    expect(prod).toMatchObject({ problems: [], next: [], release: { number: 1 }, latest: { number: 2 } });
    expect(prod.latest?.work).toMatchObject({ state: "working", says: "i-00000000000000002 is at work" });
    expect(prod.hosts.map(({ deployment, verdict }) => [deployment, verdict])).toEqual([
      [2, "ok"],
      [2, "ok"],
    ]);
    expect(prod.hosts[1]?.services.map(({ verdict }) => verdict)).toContain("changing");
    const text = statusRenderer({})(result, plainPaint).join("\n");
    expect(text).toContain(`${sha("two").slice(0, 12)} (#2)`);
    expect(text).toContain("being deployed");
    expect(text).not.toContain("drift");
  });

  test("is none where it is the first one ever", async () => {
    const result = await lookMeanwhile("one");
    expect(result.outcome).toBe("under-way");
    expect(prodOf(result).problems).toEqual([]);
    expect(statusRenderer({})(result, plainPaint)[0]).toContain("its first deployment is under way");
  });

  test("hides no container that keeps ending", async () => {
    await put("one");
    const result = await lookMeanwhile("two", () => {
      Object.assign(fleet.hosts[0]!.containers[1]!, { state: "restarting", exitCode: 1 });
    });
    expect(result.outcome).toBe("not-as-deployed");
    expect(prodOf(result)).toMatchObject({
      problems: ["i-00000000000000001: celery is restarting (exit code 1)"],
      next: [],
      advice: ["deployment 2 is under way: look again once it has ended"],
    });
  });
});

test("what is unwell is told beside another image, by its short digest", async () => {
  await put("one");
  Object.assign(fleet.hosts[0]!.containers[0]!, {
    digest: `sha256:${"9".repeat(64)}`,
    state: "restarting",
    exitCode: 1,
  });
  expect(prodOf(await look()).problems).toEqual([
    `i-00000000000000001: web runs sha256:${"9".repeat(12)} and is restarting (exit code 1)`,
  ]);
});

describe("a deployment whose deployer may be dead", () => {
  /** The intent is there, its first host has ended so long ago, and nothing more is heard. */
  async function begun(quietSeconds: number): Promise<void> {
    const { ledger } = fleet.freshPorts();
    const [latest] = (await ledger.deploymentLog("prod")).deployments;
    const { schema: _, number, nonce: _own, ...draft } = latest!.intent;
    const at = (ms: number): string => new Date(fleet.clock.now() + ms).toISOString();
    const times = { startedAt: at(0), deadline: at(900_000) };
    await ledger.begin("prod", number + 1, { ...draft, ...times, by: { user: "bob", host: "ci" } });
    fleet.clock.advance(300_000);
    fleet.hosts[0]!.change = () => ({ number: number + 1, quietSeconds });
  }

  test("is not called dead as long as a host was at work just now", async () => {
    await put("one");
    await begun(20);
    const prod = prodOf(await look());
    expect(prod).toMatchObject({ outcome: "under-way", latest: { work: { state: "quiet", quietMs: 20_000 } } });
    await expect(put("two")).rejects.toMatchObject({
      code: "DEPLOYMENT_UNDER_WAY",
      message: expect.stringContaining("its last sign of life was 20 s ago"),
      next: [`threads deploy -e prod ${sha("two")} --wait`, "threads status -e prod"],
    });
  });

  test("is called dead where none was for too long, and only then offered to be taken over", async () => {
    await put("one");
    await begun(90);
    const prod = prodOf(await look());
    expect(prod.problems).toEqual([
      "deployment 2 by bob on ci never ended, and no host has been at work on it for 90 s: it is probably dead",
    ]);
    expect(prod.next).toEqual([
      `threads deploy -e prod ${sha("one")} --supersede 2`,
      "threads rollback -e prod --supersede 2",
    ]);
    await expect(put("two")).rejects.toMatchObject({
      message: expect.stringContaining("no host has been at work on it for 90 s: it is probably dead"),
      next: [`threads deploy -e prod ${sha("two")} --supersede 2`, "threads status -e prod"],
    });
    fleet.hosts[0]!.change = () => ({});
    await put("two", 2);
    const told = await history({ environment: "prod", limit: undefined, before: undefined }, fleet.freshPorts());
    expect(told.deployments.map(({ result, supersededBy }) => [result, supersededBy])).toEqual([
      ["succeeded", null],
      ["superseded", 3],
      ["succeeded", null],
    ]);
    const below = await history({ environment: "prod", limit: 1, before: 3 }, fleet.freshPorts());
    expect(below.deployments).toMatchObject([{ number: 2, result: "superseded", supersededBy: 3 }]);
  });

  test("leaves no drift behind while another one that took it over is at work", async () => {
    await put("one");
    fleet.publish("three");
    // Two hosts have got the second, wholly or in part, when its deployer dies; the taker has come to none of them yet.
    await put("two");
    const { store } = fleet.ssm.parameters;
    for (const name of [...store.keys()].filter((key) => key.endsWith("2/outcome"))) store.delete(name);
    fleet.hosts[1]!.containers.pop();
    fleet.clock.advance(300_000);
    let seen: StatusResult | undefined;
    fleet.hosts[0]!.behaviours.push({
      get until(): Promise<void> {
        return look().then((result) => void (seen = result));
      },
    });
    await put("three", 2);
    expect(prodOf(seen)).toMatchObject({ outcome: "under-way", problems: [], latest: { number: 3 } });
    expect(prodOf(seen).hosts.map(({ deployment }) => deployment)).toEqual([3, 2]);
  });

  test("is not judged where a host of it cannot be asked", async () => {
    await put("one");
    await begun(90);
    fleet.hosts[1]!.run = () => Promise.resolve({ exitCode: 127, stderr: "bash: not found" });
    expect(prodOf(await look()).latest?.work).toMatchObject({ state: "unknown" });
    await expect(put("two")).rejects.toMatchObject({
      next: [`threads deploy -e prod ${sha("two")} --wait`, "threads status -e prod"],
      advice: ["--supersede 2 takes it over: only if it is dead"],
    });
  });
});

test("a host that is offline is unknown, and nothing is advised that would be refused", async () => {
  await put("one");
  await put("two");
  fleet.hosts[1]!.online = false;
  expect(prodOf(await look())).toMatchObject({
    outcome: "not-as-deployed",
    problems: ["i-00000000000000002: what runs there is unknown: offline: SSM has lost the connection"],
    next: [],
    advice: [expect.stringContaining("start i-00000000000000002")],
  });
});

test("a first deployment that was left in the middle is told by its number, not as containers that should not be there", async () => {
  fleet.hosts[0]!.onDeploy = () => fleet.press();
  await expect(
    deploy(
      { environment: "prod", release: sha("one"), dryRun: false, force: false, supersede: undefined },
      fleet.ports(),
    ),
  ).rejects.toMatchObject({ code: "INTERRUPTED" });
  expect(prodOf(await look()).problems).toEqual([
    "deployment 1 by ada on laptop was left interrupted",
    `i-00000000000000001: runs ${sha("one").slice(0, 12)} of deployment 1, which was left interrupted`,
  ]);
});
