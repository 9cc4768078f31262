import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deploy } from "../../../../src/lib/actions/deploy/run.ts";
import type { RolloutResult } from "../../../../src/lib/fleet/result.ts";
import { judgeLedger } from "../../../../src/lib/actions/doctor/checks/ledger.ts";
import { history } from "../../../../src/lib/actions/history/run.ts";
import { rollback } from "../../../../src/lib/actions/rollback/run.ts";
import { status } from "../../../../src/lib/actions/status/run.ts";
import { openDoctor } from "../../../../src/lib/wire/doctor.ts";
import { Fleet, sha } from "../../../fakes/fleet.ts";

const minutes = 60_000;
let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open(2);
  for (const word of ["one", "two"]) fleet.publish(word);
});
afterEach(() => fleet.close());

const put = (word: string): Promise<RolloutResult> =>
  deploy(
    { environment: "prod", release: sha(word), dryRun: false, force: false, supersede: undefined },
    fleet.freshPorts(),
  );

/** Somebody with a good clock is at it: the intent is written, and no host has ended yet. */
async function somebodyDeploys(): Promise<void> {
  const { ledger } = fleet.ports();
  const [{ intent } = { intent: undefined }] = (await ledger.deploymentLog("prod")).deployments;
  const { schema: _, number, nonce: _own, ...draft } = intent!;
  const at = (ms: number): string => new Date(fleet.clock.now() + ms).toISOString();
  const times = { startedAt: at(0), deadline: at(15 * minutes) };
  await ledger.begin("prod", number + 1, { ...draft, ...times, by: { user: "bob", host: "ci" } });
}

describe.each([-20 * minutes, 20 * minutes])("on a laptop that is %i ms ahead", (laptopAhead) => {
  beforeEach(async () => {
    await put("one");
    await put("two");
    await somebodyDeploys();
    fleet.laptopAhead = laptopAhead;
  });
  const results = async (): Promise<unknown[]> => {
    const ports = fleet.ports();
    const told = await ports.ledger.deploymentLog("prod");
    return [
      (await history({ environment: "prod", limit: 1, before: undefined }, ports)).deployments[0]?.result,
      (await status({ environment: "prod" }, ports)).environments[0]?.latest?.result,
      judgeLedger("prod", told).says.split(" ").at(-1)?.replace(":", ""),
    ];
  };

  test("a deployment under way is seen by everyone, and nobody walks over it", async () => {
    fleet.clock.advance(14 * minutes);
    await expect(put("one")).rejects.toMatchObject({ code: "DEPLOYMENT_UNDER_WAY" });
    const back = rollback({ environment: "prod", dryRun: false, supersede: undefined }, fleet.ports());
    await expect(back).rejects.toMatchObject({
      code: "DEPLOYMENT_UNDER_WAY",
      next: ["threads rollback -e prod --supersede 3", "threads status -e prod"],
    });
    expect(await results()).toEqual(["running", "running", "running"]);
  });

  test("one whose time is up stands in nobody's way", async () => {
    fleet.clock.advance(16 * minutes);
    expect((await results()).slice(0, 2)).toEqual(["lost", "lost"]);
    expect((await put("one")).number).toBe(4);
  });

  test("its own deployments last as long as they say, for everyone else", async () => {
    fleet.clock.advance(16 * minutes);
    // Its outcome is not written, so that it stays open.
    fleet.hosts[0]!.onDeploy = () => fleet.ssm.fail("PutParameter", { type: "ExpiredTokenException" });
    await expect(put("one")).rejects.toMatchObject({ exitCode: 7, code: "OUTCOME_NOT_WRITTEN" });
    fleet.laptopAhead = 0;
    fleet.clock.advance(40 * minutes);
    await expect(put("one")).rejects.toMatchObject({ code: "DEPLOYMENT_UNDER_WAY" });
    fleet.hosts[0]!.onDeploy = undefined;
    fleet.clock.advance(15 * minutes);
    expect((await put("one")).number).toBe(5);
  });
});

test("doctor takes the server's time with the deployments", async () => {
  const ports = fleet.ports();
  const world = { ...ports, runtime: {} as never, env: {}, processes: {} as never };
  const aws = (): Promise<ReturnType<typeof fleet.ssm.clients>> => Promise.resolve(fleet.ssm.clients());
  fleet.laptopAhead = 20 * minutes;
  const doctor = openDoctor({ ...world, aws, config: () => Promise.resolve(ports.config) });
  const { serverTime } = await doctor.deploymentLog("prod");
  expect(Math.abs(serverTime - fleet.clock.now())).toBeLessThan(2_000);
});
