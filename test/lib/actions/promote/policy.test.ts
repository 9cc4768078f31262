import {
  CreateDocumentCommand,
  DeleteDocumentCommand,
  DeleteParameterCommand,
  PutParameterCommand,
} from "@aws-sdk/client-ssm";
import { beforeEach, describe, expect, test } from "vitest";
import { approve } from "../../../../src/lib/actions/approve/run.ts";
import { gates } from "../../../../src/lib/actions/gates/run.ts";
import { chooseRelease } from "../../../../src/lib/actions/deploy/choose-release.ts";
import { promote } from "../../../../src/lib/actions/promote/run.ts";
import type { WrittenGates } from "../../../../src/lib/config/gates-words.ts";
import { parseOverrides } from "../../../../src/lib/gates/overrides.ts";
import type { PromotePorts } from "../../../../src/lib/actions/promote/ports.ts";
import { verifiedReleases } from "./verified-releases.ts";

// What is pushed counts, whatever the threads.yml says that the command runs with.

const own = verifiedReleases();
const ports = (): PromotePorts => own.world.ports;
/** As a branch has it that has taken the gates of prod away. */
const ungated = (): PromotePorts => {
  const { config } = ports();
  const { prod } = config.environments;
  if (prod === undefined) throw new Error("threads.yml has no prod");
  const bare = { ...prod, requiresPromotion: false };
  return { ...ports(), config: { ...config, environments: { ...config.environments, prod: bare } } };
};
const push = (words: WrittenGates | null) =>
  ports().ledger.pushPolicy({
    environment: "prod",
    gates: words,
    principal: "user/ada",
    by: { user: "ada", host: "laptop" },
    at: "2026-11-21T10:00:00.000Z",
  });
const run = (given = ports(), how: Partial<Parameters<typeof promote>[0]> = {}) =>
  promote({ release: own.revision, environment: "prod", dryRun: false, ...how }, given);
const gate = async (name: string, given = ports()) =>
  (await gates({ release: own.revision, environment: "prod" }, given)).gates.find((one) => one.gate === name);
const deploy = (given = ports()) =>
  chooseRelease(
    {
      environment: given.config.environments["prod"]!,
      ruling: given.ledger.ruling("prod"),
      release: own.revision,
      unverified: false,
    },
    given,
  );
beforeEach(async () => {
  const ssm = await own.world.clients.ssm();
  await ssm.send(new DeleteParameterCommand({ Name: "/threads/prod/policy" })).catch(() => undefined);
});
const strict: WrittenGates = { smoke: true, verified: "staging", approvals: { count: 2 } };
const record = async () => ports().ledger.promotionsOf("prod", own.release.digest);

describe("a gate that only the policy asks for", () => {
  test("shuts it for everybody, and says whose word it is", async () => {
    await push(strict);
    expect(await gate("approvals")).toMatchObject({
      state: "missing",
      says: "0 of 2 approvals",
      policy: expect.stringMatching(
        /^2 approvals by the policy that user\/ada pushed on .* UTC; threads\.yml does not ask for it$/,
      ),
    });
    expect(await gate("verified")).toMatchObject({ state: "passed", policy: null });
    expect(await run()).toMatchObject({ outcome: "waiting" });
    expect(await run(ungated())).toMatchObject({ outcome: "waiting" });
  });

  test("is told in the refusal of one that nobody else opens", async () => {
    await push({ branch: "nowhere" });
    await expect(run()).rejects.toMatchObject({
      code: "GATES_SHUT",
      message: expect.stringMatching(/branch: .* \(nowhere by the policy that user\/ada pushed on .*\)/),
    });
  });

  test("is overridden with the policy on record", async () => {
    await push(strict);
    const overrides = parseOverrides(["approvals"], "outage");
    expect(await run(ports(), { overrides })).toMatchObject({ outcome: "promoted" });
    expect(await record()).toMatchObject([
      {
        gates: { approvals: "overridden" },
        overrides: [
          { gate: "approvals", reason: "outage", says: expect.stringMatching(/the policy that user\/ada pushed on/) },
        ],
      },
    ]);
    expect((await deploy()).release.revision).toBe(own.revision);
  });
});

describe("a branch without gates", () => {
  test("has those of the policy, for promote and gates alike", async () => {
    await push({ smoke: true, verified: "staging", maturity: 10 ** 8 });
    const found = await gates({ release: own.revision, environment: "prod" }, ungated());
    expect(found.outcome).toBe("shut");
    expect(found.gates.filter(({ policy }) => policy !== null).map((one) => one.gate)).toEqual([
      "verified",
      "maturity",
      "smoke",
    ]);
    expect(await run(ungated())).toMatchObject({ outcome: "waiting" });
  });

  test("deploys nothing that was not promoted, and says by whose policy", async () => {
    await push(strict);
    await expect(deploy(ungated())).rejects.toMatchObject({
      code: "NOT_PROMOTED",
      message: expect.stringMatching(
        /is published but not promoted to prod; by the policy that user\/ada pushed on .* prod takes promoted releases only, though threads\.yml has no gates for it$/,
      ),
    });
    await push(null);
    expect((await deploy(ungated())).release.revision).toBe(own.revision);
  });
});

