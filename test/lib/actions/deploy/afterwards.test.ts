import { afterEach, beforeEach, expect, test } from "vitest";
import { deploy, type DeployOptions } from "../../../../src/lib/actions/deploy/run.ts";
import type { HostTargetPorts } from "../../../../src/lib/hosts/ports.ts";
import type { RolloutResult } from "../../../../src/lib/fleet/result.ts";
import { Fleet, rewired, sha } from "../../../fakes/fleet.ts";

// What a deployment shows while it runs, and what it says of going on and back.

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open();
  for (const word of ["one", "two"]) fleet.publish(word);
});
afterEach(() => fleet.close());

const options = { environment: "prod", release: undefined, dryRun: false, force: false, supersede: undefined };
const run = (change: Partial<DeployOptions> = {}): Promise<RolloutResult> =>
  deploy({ ...options, ...change }, fleet.ports());

test("shows what each host is at as long as its script runs, and no longer", async () => {
  const followed: { host: string; number: number; over: AbortSignal }[] = [];
  const followSteps: HostTargetPorts["followSteps"] = ({ host, number }, _, over) => {
    expect(over.aborted).toBe(false);
    followed.push({ host, number, over });
    return Promise.resolve();
  };
  await deploy(options, rewired(fleet.ports(), { followSteps }));
  expect(followed.map(({ host, number }) => [host, number])).toEqual(fleet.hosts.map(({ id }) => [id, 1]));
  expect(followed.every(({ over }) => over.aborted)).toBe(true);
});

test("of the same release once more is undone by nothing: a rollback would go one further back", async () => {
  await run();
  await run({ release: sha("two") });
  expect(await run({ release: sha("two"), force: true })).toMatchObject({ outcome: "deployed", undo: null });
});

test("what has come to every host is promoted to where it is asked for next, and what was left out of one is not", async () => {
  const config = fleet.config();
  const asia = { ...config.environments["prod"]!, name: "asia", gates: { smoke: false, soakMs: 0, verified: "prod" } };
  const ports = fleet.ports({ config: { ...config, environments: { ...config.environments, asia } } });
  expect((await deploy({ ...options, without: [fleet.hosts[2]!.id] }, ports)).next).toEqual([]);
  expect((await deploy({ ...options, release: sha("two") }, ports)).next).toEqual([
    `threads promote ${sha("two")} -e asia`,
  ]);
});
