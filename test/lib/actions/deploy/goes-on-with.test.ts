import { afterEach, beforeEach, expect, test } from "vitest";
import { deploy } from "../../../../src/lib/actions/deploy/run.ts";
import { Fleet, sha } from "../../../fakes/fleet.ts";

// A member may take up what a deployment that did not end has run once: which ones these are the ledger says.

let fleet: Fleet;
beforeEach(async () => void (fleet = await Fleet.open(2)));
afterEach(() => fleet.close());

const options = { environment: "prod", dryRun: false, force: false, supersede: undefined };

/** Deploys a release. @returns what each of its orders says that it goes on with */
async function deployed(word: string): Promise<readonly (readonly number[] | undefined)[]> {
  const ports = fleet.freshPorts();
  const given: (readonly number[] | undefined)[] = [];
  const targetOf: typeof ports.targetOf = async (environment) => {
    const target = await ports.targetOf(environment);
    return {
      ...target,
      give: (orders) => {
        given.push(...orders.map(({ goesOnWith }) => goesOnWith));
        return target.give(orders);
      },
    };
  };
  await deploy({ ...options, release: sha(word) }, { ...ports, targetOf });
  return given;
}

/** Ctrl-C, once the first host is at work. */
async function interrupted(word: string): Promise<void> {
  fleet.hosts[0]!.onDeploy = () => fleet.press();
  const ended = deploy({ ...options, release: sha(word) }, fleet.ports());
  await expect(ended).rejects.toMatchObject({ code: "INTERRUPTED" });
  fleet.hosts[0]!.onDeploy = undefined;
}

test.each([
  ["goes on with one of its own release that did not end", "two", [2]],
  ["goes on with none of another release", "three", []],
])("a deployment %s", async (_, word, goesOnWith) => {
  for (const one of ["one", "two", "three"]) fleet.publish(one);
  expect(await deployed("one")).toEqual([[], []]);
  await interrupted("two");
  expect(await deployed(word)).toEqual([goesOnWith, goesOnWith]);
  // Nor with what has come to its end since.
  expect(await deployed("one")).toEqual([[], []]);
});
