import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deploy } from "../../../../src/lib/actions/deploy/run.ts";
import type { RolloutResult } from "../../../../src/lib/fleet/result.ts";
import { Fleet, sha } from "../../../fakes/fleet.ts";

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open(2);
  fleet.publish("one");
  fleet.publish("two");
});
afterEach(() => fleet.close());

const run = (word: string): Promise<RolloutResult> =>
  deploy({ environment: "prod", release: sha(word), dryRun: false, force: false, supersede: undefined }, fleet.ports());

describe("after the ledger was lost", () => {
  const lose = (): void => {
    for (const name of fleet.ssm.parameters.store.keys())
      if (name.startsWith("/threads/prod/deployments/")) fleet.ssm.parameters.store.delete(name);
  };

  test("the next number is above what the hosts have seen, so that none refuses it", async () => {
    await run("one");
    await run("two");
    lose();
    expect(await run("two")).toMatchObject({ outcome: "deployed", number: 3 });
    expect(await run("one")).toMatchObject({ outcome: "deployed", number: 4 });
    expect(fleet.revisions("one")).toEqual(["one", "one"]);
  });

  test("a host that reports what cannot be a number counts for nothing", async () => {
    fleet.hosts[1]!.change = (line) => ("action" in line && line.action === "status" ? { number: 1e15 } : {});
    expect(await run("one")).toMatchObject({ number: 1 });
  });
});
