import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deploy } from "../../../../src/lib/actions/deploy/run.ts";
import { rollback, type RollbackOptions } from "../../../../src/lib/actions/rollback/run.ts";
import { Fleet, sha } from "../../../fakes/fleet.ts";

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open(1);
});
afterEach(() => fleet.close());

const put = async (...words: string[]): Promise<void> => {
  for (const word of words) {
    fleet.publish(word);
    const release = { environment: "prod", release: sha(word), dryRun: false, force: true, supersede: undefined };
    await deploy(release, fleet.freshPorts());
  }
};
const lift = (word: string, liftHold: number) => {
  const release = fleet.publish(word);
  const options = { environment: "prod", release, dryRun: false, force: false, supersede: undefined, liftHold };
  return deploy(options, fleet.freshPorts());
};
const back = (release: string, change: Partial<RollbackOptions> = {}) =>
  rollback({ environment: "prod", release, dryRun: false, supersede: undefined, ...change }, fleet.freshPorts());
const refused = (code: string, next: string[], message = /./) => ({
  code,
  exitCode: 3,
  next,
  message: expect.stringMatching(message),
});
const history = "threads history -e prod";

describe("a deployment's number", () => {
  test.each(["1", "000001", "#1", "#000001"])("is understood as %s", async (name) => {
    await put("one", "two", "three");
    const notes: string[] = [];
    const ports = fleet.freshPorts();
    const progress = { ...ports.progress, note: (text: string) => void notes.push(text) };
    const done = await rollback(
      { environment: "prod", release: name, dryRun: false, supersede: undefined },
      { ...ports, progress },
    );
    expect(done).toMatchObject({ kind: "rollback", number: 4, rollbackOf: 3, release: { revision: sha("one") } });
    expect(notes).toEqual([`deployment 1 brought ${sha("one").slice(0, 12)}`]);
    expect(fleet.revisions("one")).toEqual(["one"]);
  });

  test("of a rollback is the release that it went to; the registry is asked for nothing", async () => {
    await put("one", "two");
    await back("1");
    await lift("three", 3);
    fleet.manifests.clear();
    expect((await back("3")).release.revision).toBe(sha("one"));
  });

  test("whose deployment did not succeed is refused, with the deployment that brings it", async () => {
    await put("one");
    fleet.hosts[0]!.behaviours.push({ code: 15, serves: "old" });
    await expect(put("two")).rejects.toMatchObject({ code: "ROLLED_BACK" });
    await expect(back("2")).rejects.toMatchObject(
      refused("NEVER_RAN", [`threads deploy -e prod ${sha("two")}`, history], /did not succeed: rolled-back$/),
    );
  });

  test("that there is none of is refused, and so is the one that runs", async () => {
    await put("one", "two");
    await expect(back("#9")).rejects.toMatchObject(refused("NEVER_RAN", [history], /^prod has no deployment 9$/));
    await expect(back("9")).rejects.toMatchObject(refused("NEVER_RAN", [history], /no branch that git knows$/));
    await expect(back("2")).rejects.toMatchObject(
      refused("NOTHING_TO_ROLL_BACK", ["threads status -e prod", history], /is what prod runs \(deployment 2\)$/),
    );
    expect(fleet.revisions("two")).toEqual(["two"]);
  });

  test("comes before a sha that begins with the same digits, and only where there is such a deployment", async () => {
    // The sha of this word begins with digits alone.
    const word = Array.from({ length: 5000 }, (_, index) => `word${index}`).find((one) =>
      /^[1-9]\d{3}/.test(sha(one)),
    )!;
    await put(word, "two");
    const digits = sha(word).slice(0, 4);
    expect((await back(digits, { dryRun: true })).release.revision).toBe(sha(word));
    await expect(back(`#${digits}`)).rejects.toMatchObject({ code: "NEVER_RAN" });
  });
});

