import {
  DeleteParameterCommand,
  DescribeParametersCommand,
  GetParametersByPathCommand,
  PutParameterCommand,
} from "@aws-sdk/client-ssm";
import { beforeEach, describe, expect, test } from "vitest";
import { type ApproveOptions, approve } from "../../../../src/lib/actions/approve/run.ts";
import { gates } from "../../../../src/lib/actions/gates/run.ts";
import { timeline } from "../../../../src/lib/actions/history/timeline.ts";
import { promote } from "../../../../src/lib/actions/promote/run.ts";
import type { WrittenGates } from "../../../../src/lib/config/gates-words.ts";
import { parseOverrides } from "../../../../src/lib/gates/overrides.ts";
import { parameterApprovals } from "../../../../src/lib/ledger/approvals.ts";
import { plainPaint } from "../../../../src/lib/output/paint.ts";
import { renderApprove } from "../../../../src/lib/output/render/approve.ts";
import { renderTimeline } from "../../../../src/lib/output/render/timeline.ts";
import { shortRevision } from "../../../../src/lib/release/revision.ts";
import { verifiedReleases } from "../promote/verified-releases.ts";

const own = verifiedReleases();
const iam = (name: string): string => `arn:aws:iam::000000000000:user/${name}`;
const ci = "arn:aws:sts::000000000000:assumed-role/promoter/run-7";
const approvals = { count: 2, by: ["user/ada", "user/bob", "user/eve"], notAuthor: true };

const ports = () => own.world.withGates({ approvals });
const say = (arn: string, change: Partial<ApproveOptions> = {}, given = ports()) =>
  approve(
    {
      release: own.revision,
      environment: "prod",
      word: "approved",
      comment: undefined,
      withdraw: false,
      dryRun: false,
      ...change,
    },
    own.world.as(arn, given),
  );
const reject = (arn: string, comment: string | undefined) => say(arn, { word: "rejected", comment });
const gate = async (given = ports(), release = own.revision) => {
  const result = await gates({ release, environment: "prod" }, own.world.as(ci, given));
  return result.gates.find((one) => one.gate === "approvals");
};
const run = (given = ports()) =>
  promote({ release: own.revision, environment: "prod", dryRun: false }, own.world.as(ci, given));

test("two people open the gate, one at a time, and promote waits for whom it lacks", async () => {
  expect(await say(iam("ada"), { comment: "looked at the migrations" })).toMatchObject({
    outcome: "approved",
    environment: "prod",
    revision: own.revision,
    bundle: own.release.digest,
    principal: "user/ada",
    word: "approved",
    comment: "looked at the migrations",
    next: [`threads gates ${own.revision} -e prod`],
  });
  expect(await run()).toMatchObject({ outcome: "waiting" });
  expect(await gate()).toMatchObject({ state: "missing", opensBy: "any 1 of user/bob and user/eve" });
  await say(iam("bob"));
  expect(await gate()).toMatchObject({ state: "passed" });
  expect(await run()).toMatchObject({ outcome: "promoted" });
});

test("where a policy asks for approvals, they are given and counted, though the branch asks for none", async () => {
  const bare = own.world.ports;
  const push = (gates: WrittenGates | null) =>
    bare.ledger.pushPolicy({ environment: "prod", gates, by: bare.author, at: "2026-11-22T10:00:00.000Z" });
  await push({ smoke: true, approvals: { count: 1, by: ["user/ada"] } });
  await expect(say(iam("bob"), {}, bare)).rejects.toMatchObject({ code: "NOT_AN_APPROVER" });
  // By both: whom the branch names besides does not count.
  await expect(say(iam("bob"))).rejects.toMatchObject({ code: "NOT_AN_APPROVER" });
  expect(await say(iam("ada"), {}, bare)).toMatchObject({ outcome: "approved" });
  expect(await gate(bare)).toMatchObject({ state: "passed" });
  expect((await gate())?.says).toMatch(/^1 of 2 approvals/);
  await push(null);
  await expect(say(iam("ada"), {}, bare)).rejects.toMatchObject({ code: "NO_APPROVALS" });
});

test("saying it twice writes nothing; taking it back does, once", async () => {
  await say(iam("ada"));
  expect(await say(iam("ada"))).toMatchObject({ outcome: "already", word: "approved" });
  expect(await say(iam("ada"), { withdraw: true })).toMatchObject({ outcome: "withdrawn", word: "withdrawn" });
  expect(await say(iam("ada"), { withdraw: true })).toMatchObject({ outcome: "nothing-to-withdraw" });
  expect((await gate())?.says).toMatch(/^0 of 2 approvals/);
});

