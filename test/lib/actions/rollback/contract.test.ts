import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deploy } from "../../../../src/lib/actions/deploy/run.ts";
import { rollback, type RollbackOptions } from "../../../../src/lib/actions/rollback/run.ts";
import { plainPaint } from "../../../../src/lib/output/paint.ts";
import { rolloutRenderer } from "../../../../src/lib/output/render/rollout.ts";
import { hostCodes } from "../../../../src/lib/script/host-codes.ts";
import type { Migration } from "../../../../src/lib/release/migrations.ts";
import type { RolloutResult } from "../../../../src/lib/fleet/result.ts";
import { Fleet, rewired, sha } from "../../../fakes/fleet.ts";

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open(2);
});
afterEach(() => fleet.close());

const expand = (name: string): Migration => ({ name, kind: "expand" });
const contract = (name: string): Migration => ({ name, kind: "contract" });
const first = [expand("posts.0001")];
const wider = [...first, expand("posts.0002")];
const narrower = [...wider, contract("posts.0003")];

const tells = { migrations: { service: "web", command: ["list"], undo: ["manage.py", "unmigrate"] } };
const ports = (runtime: object = tells) => {
  const config = fleet.config();
  return rewired(fleet.freshPorts(), { config: { ...config, runtime: { ...config.runtime, ...runtime } } });
};
const put = async (word: string, migrations?: readonly Migration[], dryRun = false): Promise<RolloutResult> => {
  if (migrations !== undefined) fleet.migrations.set(word, migrations);
  fleet.publish(word);
  return deploy({ environment: "prod", release: sha(word), dryRun, force: false, supersede: undefined }, ports());
};
const back = (change: Partial<RollbackOptions> = {}, runtime?: object) =>
  rollback({ environment: "prod", dryRun: false, supersede: undefined, ...change }, ports(runtime));
const shown = (result: RolloutResult): string => rolloutRenderer({})(result, plainPaint, undefined).join("\n");

describe("a contract migration that came since", () => {
  test("is a refusal, dry or not, with the way forward and the way back", async () => {
    await put("one", wider);
    await put("two", [...narrower, contract("users.0002"), expand("users.0003")]);
    for (const dryRun of [true, false])
      await expect(back({ dryRun })).rejects.toMatchObject({
        code: "ACROSS_CONTRACT",
        exitCode: 3,
        message: `${sha("one").slice(0, 12)} is from before 2 contract migrations of prod: posts.0003 and users.0002; the database may lack what it needs`,
        next: [
          "threads deploy -e prod HEAD",
          // Newest first.
          "threads exec -e prod web -- manage.py unmigrate users.0002 posts.0003",
          "threads rollback -e prod --across-contract",
        ],
      });
    expect(fleet.revisions("two")).toEqual(["two", "two"]);
    expect((await fleet.freshPorts().ledger.deploymentLog("prod", Infinity)).deployments).toHaveLength(2);
  });

  test("is crossed where that is said, and the result says so", async () => {
    await put("one", wider);
    await put("two", narrower);
    fleet.manifests.clear();
    const planned = await back({ acrossContract: true, dryRun: true });
    expect(planned.next).toEqual(["threads rollback -e prod --across-contract"]);
    const done = await back({ acrossContract: true });
    expect(done).toMatchObject({ outcome: "deployed", migrations: { added: [], dropped: [contract("posts.0003")] } });
    for (const result of [planned, done])
      expect(shown(result)).toContain("  goes back across posts.0003: the database stays as it is");
    expect(fleet.revisions("one")).toEqual(["one", "one"]);
  });

  test("stands between all releases on either side of it, by whatever name", async () => {
    await put("one", first);
    await put("two", wider);
    await put("three", narrower);
    await put("four", [...narrower, expand("posts.0004")]);
    expect((await back({ dryRun: true })).release.revision).toBe(sha("three"));
    for (const release of ["2", sha("one")])
      await expect(back({ release })).rejects.toMatchObject({
        code: "ACROSS_CONTRACT",
        next: expect.arrayContaining([expect.stringMatching(/^threads rollback -e prod [12] --across-contract$/)]),
      });
    expect(fleet.warnings).toEqual([]);
  });

  test("that a deployment brought and a rollback left behind stands in the way of nothing more", async () => {
    await put("one", first);
    await put("two", wider);
    await put("three", narrower);
    await back({ acrossContract: true });
    expect((await back()).release.revision).toBe(sha("one"));
    // Forward again to what has it.
    expect((await back({ release: "3" })).release.revision).toBe(sha("three"));
    await expect(back({ release: "2" })).rejects.toMatchObject({ code: "ACROSS_CONTRACT" });
  });

  test("of a deployment that every host went back from counts: its migration may have run before it failed", async () => {
    await put("one", first);
    await put("two", wider);
    fleet.hosts[0]!.behaviours.push({ code: hostCodes.broughtBack.exit, serves: "old" });
    await expect(put("three", narrower)).rejects.toMatchObject({ code: "ROLLED_BACK" });
    await expect(back()).rejects.toMatchObject({
      code: "ACROSS_CONTRACT",
      message: expect.stringContaining("posts.0003"),
    });
    expect((await back({ acrossContract: true })).release.revision).toBe(sha("one"));
  });

  test("of a deployment that reached some hosts counts, and going on with that is the way forward", async () => {
    await put("one", wider);
    fleet.hosts[0]!.onDeploy = () => fleet.press();
    fleet.migrations.set("two", narrower);
    fleet.publish("two");
    const two = { environment: "prod", release: sha("two"), dryRun: false, force: false, supersede: undefined };
    await expect(deploy(two, fleet.ports())).rejects.toMatchObject({
      code: "INTERRUPTED",
      // No rollback is offered that would be refused.
      next: [`threads deploy -e prod ${sha("two")}`, "threads status -e prod"],
    });
    fleet.hosts[0]!.onDeploy = undefined;
    await expect(back()).rejects.toMatchObject({
      code: "ACROSS_CONTRACT",
      next: expect.arrayContaining([`threads deploy -e prod ${sha("two")}`]),
    });
    expect((await back({ acrossContract: true })).release.revision).toBe(sha("one"));
  });

  test("does not hold up the first host that goes back by itself", async () => {
    await put("one", wider);
    fleet.hosts[0]!.behaviours.push({ code: 15, serves: "old" });
    await expect(put("two", narrower)).rejects.toMatchObject({ code: "ROLLED_BACK" });
    expect(fleet.revisions("one")).toEqual(["one", "one"]);
  });
});

