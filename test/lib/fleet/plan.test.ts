import { afterAll, beforeAll, expect, test } from "vitest";
import { deploy } from "../../../src/lib/actions/deploy/run.ts";
import { Fleet, sha } from "../../fakes/fleet.ts";

let fleet: Fleet;
beforeAll(async () => {
  fleet = await Fleet.open(2);
  fleet.publish("one");
});
afterAll(() => fleet.close());

test.each([
  {
    strategy: "recreate" as const,
    first: "migrate, run celery-beat, switch, check the health, record",
    others: "switch, check the health, record",
  },
  {
    strategy: "slots" as const,
    first: "migrate, bring it up beside what serves, check the health, switch, run celery-beat, stop the other, record",
    others: "bring it up beside what serves, check the health, switch, stop the other, record",
  },
])("with $strategy the plan says in which order a host is switched", async ({ strategy, first, others }) => {
  const { runtime } = fleet.config();
  const config = fleet.config({ runtime: { ...runtime, strategy } });
  const options = { environment: "prod", release: undefined, dryRun: true, force: false, supersede: undefined };
  const { steps } = await deploy(options, fleet.ports({ config }));
  const pull = `pull ${sha("one").slice(0, 12)}`;
  expect(steps).toEqual([`i-00000000000000001: ${pull}, ${first}`, `i-00000000000000002: ${pull}, ${others}`]);
});