test("a rejection shuts the gate for everybody until whoever wrote it takes it back", async () => {
  await say(iam("ada"));
  await say(iam("bob"));
  await reject(iam("eve"), "it locks the table");
  expect(await gate()).toMatchObject({ state: "blocked", says: expect.stringContaining("it locks the table") });
  await expect(run()).rejects.toMatchObject({ code: "GATES_SHUT", exitCode: 3 });
  expect(await say(iam("bob"), { word: "rejected", withdraw: true })).toMatchObject({ outcome: "nothing-to-withdraw" });
  expect((await gate())?.state).toBe("blocked");
  await say(iam("eve"), { word: "rejected", withdraw: true });
  expect((await gate())?.state).toBe("passed");
});

test("an approval is of one bundle and one environment: of another it says nothing", async () => {
  await say(iam("ada"));
  await say(iam("bob"));
  const other = await own.world.publish(`another release ${String(own.number)}`);
  expect((await gate(ports(), other.release.revision))?.says).toMatch(/^0 of 2 approvals/);
  expect((await own.world.ports.ledger.approvals("staging", own.revision)).size).toBe(0);
});

describe("what nobody believes", () => {
  const put = async (name: string, value: string, overwrite = false) => {
    const ssm = await own.world.clients.ssm();
    await ssm.send(new PutParameterCommand({ Name: name, Value: value, Type: "String", Overwrite: overwrite }));
  };
  const nameOf = (principal: string, revision = own.revision): string =>
    `/threads/prod/approvals/${revision}/${own.release.digest.slice(7)}/${principal}/000001`;
  const record = (principal: string, change: object = {}): string =>
    JSON.stringify({
      schema: 1,
      environment: "prod",
      revision: own.revision,
      bundle: own.release.digest,
      word: "approved",
      principal,
      comment: "",
      by: { user: "ada", host: "laptop" },
      at: "2026-11-22T10:00:00.000Z",
      nonce: "0",
      ...change,
    });
  beforeEach(() => say(iam("ada")));

  test("is a record in another's name: Parameter Store says who wrote it", async () => {
    own.world.as(iam("mallory"), {});
    await put(nameOf("user/bob"), record("user/bob"));
    expect(await gate()).toMatchObject({
      state: "missing",
      says: expect.stringContaining("what is there in the name of user/bob was written by user/mallory"),
    });
    // It is in nobody's way.
    await say(iam("bob"));
    expect((await gate())?.state).toBe("passed");
  });

  test("is one that somebody has overwritten, or put under a name that says something else", async () => {
    await say(iam("bob"));
    own.world.as(iam("mallory"), {});
    await put(nameOf("user/bob"), record("user/bob", { word: "withdrawn" }), true);
    expect((await gate())?.says).toContain("written by user/mallory");
    own.world.as(iam("eve"), {});
    await put(nameOf("user/eve/user/eve"), record("user/eve"));
    await put(`${nameOf("user/eve")}0`, record("user/eve"));
    await put(nameOf("user/eve"), "approved, I swear");
    expect((await gate())?.state).toBe("missing");
    await (await own.world.clients.ssm()).send(new DeleteParameterCommand({ Name: nameOf("user/eve") }));
  });

  test("is an old approval under the name of this release", async () => {
    own.world.as(iam("bob"), {});
    await put(nameOf("user/bob"), record("user/bob", { bundle: `sha256:${"0".repeat(64)}` }));
    expect((await gate())?.says).toMatch(/^1 of 2 approvals/);
  });

  test("is one of another bundle of the same commit", async () => {
    const bundle = `sha256:${"0".repeat(64)}`;
    own.world.as(iam("bob"), {});
    await put(nameOf("user/bob").replace(own.release.digest.slice(7), "0".repeat(64)), record("user/bob", { bundle }));
    expect((await own.world.ports.ledger.approvals("prod", own.revision)).size).toBe(2);
    expect((await gate())?.says).toMatch(/^1 of 2 approvals/);
  });

  test("is what changed between the two questions for it", async () => {
    const ssm = await own.world.clients.ssm();
    const told = Promise.withResolvers<void>();
    // The writers are told, then somebody overwrites the record, then it is read.
    const between = new Proxy(ssm, {
      get: (target, key) =>
        key !== "send"
          ? (Reflect.get(target, key) as unknown)
          : async (...call: Parameters<typeof ssm.send>) => {
              const [{ constructor: command }] = call;
              if (command === GetParametersByPathCommand) {
                await told.promise;
                own.world.as(iam("mallory"), {});
                await put(nameOf("user/ada"), record("user/ada", { comment: "forged" }), true);
              }
              const answer = await (ssm.send(...call) as unknown as Promise<unknown>);
              if (command === DescribeParametersCommand) told.resolve();
              return answer;
            },
    });
    const read = parameterApprovals({
      aws: { ssm: () => Promise.resolve(between) },
      clock: own.world.ports.clock,
      app: "threads",
      version: "1.2.3",
    });
    const [approval] = (await read.approvals("prod", own.revision)).get(own.release.digest) ?? [];
    expect(approval).toMatchObject({ comment: "forged", writer: "somebody whom Parameter Store does not name" });
  });
});

