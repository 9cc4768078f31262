import { afterEach, beforeEach, expect, test } from "vitest";
import { deploy, type DeployOptions } from "../../../src/lib/actions/deploy/run.ts";
import { rollback } from "../../../src/lib/actions/rollback/run.ts";
import { silentProgress } from "../../../src/lib/progress/progress.ts";
import { Fleet, sha } from "../../fakes/fleet.ts";

let fleet: Fleet;
beforeEach(async () => void (fleet = await Fleet.open(2)));
afterEach(() => fleet.close());

const options: DeployOptions = {
  environment: "prod",
  release: undefined,
  dryRun: true,
  force: false,
  supersede: undefined,
};
const pull = `pull ${sha("one").slice(0, 12)}`;

test.each([
  {
    hasEdge: false,
    first: "migrate, run celery-beat, switch, check the health, record",
    others: "switch, check the health, record",
  },
  {
    hasEdge: true,
    first: "migrate, bring it up beside what serves, check the health, switch, run celery-beat, stop the other, record",
    others: "bring it up beside what serves, check the health, switch, stop the other, record",
  },
])("the plan says in which order a host is switched (slots: $hasEdge)", async ({ hasEdge, first, others }) => {
  fleet.publish("one", true, "one", hasEdge);
  const { steps } = await deploy(options, fleet.ports());
  expect(steps).toEqual([`i-00000000000000001: ${pull}, ${first}`, `i-00000000000000002: ${pull}, ${others}`]);
});

test("hosts that run the application in one project are taken over once, and the gap is announced", async () => {
  fleet.publish("old");
  await deploy({ ...options, release: sha("old"), dryRun: false }, fleet.ports());
  fleet.publish("one", true, "one", true);
  const wanted = { ...options, release: sha("one") };
  const { steps } = await deploy(wanted, fleet.ports());
  expect(steps[1]).toContain(`${pull}, take its one project down, so that nobody is answered until the switch, `);
  const warnings: string[] = [];
  const progress = { ...silentProgress, warn: (text: string) => warnings.push(text) };
  await deploy({ ...wanted, dryRun: false }, fleet.ports({ progress }));
  expect(warnings).toEqual([
    "i-00000000000000001 and i-00000000000000002 run the application in one project: nobody is answered there until its first slot serves",
  ]);
});

test("and so is that of the way back, to a release without slots", async () => {
  fleet.publish("old");
  await deploy({ ...options, release: sha("old"), dryRun: false }, fleet.ports());
  fleet.publish("one", true, "one", true);
  await deploy({ ...options, release: sha("one"), dryRun: false }, fleet.ports());
  const warnings: string[] = [];
  const progress = { ...silentProgress, warn: (text: string) => warnings.push(text) };
  const back = { environment: "prod", supersede: undefined };
  const { steps } = await rollback({ ...back, dryRun: true }, fleet.ports());
  expect(steps[1]).toContain("take its slots down, so that nobody is answered until the release is up, switch");
  await rollback({ ...back, dryRun: false }, fleet.ports({ progress }));
  expect(warnings).toContain(
    "i-00000000000000001 and i-00000000000000002 run the application in slots, which this release does not: nobody is answered there until it is up",
  );
});

test("what the ledger has of a release with slots is its edge, too", async () => {
  fleet.publish("one", true, "one", true);
  await deploy({ ...options, release: sha("one"), dryRun: false }, fleet.ports());
  const { deployments } = await fleet.ports().ledger.deploymentLog("prod");
  expect(deployments[0]?.intent.edge).toMatchObject({ repository: "threads/edge" });
});

test("what threads did not start, and a switch removes, is named in the plan", async () => {
  fleet.publish("old");
  await deploy({ ...options, release: sha("old"), dryRun: false }, fleet.ports());
  fleet.publish("one");
  const [host] = fleet.hosts;
  const stranger = { service: "cache", oneoff: false, name: "threads-cache-1" };
  host!.change = (line) => {
    const { containers, services } = line as { containers: readonly { service: string }[]; services: string[] };
    const [shell] = containers;
    return { containers: [...containers, stranger, { ...shell, service: "web", oneoff: true }], services };
  };
  const wanted = { ...options, release: sha("one") };
  const { steps } = await deploy(wanted, fleet.ports());
  expect(steps[0]).toContain(`${pull}, remove threads-cache-1, which threads did not start, migrate`);
  expect(steps[1]).not.toContain("remove");
  // What it has on record came without a list of services: nobody can tell.
  host!.change = () => ({ containers: [stranger], services: null });
  expect((await deploy(wanted, fleet.ports())).steps[0]).not.toContain("remove");
});