describe("a sha", () => {
  test.each([40, 12, 7, 4])("of %i digits, in capitals too", async (digits) => {
    await put("one", "two", "three");
    const name = sha("one").slice(0, digits);
    for (const one of [name, name.toUpperCase()])
      expect((await back(one, { dryRun: true })).release.revision).toBe(sha("one"));
  });

  test("is carried out again by the number of its deployment", async () => {
    await put("one", "two");
    const planned = await back(sha("one"), { dryRun: true });
    expect(planned.next).toEqual(["threads rollback -e prod 1"]);
    expect(planned.steps).toEqual([
      expect.stringContaining(`use the images kept, or pull them by digest, of ${sha("one").slice(0, 12)}, `),
    ]);
  });

  test("that two releases begin with is refused, with both", async () => {
    const byStart = new Map<string, string>();
    let pair: readonly [string, string] | undefined;
    for (let index = 0; pair === undefined; index += 1) {
      const [word, start] = [`word${index}`, sha(`word${index}`).slice(0, 4)];
      const other = byStart.get(start);
      if (other !== undefined && /[a-f]/.test(start)) pair = [other, word];
      byStart.set(start, word);
    }
    await put(...pair, "three");
    await expect(back(sha(pair[0]).slice(0, 4))).rejects.toMatchObject({
      code: "AMBIGUOUS_REVISION",
      exitCode: 2,
      next: ["threads rollback -e prod 2", "threads rollback -e prod 1"],
    });
    expect((await back(sha(pair[0]).slice(0, 12), { dryRun: true })).release.revision).toBe(sha(pair[0]));
  });

  test("that is published and never ran there is refused: deploy brings it", async () => {
    await put("one", "two");
    fleet.publish("new");
    await expect(back(sha("new"))).rejects.toMatchObject(
      refused("NEVER_RAN", [`threads deploy -e prod ${sha("new")}`, history]),
    );
  });

  test("goes where no promotion is on record as little as without one", async () => {
    await put("one", "two");
    fleet.ssm.parameters.store.delete(`/threads/prod/promotions/${fleet.bundle(sha("one")).digest.slice(7)}`);
    await expect(back(sha("one"))).rejects.toMatchObject({ code: "NOT_PROMOTED" });
  });
});

describe("a branch", () => {
  test("is its newest release that does not run now", async () => {
    await put("one", "two", "three", "four");
    fleet.branches.set("main", ["one", "two", "four"]);
    expect((await back("main", { dryRun: true })).release.revision).toBe(sha("two"));
    await back("main");
    expect(fleet.revisions("two")).toEqual(["two"]);
    expect((await back("main", { dryRun: true })).release.revision).toBe(sha("four"));
  });

  test("of which nothing else has run is refused, and so is one that git does not know", async () => {
    await put("one", "two");
    fleet.branches.set("hotfix", ["two", "new"]);
    await expect(back("hotfix")).rejects.toMatchObject(
      refused("NEVER_RAN", ["threads deploy -e prod hotfix", history], /^no other release of the branch hotfix/),
    );
    await expect(back("hotfx")).rejects.toMatchObject(
      refused("NEVER_RAN", ["threads deploy -e prod hotfx", history], /no branch that git knows$/),
    );
    await expect(back("a;b")).rejects.toMatchObject(refused("NEVER_RAN", [history]));
  });

  test("whose name could be a sha is one where no release begins so", async () => {
    await put("one", "two");
    fleet.branches.set("feed", ["one"]);
    expect((await back("feed", { dryRun: true })).release.revision).toBe(sha("one"));
  });
});

test("while hosts may differ, the release that ran before is a way back like any other", async () => {
  await put("one", "two");
  fleet.addHost("i-0000000000000000a", "prod");
  fleet.hosts[0]!.onDeploy = () => fleet.press();
  fleet.publish("three");
  const three = { environment: "prod", release: sha("three"), dryRun: false, force: false, supersede: undefined };
  await expect(deploy(three, fleet.ports())).rejects.toMatchObject({ code: "INTERRUPTED" });
  fleet.hosts[0]!.onDeploy = undefined;
  expect(await back("2")).toMatchObject({ rollbackOf: 3, release: { revision: sha("two") } });
  expect(fleet.revisions("two")).toEqual(["two", "two"]);
});

test("after a rollback by name, the next one without goes below that", async () => {
  await put("one", "two", "three", "four");
  await back("2");
  const options = { environment: "prod", dryRun: false, supersede: undefined };
  expect((await rollback(options, fleet.freshPorts())).release.revision).toBe(sha("one"));
});

test("somebody else's deployment is told with the command as it was typed", async () => {
  await put("one", "two");
  const { ledger, clock } = fleet.freshPorts();
  const [newest] = (await ledger.deploymentLog("prod", Infinity)).deployments;
  await ledger.begin("prod", 3, { ...newest!.intent, deadline: new Date(clock.now() + 600_000).toISOString() });
  await expect(back("#1")).rejects.toMatchObject({ code: "DEPLOYMENT_UNDER_WAY" });
  const planned = await back("#1", { dryRun: true, supersede: 3 });
  expect(planned.next).toEqual(["threads rollback -e prod 1 --supersede 3"]);
});
