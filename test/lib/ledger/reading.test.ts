import { afterEach, describe, expect, test } from "vitest";
import type { DeploymentLog, HowFar, Intent } from "../../../src/lib/ledger/ledger.ts";
import { standing } from "../../../src/lib/ledger/standing.ts";
import { deployment, deployments, folder, head, type LedgerWorld, ledgerWorld, padded, type Planted } from "./world.ts";

let world: LedgerWorld | undefined;
afterEach(async () => {
  await world?.[Symbol.asyncDispose]();
  world = undefined;
});

interface Read extends DeploymentLog {
  /** Dependent calls. */
  readonly rounds: number;
  readonly calls: number;
  readonly numbers: readonly number[];
}

async function read(planted: readonly Planted[], howFar?: HowFar): Promise<Read> {
  await world?.[Symbol.asyncDispose]();
  world = await ledgerWorld(planted);
  world.gate.open({ counting: true });
  const deploymentLog = await world.ledger.deploymentLog("prod", howFar);
  const { rounds, calls } = world.gate;
  world.gate.open();
  return {
    ...deploymentLog,
    rounds,
    calls: calls.length,
    numbers: deploymentLog.deployments.map(({ intent }) => intent.number),
  };
}

const { number: _, nonce: __, schema: ___, ...draft } = JSON.parse(deployment(1)[0]!.value) as Intent;

const downFrom = (newest: number, count = 20): number[] => Array.from({ length: count }, (_, index) => newest - index);

describe("the newest twenty deployments", () => {
  test.each([
    [0, 1, 2],
    [1, 1, 2],
    [5, 1, 2],
    [10, 2, 6],
    [1_600, 3, 24],
  ])("of %i, none of which a head tells, are %i dependent calls, %i in all", async (count, rounds, calls) => {
    const seen = await read(deployments(1, count));
    expect(seen.numbers).toEqual(downFrom(count, Math.min(count, 20)));
    expect(seen.deployments.every(({ outcome }) => outcome?.result === "succeeded")).toBe(true);
    expect([seen.rounds, seen.calls]).toEqual([rounds, calls]);
  });

  test("of 1,600 are two dependent calls where the head tells the newest", async () => {
    const seen = await read([...deployments(1, 1_600), head(1_600)]);
    expect(seen.numbers).toEqual(downFrom(1_600));
    expect([seen.rounds, seen.calls]).toEqual([2, 8]);
  });

  test("are found whatever their number is", async () => {
    for (const count of [6, 15, 16, 17, 40, 127, 300]) {
      const seen = await read(deployments(1, count), 3);
      expect(seen.numbers.slice(0, 3)).toEqual(downFrom(count, 3));
      expect(seen.rounds).toBeLessThanOrEqual(4);
      expect(seen.calls).toBeLessThanOrEqual(30);
    }
  });
});

describe("the head is a hint:", () => {
  test.each([
    ["a little behind", 97],
    ["far behind", 7],
    ["ahead of what was ever written", 130],
    ["forged", 999_999],
  ])("%s, it hides nothing", async (_, number) => {
    const seen = await read([...deployments(1, 100), head(number)]);
    expect(seen.numbers).toEqual(downFrom(100));
    expect(seen.rounds).toBeLessThanOrEqual(4);
  });

  test("no number at all, it says nothing", async () => {
    const seen = await read([...deployments(1, 100), { ...head(1), value: "12" }]);
    expect(seen.numbers).toEqual(downFrom(100));
  });

  test("it tells of what came after a gap", async () => {
    const seen = await read([...deployments(1, 7), ...deployments(900, 903), head(903)]);
    expect(seen.numbers.slice(0, 4)).toEqual([903, 902, 901, 900]);
  });

  test("without it the folder tells where a ledger goes on whose beginning was lost", async () => {
    const seen = await read(deployments(2_001, 2_030));
    expect(seen.numbers).toEqual(downFrom(2_030));
    expect(seen.rounds).toBeLessThanOrEqual(4);
  });

  test("nor do pages hide it on which there is none of them", async () => {
    const junk = Array.from({ length: 25 }, (_, index) => ({ name: `${folder}/000000/${index}`, value: "x", at: 0 }));
    expect((await read([...junk, ...deployments(2_001, 2_006)])).numbers).toEqual(downFrom(2_006, 6));
  });

  test("it is written with each deployment that one page would not show, and by who finds a number taken", async () => {
    await read(deployments(1, 4));
    const { ledger, value } = world!;
    await ledger.begin("prod", 5, draft);
    expect(await value(`${folder}/head`)).toBeUndefined();
    await ledger.begin("prod", 6, draft);
    expect(JSON.parse((await value(`${folder}/head`)) ?? "")).toEqual({ schema: 1, version: "0.4.0", number: 6 });
    await read([...deployments(1, 7), ...deployments(900, 900)]);
    await expect(world!.ledger.begin("prod", 900, draft)).rejects.toMatchObject({ code: "DEPLOYMENT_TAKEN" });
    expect((await world!.ledger.deploymentLog("prod")).deployments[0]?.intent.number).toBe(900);
  });

  test("where it cannot be written the deployment goes on", async () => {
    await read(deployments(1, 30));
    const { gate, ledger } = world!;
    gate.open({ fault: { call: `PutParameter ${folder}/head #1`, kind: "expired", times: 9 } });
    const intent = await ledger.begin("prod", 31, draft);
    expect([gate.met, intent.number]).toEqual([true, 31]);
    expect((await ledger.deploymentLog("prod")).deployments[0]?.intent.number).toBe(31);
  });
});

