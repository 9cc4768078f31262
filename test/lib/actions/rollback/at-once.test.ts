import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deploy } from "../../../../src/lib/actions/deploy/run.ts";
import { rollback } from "../../../../src/lib/actions/rollback/run.ts";
import { Fleet, sha } from "../../../fakes/fleet.ts";

// Going back is for all hosts at once: one after the other would leave people with the bad release for longer.

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open(3);
  for (const word of ["one", "two"]) {
    fleet.publish(word);
    await deploy(
      { environment: "prod", release: sha(word), dryRun: false, force: false, supersede: undefined },
      fleet.ports(),
    );
  }
});
afterEach(() => fleet.close());

const back = () => rollback({ environment: "prod", dryRun: false, supersede: undefined }, fleet.ports());
const states = async (): Promise<readonly string[]> => {
  const { deployments } = await fleet.ports().ledger.deploymentLog("prod");
  return deployments[0]?.outcome?.hosts.map(({ state }) => state) ?? [];
};

test("every host has its order before one of them is done, and the first one has the singletons", async () => {
  const begun: string[] = [];
  let allHave: () => void = () => undefined;
  const all = new Promise<void>((resolve) => (allHave = resolve));
  for (const host of fleet.hosts) {
    const run = host.run.bind(host);
    host.run = async (script, kill) => {
      if (script.includes("ACTION='deploy'")) {
        begun.push(host.id);
        if (begun.length === fleet.hosts.length) allHave();
        await all;
      }
      return run(script, kill);
    };
  }
  expect(await back()).toMatchObject({ outcome: "deployed", hosts: [{}, {}, {}] });
  expect(begun.toSorted()).toEqual(fleet.hosts.map(({ id }) => id));
  const beats = fleet.hosts.map((host) => host.containers.some((one) => one.service === "celery-beat"));
  expect(beats).toEqual([true, false, false]);
});

test("where one fails, the others go back to where it is, and what failed is told", async () => {
  fleet.hosts[1]!.behaviours.push({ code: 15, serves: "old" });
  await expect(back()).rejects.toMatchObject({
    code: "ROLLED_BACK",
    message: expect.stringMatching(/^rollback 3 of .* failed, and prod is back on what it ran before: i-0{16}2 /),
  });
  expect(fleet.revisions("one", "two")).toEqual(["two", "two", "two"]);
  expect(await states()).toEqual(["old", "old", "old"]);
});

describe("where one host keeps the others from going back", () => {
  const without = (...hosts: string[]) =>
    rollback({ environment: "prod", dryRun: false, supersede: undefined, without: hosts }, fleet.freshPorts());

  test.each([
    { why: "it cannot fetch the release", code: 13 },
    { why: "the release does not come up there", code: 15 },
  ])("since $why, they go without it, by the command that is named first", async ({ code }) => {
    Object.assign(fleet.hosts[1]!, { name: "web-2" });
    fleet.hosts[1]!.behaviours.push({ code, serves: "old" });
    await expect(back()).rejects.toMatchObject({
      code: "ROLLED_BACK",
      next: expect.arrayContaining(["threads rollback -e prod --without web-2"]),
    });
    expect(await without("web-2")).toMatchObject({
      outcome: "deployed",
      hosts: [{ state: "new" }, { state: "new" }],
      leftOut: [{ id: fleet.hosts[1]!.id, name: "web-2", why: "--without names it" }],
      advice: [expect.stringMatching(/once it is back: threads converge -e prod$/)],
    });
    expect(fleet.revisions("one", "two")).toEqual(["one", "two", "one"]);
    expect(await states()).toEqual(["new", "new", "untouched"]);
  });

  test("it is named so that no other one is meant", async () => {
    for (const host of fleet.hosts) Object.assign(host, { name: "web" });
    fleet.hosts[1]!.behaviours.push({ code: 13, serves: "old" });
    const { id } = fleet.hosts[1]!;
    await expect(back()).rejects.toMatchObject({
      next: expect.arrayContaining([`threads rollback -e prod --without ${id}`]),
    });
    expect(await without(id)).toMatchObject({ outcome: "deployed", leftOut: [{ id }] });
  });

  test("a name with a space in it is one word of the command", async () => {
    Object.assign(fleet.hosts[1]!, { name: "web 2" });
    fleet.hosts[1]!.behaviours.push({ code: 13, serves: "old" });
    await expect(back()).rejects.toMatchObject({
      next: expect.arrayContaining(["threads rollback -e prod --without 'web 2'"]),
    });
  });

  test("who is left out already stays so, and of one that is alone nobody goes on without it", async () => {
    const [one, two, three] = fleet.hosts.map(({ id }) => id);
    fleet.hosts[1]!.behaviours.push({ code: 13, serves: "old" });
    await expect(without(three!)).rejects.toMatchObject({
      next: expect.arrayContaining([`threads rollback -e prod --without ${three} --without ${two}`]),
    });
    fleet.hosts[1]!.behaviours.push({ code: 13, serves: "old" });
    await expect(without(three!, one!)).rejects.toMatchObject({
      code: "HOST_NOT_READY",
      next: expect.not.arrayContaining([expect.stringContaining(`--without ${two}`)]),
    });
  });

  test("where several do, it is the release: nobody is told to try it host by host", async () => {
    for (const host of fleet.hosts.slice(1)) host.behaviours.push({ code: 15, serves: "old" });
    await expect(back()).rejects.toMatchObject({
      code: "ROLLED_BACK",
      next: expect.not.arrayContaining([expect.stringContaining("--without")]),
    });
  });

  test("who is left out is named as the others are, and one host remains", async () => {
    await expect(without("web-9")).rejects.toMatchObject({ code: "UNKNOWN_HOST", exitCode: 2 });
    await expect(without(...fleet.hosts.map(({ id }) => id))).rejects.toMatchObject({
      code: "NO_HOST_LEFT",
      next: ["threads rollback -e prod", "threads status -e prod"],
    });
    expect(fleet.revisions("one", "two")).toEqual(["two", "two", "two"]);
  });
});

test("where one was not ready, that is no reason to say that nothing was changed: the others had gone", async () => {
  fleet.hosts[0]!.behaviours.push({ code: 10, serves: "old" });
  await expect(back()).rejects.toMatchObject({ code: "ROLLED_BACK" });
  expect(fleet.revisions("one", "two")).toEqual(["two", "two", "two"]);
});

test("where none was ready, nothing was changed", async () => {
  for (const host of fleet.hosts) host.behaviours.push({ code: 10, serves: "old" });
  await expect(back()).rejects.toMatchObject({ code: "HOST_NOT_READY" });
  expect(await states()).toEqual(["old", "untouched", "untouched"]);
});