describe("it is refused, and nothing is written, where", () => {
  test.each([
    ["nobody asks for it", iam("mallory"), "NOT_AN_APPROVER", /user\/mallory .* of user\/ada, user\/bob and user\/eve/],
    ["it is a role whose session has the right name", ci.replace("run-7", "ada"), "NOT_AN_APPROVER", /role\/promoter/],
    ["AWS has no name for it", "arn:aws:iam::000000000000:root", "NOT_AN_APPROVER", /does not vouch/],
  ])("%s", async (_, arn, code, message) => {
    await expect(say(arn)).rejects.toMatchObject({ code, exitCode: 3, message: expect.stringMatching(message) });
    expect((await own.world.ports.ledger.approvals("prod", own.revision)).size).toBe(0);
  });

  test("the commit is theirs, who may be against it all the same", async () => {
    const given = ports();
    const lineage = { ...given.lineage, authors: async () => ["ada@example.com"] };
    await expect(say(iam("ada"), {}, { ...given, lineage })).rejects.toMatchObject({
      code: "NOT_AN_APPROVER",
      message: expect.stringContaining("the commit is theirs"),
      advice: ["ask user/bob and user/eve"],
    });
    const against = { word: "rejected", comment: "not yet" } as const;
    expect(await say(iam("ada"), against, { ...given, lineage })).toMatchObject({ outcome: "rejected" });
  });

  test("the environment asks for none", async () => {
    await expect(say(iam("ada"), {}, own.world.ports)).rejects.toMatchObject({ code: "NO_APPROVALS", exitCode: 3 });
  });

  test("a rejection has no comment", async () => {
    await expect(reject(iam("ada"), " ")).rejects.toMatchObject({ code: "NO_REASON", exitCode: 2 });
  });

  test("the comment has no room in a record, also of a plan", async () => {
    for (const dryRun of [true, false])
      await expect(say(iam("ada"), { comment: "x".repeat(5000), dryRun })).rejects.toMatchObject({
        code: "RECORD_TOO_LARGE",
      });
  });
});

test("a plan says what it would write, and writes nothing", async () => {
  const result = await say(iam("ada"), { comment: "it's fine", dryRun: true });
  expect(result).toMatchObject({
    outcome: "planned",
    next: [String.raw`threads approve ${own.revision} -e prod --comment 'it'\''s fine'`],
  });
  expect(renderApprove(result, plainPaint, 200)[0]).toBe(
    `Would write down that user/ada has approved ${own.revision} for prod`,
  );
  expect((await own.world.ports.ledger.approvals("prod", own.revision)).size).toBe(0);
});

test("an override is on record with the gate, the reason and the principal, for as long as there is a history", async () => {
  const overrides = parseOverrides(["approvals"], "fixes the outage");
  const given = own.world.as(iam("ada"), ports());
  expect(await promote({ release: own.revision, environment: "prod", dryRun: false, overrides }, given)).toMatchObject({
    outcome: "promoted",
  });
  const { events } = await timeline({ environment: "prod", limit: 500 }, own.world.ports);
  expect(events).toContainEqual(
    expect.objectContaining({
      event: "override",
      revision: own.revision,
      gate: "approvals",
      reason: "fixes the outage",
      principal: "user/ada",
    }),
  );
});

test("history --all keeps every word, of whom AWS says it is", async () => {
  await say(iam("ada"), { comment: "fine" });
  await reject(iam("eve"), "it locks the table");
  await say(iam("eve"), { word: "rejected", withdraw: true });
  const all = await timeline({ environment: "prod", limit: 500 }, own.world.ports);
  const mine = all.events.filter(({ revision }) => revision === own.revision);
  expect(
    mine
      .map(({ event, reason, principal }) => [event, reason, principal])
      .toSorted((one, other) => String(one).localeCompare(String(other))),
  ).toEqual([
    ["approval", "fine", "user/ada"],
    ["rejection", "it locks the table", "user/eve"],
    ["withdrawal", null, "user/eve"],
  ]);
  const text = renderTimeline(all, plainPaint, 300).join("\n");
  expect(text).toMatch(
    new RegExp(`rejected +${shortRevision(own.revision)} +user/eve \\(ada on laptop\\) +it locks the table`),
  );
});
