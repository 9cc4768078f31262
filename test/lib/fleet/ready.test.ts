import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deploy } from "../../../src/lib/actions/deploy/run.ts";
import { rollback } from "../../../src/lib/actions/rollback/run.ts";
import { status } from "../../../src/lib/actions/status/run.ts";
import type { EnvironmentStatus } from "../../../src/lib/fleet/status-result.ts";
import { Fleet, sha } from "../../fakes/fleet.ts";

// What the look at all hosts has told is heard before the first of them is touched.

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open();
  for (const word of ["one", "two", "three"]) fleet.publish(word);
  await put("one");
  await put("two");
});
afterEach(() => fleet.close());

const put = (word: string, dryRun = false) =>
  deploy({ environment: "prod", release: sha(word), dryRun, force: false, supersede: undefined }, fleet.ports());
const back = () => rollback({ environment: "prod", dryRun: false, supersede: undefined }, fleet.ports());
const look = async (): Promise<EnvironmentStatus> =>
  (await status({ environment: "prod" }, fleet.ports())).environments[0]!;

const deploys = {
  deploy: { run: () => put("three"), again: `threads deploy -e prod ${sha("three")}` },
  "deploy --dry-run": { run: () => put("three", true), again: `threads deploy -e prod ${sha("three")}` },
};
const commands = { ...deploys, rollback: { run: () => back(), again: "threads rollback -e prod" } };

async function expectUntouched(): Promise<void> {
  expect((await fleet.ports().ledger.deploymentLog("prod", Infinity)).deployments).toHaveLength(2);
  expect(fleet.hosts.flatMap(({ seen }) => seen).filter((one) => one.includes("3"))).toEqual([]);
}

// Going back does not wait for hosts that cannot be reached.
describe.each(Object.entries(deploys))("%s", (_, { run, again }) => {
  test("is refused where a host gives no answer, with the reason", async () => {
    fleet.hosts[1]!.run = () => Promise.resolve({ exitCode: 127, stderr: "bash: not found" });
    await expect(run()).rejects.toMatchObject({
      code: "HOST_SILENT",
      exitCode: 3,
      message: expect.stringMatching(/^i-00000000000000002 of prod .*bash: not found$/),
      next: ["threads status -e prod", `${again} --without i-00000000000000002`],
    });
    await expectUntouched();
  });

  test("where none answers, there is nobody to go on with", async () => {
    for (const host of fleet.hosts) host.run = () => Promise.resolve({ exitCode: 127, stderr: "bash: not found" });
    await expect(run()).rejects.toMatchObject({ code: "HOST_SILENT", next: ["threads status -e prod"] });
  });

  test("is refused where a host lacks a tool without which nobody can look, by its name", async () => {
    const message = "this host lacks timeout (package coreutils)";
    fleet.hosts[1]!.change = () => ({ docker: false, containers: null, message });
    await expect(run()).rejects.toMatchObject({
      code: "HOST_NOT_READY",
      message: `i-00000000000000002 of prod: ${message}`,
    });
    expect((await look()).problems).toEqual([`i-00000000000000002: unknown: ${message}`]);
    await expectUntouched();
  });

  test("is refused where docker is down, and says on which hosts", async () => {
    for (const index of [0, 2]) fleet.hosts[index]!.docker = false;
    await expect(run()).rejects.toMatchObject({
      code: "HOST_NOT_READY",
      exitCode: 3,
      message: expect.stringMatching(/^Docker .* i-00000000000000001, i-00000000000000003 of prod$/),
      next: [
        "aws ssm start-session --target i-00000000000000001",
        "aws ssm start-session --target i-00000000000000003",
        "threads status -e prod",
        `${again} --without i-00000000000000001 --without i-00000000000000003`,
      ],
    });
    await expectUntouched();
  });
});

describe.each(Object.entries(commands))("%s", (_, { run, again }) => {
  test("waits for nobody where a host is busy, and says what to type when it has ended", async () => {
    fleet.hosts[1]!.busy = true;
    await expect(run()).rejects.toMatchObject({
      code: "HOST_BUSY",
      exitCode: 4,
      message: expect.stringMatching(/^i-00000000000000002 of prod is busy: .* will end by itself$/),
      next: ["threads status -e prod", again],
    });
    await expectUntouched();
  });
});