describe("it is read back only as far as is needed:", () => {
  const same = (first: number, last: number): Planted[] => deployments(first, last, { release: "same" });

  test("the release to roll back to lies a hundred deployments back", async () => {
    const seen = await read([...deployments(1, 1_499), ...same(1_500, 1_600), head(1_600)]);
    expect(standing(seen.deployments, seen.serverTime).previous?.number).toBe(1_499);
    expect([seen.rounds, seen.unread]).toEqual([3, 1_420]);
  });

  test("it lies below everything", async () => {
    const seen = await read([...deployments(1, 1), ...same(2, 300), head(300)]);
    expect(standing(seen.deployments, seen.serverTime).previous?.number).toBe(1);
    expect(seen.unread).toBe(0);
  });

  test("as many as are asked for", async () => {
    const planted = [...deployments(1, 300), head(300)];
    expect((await read(planted, 5)).numbers).toEqual(downFrom(300, 5));
    const { numbers, rounds, unread } = await read(planted, 50);
    expect([numbers, rounds, unread]).toEqual([downFrom(300, 50), 3, 250]);
    const more = await world!.ledger.readOn(
      "prod",
      { deployments: [], folded: [], unread, unreadable: [], serverTime: 0 },
      30,
    );
    expect(more.deployments.map(({ intent }) => intent.number)).toEqual(downFrom(250, 30));
  });

  test("in a ledger whose beginning was lost there is nothing to find below it", async () => {
    const seen = await read([...same(3_001, 3_030), head(3_030)]);
    expect([seen.numbers, seen.unread]).toEqual([downFrom(3_030, 30), 0]);
    expect(seen.calls).toBeLessThanOrEqual(60);
  });
});

describe("a parameter that is no record", () => {
  const spoilt = (name: string, value = "x"): Planted => ({ name: `${folder}/${name}`, value, at: Date.now() });
  const wrong = JSON.stringify({ ...JSON.parse(deployment(8)[0]!.value), images: "none" });
  const another = deployment(7)[0]!.value;

  test.each([
    ["no JSON", "x"],
    ["of another number", another],
    ["with a wrong type", wrong],
  ])("(%s) is passed over with a warning, once, where it is not the newest", async (_, value) => {
    const seen = await read([...deployments(1, 7), spoilt(padded(8), value), ...deployments(9, 30)]);
    expect(seen.numbers).toEqual(downFrom(30, 20).filter((number) => number !== 8));
    const all = await world!.ledger.deploymentLog("prod", Infinity);
    await world!.ledger.deploymentLog("prod", Infinity);
    expect([all.deployments.length, all.unreadable]).toEqual([29, [`${folder}/000008`]]);
    expect(world!.warnings).toEqual([`the ledger's parameter ${folder}/000008 is not a record; it is passed over`]);
  });

  test("but an outcome leaves a deployment of which nobody knows the end", async () => {
    const [intent] = deployment(8);
    const seen = await read([...deployments(1, 7), intent!, spoilt("000008/outcome"), ...deployments(9, 9)], Infinity);
    expect(seen.deployments.find((one) => one.intent.number === 8)?.outcome).toBeUndefined();
    expect(world!.warnings).toHaveLength(1);
  });

  test.each(["000031", "000030/outcome"])("and is part of the newest is a refusal: %s", async (name) => {
    const [intent] = deployment(30);
    const planted = [...deployments(1, 29), intent!, spoilt(name)];
    await expect(read(planted)).rejects.toMatchObject({
      code: "LEDGER_UNREADABLE",
      exitCode: 3,
      message: `the ledger's parameter ${folder}/${name} is not a record`,
      next: [`aws ssm get-parameter --name ${folder}/${name}`, `aws ssm delete-parameter --name ${folder}/${name}`],
    });
  });

  test("but of a newer threads is a refusal wherever it is met, and names it", async () => {
    const newer = spoilt("000008", '{"schema":2,"version":"0.9.0"}');
    await expect(read([...deployments(1, 7), newer, ...deployments(9, 12)])).rejects.toMatchObject({
      code: "LEDGER_UNREADABLE",
      message: `the ledger's parameter ${newer.name} was written by threads 0.9.0 (schema 2); this is threads 0.4.0`,
      next: ["npm install threads@0.9.0"],
    });
    const forged = spoilt("000008", '{"schema":2,"version":"0.9.0; rm -rf ~"}');
    await expect(read([...deployments(1, 7), forged])).rejects.toMatchObject({ next: ["npm install threads@latest"] });
  });
});

test("of two writers of one number exactly one wins, however long the ledger is", async () => {
  await read([...deployments(1, 40), head(40)]);
  const { ledger, names } = world!;
  const results = await Promise.allSettled(
    ["ada", "bob"].map(async (user) => {
      const { deployments: seen } = await ledger.deploymentLog("prod");
      const number = (seen[0]?.intent.number ?? 0) + 1;
      return ledger.begin("prod", number, { ...draft, by: { user, host: "laptop" } });
    }),
  );
  expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  expect(results.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "DEPLOYMENT_TAKEN" } });
  expect((await names()).filter((name) => name.includes("000041"))).toHaveLength(1);
});
