import { describe, expect, onTestFinished, test } from "vitest";
import { deploy } from "../../../src/lib/actions/deploy/run.ts";
import { rollback } from "../../../src/lib/actions/rollback/run.ts";
import { ThreadsError } from "../../../src/lib/errors/threads-error.ts";
import { withDifference } from "../../../src/lib/fleet/difference.ts";
import type { RolloutPlan } from "../../../src/lib/fleet/rollout-plan.ts";
import type { Shipment } from "../../../src/lib/source/lineage.ts";
import { digestOf } from "../../../src/lib/image/digest.ts";
import { Fleet, sha } from "../../fakes/fleet.ts";

const images = (versions: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(versions).map(([name, version]) => [name, { repository: name, digest: digestOf(name + version) }]),
  );
const release = (word: string, versions: Readonly<Record<string, string>>) => ({
  revision: sha(word),
  bundle: { repository: "bundle", digest: digestOf(word) },
  images: images(versions),
});
const current = { ...release("good", { web: "1", celery: "1", nginx: "1" }), number: 4 };
const failed = new ThreadsError("ROLLED_BACK", { message: "it failed", details: ["web-1 is back"], next: ["x"] });

async function told(
  change: object,
  between: Partial<Shipment> | Error = {},
  error: unknown = failed,
): Promise<unknown> {
  const plan = { current, migrations: undefined, ...change } as unknown as RolloutPlan;
  const none = { commits: 0, log: [], dropped: 0, migrations: [] };
  const lineage = {
    between: () => (between instanceof Error ? Promise.reject(between) : Promise.resolve({ ...none, ...between })),
  };
  const result = await withDifference(error, plan, lineage);
  return result instanceof ThreadsError ? result.details.slice(1) : result;
}

test("a release that failed: images, migrations and commits that the last good one has not", async () => {
  const next = release("bad", { web: "2", celery: "2", nginx: "1", mail: "1" });
  const migrations = { added: [{ name: "posts.0004", kind: "contract" }], dropped: [] };
  const between = { commits: 12, log: ["abc the cart", "def the rest"], dropped: 1 };
  expect(await told({ release: next, migrations }, between)).toEqual([
    `since ${sha("good").slice(0, 12)}, the last that went well here (deployment 4):`,
    "  the images of web and celery, mail is new",
    "  1 migration: posts.0004 (contract)",
    "  12 commits, and without 1 commit that ran here",
    "    abc the cart",
    "    def the rest",
    "    and 10 more",
  ]);
});

test("one whose images are the same differs in what travels beside them; one that lacks a service says so", async () => {
  const same = { web: "1", celery: "1", nginx: "1" };
  expect(await told({ release: release("bad", same) }, new Error("git is not there"))).toEqual([
    expect.stringContaining("since "),
    "  the same images: only the compose files, or what travels with them",
  ]);
  expect(await told({ release: release("bad", { web: "1", nginx: "2" }) }, new Error("git"))).toEqual([
    expect.stringContaining("since "),
    "  the image of nginx, celery is gone",
  ]);
});

test("the very release that ran here before has not changed", async () => {
  expect(await told({ release: current })).toEqual([
    "it is the release that ran here before (deployment 4): what is around it has changed",
  ]);
});

describe("nothing is added", () => {
  test("where nothing ran before", async () => {
    expect(await told({ current: undefined, release: release("bad", {}) })).toEqual([]);
  });
  test("to what is no fault of the release, or no refusal at all", async () => {
    const left = new ThreadsError("INTERRUPTED", { message: "m", details: ["one"], next: ["x"] });
    expect(await told({ release: release("bad", {}) }, {}, left)).toEqual([]);
    const bug = new TypeError("a bug");
    expect(await told({ release: release("bad", {}) }, {}, bug)).toBe(bug);
  });
});

test("a deployment that fails says it, and a rollback that does", async () => {
  const fleet = await Fleet.open(1);
  onTestFinished(() => fleet.close());
  const put = (word: string) =>
    deploy(
      { environment: "prod", release: sha(word), dryRun: false, force: false, supersede: undefined },
      fleet.ports(),
    );
  for (const word of ["one", "two", "three"]) fleet.publish(word);
  for (const word of ["one", "two"]) await put(word);
  const runs = expect.stringMatching(`^since ${sha("two").slice(0, 12)}, the last that went well here`);
  for (const change of [
    () => put("three"),
    () => rollback({ environment: "prod", dryRun: false, supersede: undefined }, fleet.ports()),
  ]) {
    fleet.hosts[0]!.behaviours.push({ code: 15, serves: "old" });
    await expect(change()).rejects.toMatchObject({ code: "ROLLED_BACK", details: expect.arrayContaining([runs]) });
  }
});