describe("rollback goes on without whom it cannot reach", () => {
  const dead = [
    ["one that is offline", () => (fleet.hosts[1]!.online = false), /offline/],
    [
      "one that gives no answer",
      () => (fleet.hosts[1]!.run = () => Promise.resolve({ exitCode: 127, stderr: "bash: not found" })),
      /bash: not found/,
    ],
    ["one whose docker is down", () => (fleet.hosts[1]!.docker = false), /Docker does not answer/],
    [
      "one that lacks a tool",
      () => (fleet.hosts[1]!.change = () => ({ docker: false, containers: null, message: "it lacks timeout" })),
      /it lacks timeout/,
    ],
  ] as const;

  test.each(dead)("%s is recorded, said and left as it is", async (_, strike, why) => {
    strike();
    const result = await back();
    expect(result).toMatchObject({
      outcome: "deployed",
      hosts: [{ id: "i-00000000000000001" }, { id: "i-00000000000000003" }],
      leftOut: [{ id: "i-00000000000000002", why: expect.stringMatching(why) }],
      advice: [expect.stringContaining("once it is back: threads converge -e prod")],
    });
    expect(fleet.warnings).toContainEqual(expect.stringMatching(/^i-00000000000000002 is left out: /));
    expect(fleet.revisions("one", "two")).toEqual(["one", "two", "one"]);
    const [newest] = (await fleet.ports().ledger.deploymentLog("prod")).deployments;
    expect(newest?.intent.hosts).toEqual(["i-00000000000000001", "i-00000000000000003"]);
    expect(newest?.intent.leftOut).toEqual(["i-00000000000000002"]);
    expect(newest?.outcome).toMatchObject({
      result: "succeeded",
      hosts: [{ state: "new" }, { state: "new" }, { id: "i-00000000000000002", state: "untouched" }],
    });
  });

  test("a host of the fleet that is gone for good is not waited for", async () => {
    fleet.hosts.splice(2);
    fleet.ssm.hosts.delete("i-00000000000000003");
    expect(await back()).toMatchObject({ outcome: "deployed", hosts: [{}, {}], leftOut: [] });
  });

  test("the first host being dead, another one runs the singletons", async () => {
    fleet.hosts[0]!.online = false;
    await back();
    const beats = fleet.hosts.slice(1).map((host) => host.containers.some((one) => one.service === "celery-beat"));
    expect(beats).toEqual([true, false]);
  });

  test("and is refused where it reaches none of them", async () => {
    for (const host of fleet.hosts) host.online = false;
    await expect(back()).rejects.toMatchObject({ code: "HOST_SILENT", exitCode: 3 });
  });
});

describe("status", () => {
  test("of a host whose docker is down says that once, and advises nothing that would be refused", async () => {
    fleet.hosts[1]!.docker = false;
    const prod = await look();
    expect(prod.problems).toEqual(["i-00000000000000002: unknown: Docker does not answer"]);
    expect(prod.hosts[1]).toMatchObject({ verdict: "unknown", services: [] });
    expect(prod.next).toEqual(["aws ssm start-session --target i-00000000000000002"]);
  });

  test("of docker that answers but does not tell what runs says the same", async () => {
    fleet.hosts[0]!.change = () => ({ containers: null });
    expect((await look()).problems).toEqual(["i-00000000000000001: unknown: Docker does not answer"]);
  });

  test("of a busy host advises neither to deploy nor to roll back, nor to look again at once", async () => {
    fleet.hosts[0]!.busy = true;
    fleet.hosts[0]!.containers[0]!.state = "exited";
    expect((await look()).next).toEqual([]);
  });

  test("of a frozen environment lifts the freeze before it deploys", async () => {
    fleet.hosts[0]!.containers[0]!.state = "exited";
    const repair = [`threads deploy -e prod ${sha("two")} --force`, "threads rollback -e prod"];
    expect((await look()).next).toEqual(repair);
    const by = { user: "bob", host: "desk" };
    await fleet.ports().ledger.freeze("prod", { reason: "stop", by, at: "2026-11-22T10:00:00Z" });
    expect((await look()).next).toEqual(["threads freeze -e prod --lift", ...repair]);
  });

  test("of a first deployment that was left in the middle goes on with it: there is nothing to go back to", async () => {
    const host = fleet.addHost("i-0000000000000000a", "staging");
    fleet.addHost("i-0000000000000000b", "staging");
    host.onDeploy = () => fleet.press();
    const first = { environment: "staging", release: sha("one"), dryRun: false, force: false, supersede: undefined };
    await expect(deploy(first, fleet.ports())).rejects.toMatchObject({ code: "INTERRUPTED" });
    const [staging] = (await status({ environment: "staging" }, fleet.freshPorts())).environments;
    expect(staging?.next).toEqual([`threads deploy -e staging ${sha("one")}`]);
  });
});
