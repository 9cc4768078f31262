import { afterEach, beforeEach, expect, test } from "vitest";
import { deploy } from "../../../src/lib/actions/deploy/run.ts";
import { rollback } from "../../../src/lib/actions/rollback/run.ts";
import { status } from "../../../src/lib/actions/status/run.ts";
import { Fleet, sha } from "../../fakes/fleet.ts";

// More hosts than SSM takes in one command, and than a record in Parameter Store can name. How long it all takes is printed
// by `npm run bench`; here the calls are counted.

const hosts = 120;
const commands = Math.ceil(hosts / 50);
let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open(0);
  for (let n = 1; n <= hosts; n += 1) fleet.addHost(`i-${String(n).padStart(17, "0")}`, "prod");
  for (const word of ["one", "two"]) fleet.publish(word);
});
afterEach(() => fleet.close());

const put = (word: string) =>
  deploy(
    {
      environment: "prod",
      release: sha(word),
      dryRun: false,
      force: false,
      supersede: undefined,
      pace: { batch: { percent: 100 } },
    },
    fleet.freshPorts(),
  );

/** Calls by operation, of what is done here. */
async function callsOf(work: () => Promise<unknown>): Promise<Readonly<Record<string, number>>> {
  const before = fleet.ssm.calls.length;
  await work();
  const counts: Record<string, number> = {};
  for (const name of fleet.ssm.calls.slice(before)) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

test("a status asks all of them with a command for fifty, and none for its answer by itself", async () => {
  const counts = await callsOf(async () => {
    const { environments } = await status({ environment: "prod" }, fleet.ports());
    expect(environments[0]?.hosts.map(({ id }) => id)).toHaveLength(hosts);
  });
  expect(counts).toMatchObject({ SendCommand: commands, DescribeInstanceInformation: commands });
  expect(counts["ListCommandInvocations"]).toBeLessThanOrEqual(2 * commands);
  expect(counts).not.toHaveProperty("GetCommandInvocation");
});

test("a deployment and a rollback send hosts the same script at once, and their records are whole", async () => {
  await put("one");
  const counts = await callsOf(() => put("two"));
  // A look at all, the first host, its look after a while, and all the others.
  expect(counts["SendCommand"]).toBeLessThanOrEqual(2 * commands + 2);
  expect(counts["ListCommands"]).toBeLessThanOrEqual(20);
  expect(counts["ListCommandInvocations"]).toBeLessThanOrEqual(6 * commands);
  expect(counts).not.toHaveProperty("GetCommandInvocation");
  expect(new Set(fleet.revisions("one", "two"))).toEqual(new Set(["two"]));
  const back = await callsOf(() =>
    rollback({ environment: "prod", dryRun: false, supersede: undefined }, fleet.ports()),
  );
  // The first host alone runs the singletons: its script is another.
  expect(back["SendCommand"]).toBeLessThanOrEqual(2 * commands + 1);
  expect(back).not.toHaveProperty("GetCommandInvocation");
  expect(new Set(fleet.revisions("one", "two"))).toEqual(new Set(["one"]));
  const [newest] = (await fleet.ports().ledger.deploymentLog("prod")).deployments;
  expect(newest?.intent.hosts).toHaveLength(hosts);
  expect(newest?.outcome?.hosts.every(({ state }) => state === "new")).toBe(true);
});

test("one that SSM loses costs the others of its command nothing", async () => {
  await put("one");
  // It goes once all have been looked at and the first has the release.
  fleet.hosts[0]!.onDeploy = () => void fleet.ssm.hosts.delete(fleet.hosts[60]!.id);
  await expect(put("two")).rejects.toMatchObject({ code: "ROLLED_BACK" });
  for (const [n, host] of fleet.hosts.entries())
    expect(host.seen.filter((what) => what.startsWith("deploy 2"))).toHaveLength(n === 60 ? 0 : 1);
});
