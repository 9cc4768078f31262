import { afterEach, beforeEach, expect, test } from "vitest";
import { openLedger, type OpenLedger } from "../../../src/lib/wire/ledger.ts";
import { openPlace } from "../../../src/lib/registry/open.ts";
import { aConfig } from "../../fakes/config.ts";
import { awsOf, type FakeEcr, fakeEcr } from "../../fakes/ecr.ts";
import { manualClock } from "../../fakes/manual-clock.ts";
import { FakeSsm } from "../../fakes/ssm.ts";
import { commandWorld } from "../faults/command-world.ts";

let ecr: FakeEcr;
let ssm: FakeSsm;
let opened: OpenLedger;
const warnings: string[] = [];
let time: ReturnType<typeof manualClock>;
beforeEach(async () => {
  [ecr, ssm] = [await fakeEcr(), new FakeSsm()];
  await ssm.open();
  warnings.length = 0;
  time = manualClock();
  opened = await open();
});
afterEach(async () => {
  await ssm.close();
  await ecr[Symbol.asyncDispose]();
});

function open(change: Partial<ReturnType<typeof awsOf>> = {}): Promise<OpenLedger> {
  const aws = { ...awsOf(ecr), ssm: () => ssm.clients().ssm(), ...change };
  const plain = aConfig();
  const config = { ...plain, registry: { ...plain.registry, repository: `${ecr.host}/threads` } };
  const world = commandWorld({ config, aws, clock: time.clock });
  return openLedger({ ...world, patience: undefined, progress: { warn: (text) => void warnings.push(text) } });
}

const by = { user: "ada", host: "desk" };
const at = "2026-11-22T10:00:00.000Z";
const asked = (): number => ecr.calls.filter((call) => call === "GetCallerIdentity").length;

test("who the credentials belong to is asked once, by whoever compares the account and by the records", async () => {
  const { checkAccount } = await openPlace({ ...opened, clock: time.clock });
  expect(asked()).toBe(0);
  await Promise.all([checkAccount(), opened.ledger.freeze("prod", { reason: "outage", by, at })]);
  await opened.ledger.lift("prod", by, at);
  expect(asked()).toBe(1);
  const [record = ""] = [...ssm.parameters.store].flatMap(([name, text]) => (name.includes("/freezes/") ? [text] : []));
  expect(JSON.parse(record)).toMatchObject({
    freeze: { by: { ...by, principal: "user/test" } },
    liftedBy: { ...by, principal: "user/test" },
  });
});

test("where AWS does not say it, what was to be done is done at once, and that is said", async () => {
  ecr.fail({ operation: "GetCallerIdentity", times: Infinity, how: { error: "Throttling" } });
  const { freeze } = await opened.ledger.freeze("prod", { reason: "outage", by, at });
  expect(freeze.by).toEqual(by);
  expect(warnings).toEqual([expect.stringMatching(/^records do not say whom AWS takes these credentials for: /)]);
});

test("an STS that is silent is waited for three seconds, once", async () => {
  const { ledger } = await open({ sts: () => new Promise(() => undefined) });
  const frozen = ledger.freeze("prod", { reason: "outage", by, at });
  await time.tick(2_999);
  expect(warnings).toEqual([]);
  await time.tick(1);
  expect((await frozen).freeze.by).toEqual(by);
  await ledger.lift("prod", by, at);
  expect(warnings).toEqual([
    "records do not say whom AWS takes these credentials for: STS has not answered within 3 s",
  ]);
});