describe("where nobody knows", () => {
  const warned = (): string[] => fleet.warnings.filter((text) => text.includes("is not known"));

  test("nothing stands in the way, and a warning says it", async () => {
    await put("one");
    await put("two", narrower);
    expect((await back()).migrations).toBeNull();
    expect(warned()).toEqual([
      `whether a contract migration came after ${sha("one").slice(0, 12)} is not known: not every release since then has told; the database stays as it is`,
    ]);
  });

  test("threads.yml is named where it has no command; without migrations of any kind nothing is said", async () => {
    await put("one");
    await put("two");
    await back({ dryRun: true }, { migrations: undefined });
    expect(warned()).toEqual([expect.stringContaining("threads.yml names no command that tells (runtime.migrations)")]);
    fleet.warnings.length = 0;
    await back({ dryRun: true }, { migrations: undefined, migrate: undefined });
    expect(fleet.warnings).toEqual([]);
  });

  test("what is known is a refusal all the same", async () => {
    await put("one");
    await put("two", wider);
    await put("three", narrower);
    await expect(back({ release: "1" })).rejects.toMatchObject({ code: "ACROSS_CONTRACT" });
  });

  test("a registry that has lost the release that runs makes it unknown, and stops no deployment", async () => {
    await put("one", wider);
    fleet.manifests.clear();
    expect((await put("two", narrower)).migrations).toBeNull();
  });

  test("the same release again changes nothing, whether it tells or not", async () => {
    await put("one");
    const again = { environment: "prod", release: sha("one"), dryRun: false, force: true, supersede: undefined };
    expect((await deploy(again, ports())).migrations).toEqual({ added: [], dropped: [] });
  });
});

describe("a plan of a deployment", () => {
  test("names what is new, with its kind, instead of files that git sees", async () => {
    await put("one", first);
    const planned = await put("two", narrower, true);
    expect(planned.migrations).toEqual({ added: [expand("posts.0002"), contract("posts.0003")], dropped: [] });
    expect(shown(planned)).toContain(`
  adds 2 migrations
    posts.0002  expand
    posts.0003  contract
  posts.0003 closes the way back: a rollback wants --across-contract
Steps:`);
    expect(shown(planned)).not.toContain("migrations/0002.py");
  });

  test("and its result offer no rollback where one would be refused", async () => {
    await put("one", first);
    expect((await put("two", wider)).undo).toBe("threads rollback -e prod");
    const closed = await put("three", narrower);
    expect(closed.undo).toBeNull();
    expect(shown(closed)).toContain("posts.0003 closes the way back");
  });

  test("back across one warns: deploy goes wherever it is told", async () => {
    await put("one", wider);
    await put("two", narrower);
    const planned = await put("one", wider, true);
    expect(fleet.warnings).toEqual([
      `${sha("one").slice(0, 12)} is from before 1 contract migration of prod: posts.0003; the database may lack what it needs`,
    ]);
    expect(shown(planned)).toContain("  is from before 1 migration\n    posts.0003  contract\n");
    expect((await put("one", wider)).undo).toBe("threads rollback -e prod");
  });

  test("without migrations of its own says nothing of them", async () => {
    await put("one", first);
    expect(shown(await put("two", first, true))).not.toMatch(/migration|way back/);
  });
});

test("names in a record that are none are not believed: they would be typed into a shell", async () => {
  await put("one", wider);
  await put("two", narrower);
  const { store } = fleet.ssm.parameters;
  const name = [...store.keys()].find((one) => one.endsWith("/prod/deployments/000002"))!;
  store.set(name, String(store.get(name)).replace("posts.0003", "--help"));
  expect((await back({ dryRun: true })).migrations).toBeNull();
  expect(fleet.warnings.at(-1)).toContain("is not known");
});

test("a record that has no room for the names leaves them out, rather than stop a deployment", async () => {
  await put("one", first);
  const many = Array.from({ length: 60 }, (_, index) =>
    contract(`posts.${String(index).padStart(4, "0")}_${"x".repeat(60)}`),
  );
  expect((await put("two", [...first, ...many])).migrations?.added).toHaveLength(60);
  await back();
  expect(fleet.revisions("one")).toEqual(["one", "one"]);
  expect(fleet.warnings.at(-1)).toContain("is not known");
});