/** Says yes to it, as a user. */
const say = async (name: string): Promise<unknown> => {
  const arn = `arn:aws:iam::000000000000:user/${name}`;
  const said = {
    release: own.revision,
    environment: "prod",
    word: "approved",
    withdraw: false,
    dryRun: false,
  } as const;
  return approve({ ...said, comment: undefined }, own.world.as(arn, ports()));
};

describe("what was promoted before the policy", () => {
  test("is judged by it once more, and then deployed", async () => {
    expect(await run()).toMatchObject({ outcome: "promoted" });
    await deploy();
    await push({ smoke: true, verified: "staging", maturity: 1 });
    await expect(deploy()).rejects.toMatchObject({
      code: "NOT_PROMOTED",
      message: expect.stringMatching(
        /was promoted to prod without all gates of the policy that user\/ada pushed on .*: verified, maturity and smoke$/,
      ),
      next: [`threads promote ${own.revision} -e prod`],
    });
    await push({ smoke: true, verified: "staging" });
    expect(await gates({ release: own.revision, environment: "prod" }, ports())).toMatchObject({
      next: [`threads deploy -e prod ${own.revision}`],
    });
    // It is older than that by now, and open: what is lacking is the promotion.
    await push({ smoke: true, verified: "staging", approvals: { count: 1 } });
    await say("ada");
    expect(await gates({ release: own.revision, environment: "prod" }, ports())).toMatchObject({
      outcome: "open",
      next: [`threads promote ${own.revision} -e prod`],
    });
    await push({ smoke: true, verified: "staging", checks: ["test"] });
    const opened = {
      ...ports(),
      checks: { checksOf: async () => [{ name: "test", state: "passed", word: "success", url: "" }] },
    };
    expect(await run(opened as PromotePorts)).toMatchObject({ outcome: "promoted" });
    expect(await deploy()).toMatchObject({ digest: own.release.digest });
    expect(await run(opened as PromotePorts)).toMatchObject({ outcome: "already-promoted" });
  });
});

test("a policy that nobody can read lets nothing pass", async () => {
  const ssm = await own.world.clients.ssm();
  await ssm.send(new PutParameterCommand({ Name: "/threads/prod/policy", Value: "{}", Type: "String" }));
  const before = own.world.smoked.length;
  for (const tried of [run, () => run(ungated()), () => gate("smoke"), deploy, () => deploy(ungated())])
    await expect(tried()).rejects.toMatchObject({ code: "POLICY_UNREADABLE", exitCode: 3 });
  expect(own.world.smoked).toHaveLength(before);
});

test("reading it costs no call: where none is pushed, and where one is that asks for no more", async () => {
  const calls = async (): Promise<readonly string[]> => {
    await own.world.calls();
    await gates({ release: own.revision, environment: "prod" }, ports());
    return (await own.world.calls()).toSorted();
  };
  const before = await calls();
  await push({ smoke: true, verified: "staging" });
  expect(await calls()).toEqual(before);
});

test("a change calendar that the policy names shuts the gate while it is closed, for a promotion and for gates", async () => {
  const ssm = await own.world.clients.ssm();
  const calendar = (type: string) => ({
    Name: "freezes",
    Content: `BEGIN:VCALENDAR\r\nX-CALENDAR-TYPE:${type}\r\nEND:VCALENDAR\r\n`,
    DocumentType: "ChangeCalendar" as const,
    DocumentFormat: "TEXT" as const,
  });
  await push({ smoke: true, verified: "staging", window: { calendars: ["freezes"] } });
  expect(await gate("window")).toMatchObject({
    state: "blocked",
    says: expect.stringContaining("freezes is neither in this account and region nor shared with it"),
    policy: expect.stringMatching(/^while the calendar freezes is open by the policy that user\/ada pushed on/),
  });
  await ssm.send(new CreateDocumentCommand(calendar("DEFAULT_CLOSED")));
  expect(await gate("window")).toMatchObject({ state: "missing", opensBy: "the calendar freezes" });
  expect(await run()).toMatchObject({ outcome: "waiting" });
  await ssm.send(new DeleteDocumentCommand({ Name: "freezes" }));
  await ssm.send(new CreateDocumentCommand(calendar("DEFAULT_OPEN")));
  expect(await run()).toMatchObject({ outcome: "promoted" });
});
