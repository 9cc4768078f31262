import { PutParameterCommand, type PutParameterCommandInput } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { approve } from "../../../src/lib/actions/approve/run.ts";
import { freeze } from "../../../src/lib/actions/freeze/run.ts";
import { gates } from "../../../src/lib/actions/gates/run.ts";
import { timeline } from "../../../src/lib/actions/history/timeline.ts";
import { pushPolicy } from "../../../src/lib/actions/policy/push.ts";
import type { Config } from "../../../src/lib/config/config.ts";
import type { Job, Role } from "../../../src/lib/iam/role.ts";
import { author } from "../../../src/lib/ledger/author.ts";
import { openFreeze } from "../../../src/lib/wire/freeze.ts";
import { openHistory } from "../../../src/lib/wire/history.ts";
import { openPolicy } from "../../../src/lib/wire/policy.ts";
import { promotePorts } from "../faults/promote-ports.ts";
import { deployTo, promoteToProd, withApprovals } from "../faults/role-commands.ts";
import { type CommandWorld, type Ran, type RoleWorld, roleWorld } from "../faults/role-world.ts";
import type { Process } from "../faults/world.ts";

// What somebody tries who has taken one of the roles that `threads policy iam` prints, and no more: the sandbox enforces them.

let world: RoleWorld;
beforeAll(async () => {
  world = await roleWorld(async ({ heads, admin }) => {
    for (const { revision } of heads) await admin((...how) => deployTo("staging", revision, ...how));
    await admin((...how) => promoteToProd(heads[0].revision, ...how));
    await admin((...how) => deployTo("prod", heads[0].revision, ...how));
  });
});
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(() => world.restore());

const roleOf = (job: Job): Role => {
  const found = world.roles.find((one) => one.job === job && (one.environment ?? "prod") === "prod");
  if (found === undefined) throw new Error(`there is no ${job}`);
  return found;
};
type Run = (process: Process, commands: CommandWorld) => Promise<unknown>;
const as = (job: Job, run: Run): Promise<Ran> => world.as(roleOf(job), roleOf(job).permissions, run);
const put = (job: Job, Name: string, Value = "{}", more: Partial<PutParameterCommandInput> = {}) =>
  as(job, async ({ aws }) => (await aws.ssm()).send(new PutParameterCommand({ Name, Value, Type: "String", ...more })));
const denied = (action: string) => ({
  name: "AccessDeniedException",
  message: expect.stringContaining(`is not authorized to perform: ${action}`) as string,
});
/** As a shell has it that says it is GitHub's, in the name of somebody else. */
const ofCi = {
  GITHUB_ACTIONS: "true",
  GITHUB_ACTOR: "the-boss",
  GITHUB_SERVER_URL: "https://github.com",
  GITHUB_REPOSITORY: "shop/app",
  GITHUB_RUN_ID: "7",
};

/** Prod wants approvals, and the branch says of it what it likes. */
const gatePorts = async (process: Process, commands: CommandWorld, change: (config: Config) => Config) =>
  promotePorts({
    ...process,
    ports: { ...process.ports, config: change(await commands.config()), clock: commands.clock },
  });
const say = async (process: Process, commands: CommandWorld, change = withApprovals, revision = "") => {
  const release = revision === "" ? world.heads[2].revision : revision;
  const said = {
    release,
    environment: "prod",
    word: "approved",
    comment: undefined,
    withdraw: false,
    dryRun: false,
  } as const;
  return approve(said, { ...(await gatePorts(process, commands, change)), author: author(ofCi) });
};
const approvalsGate = async (of = world.heads[2].revision) =>
  world.admin(async (process, commands) => {
    const ports = await gatePorts(process, commands, withApprovals);
    const found = await gates({ release: of, environment: "prod" }, ports);
    return found.gates.find(({ gate }) => gate === "approvals");
  });
const boss = (config: Config): Config => {
  const open = withApprovals(config);
  const { prod } = open.environments;
  const approvals = { count: 1, by: ["user/the-boss"], notAuthor: true };
  return {
    ...open,
    environments: { ...open.environments, prod: { ...prod!, gates: { ...prod!.gates, approvals } } },
  };
};
const ungated = (config: Config): Config => ({
  ...config,
  environments: {
    ...config.environments,
    prod: { ...config.environments["prod"]!, requiresPromotion: false },
  },
});

describe("a laptop that says it is CI", () => {
  test("has the rights of whose credentials it holds: it promotes nothing with those that deploy", async () => {
    const before = await world.state();
    const { error } = await as("deployer", (process, commands) =>
      promoteToProd(world.heads[2].revision, process, commands),
    );
    expect(error).toMatchObject({ code: "ACCESS_DENIED", exitCode: 3 });
    expect(await world.state()).toBe(before);
  });

  test("approves in the name that AWS has for it, and in no other", async () => {
    const { result } = await as("approver", (process, commands) => say(process, commands));
    expect(result).toMatchObject({ outcome: "approved", principal: "role/threads-prod-approver" });
    expect(await approvalsGate()).toMatchObject({
      state: "passed",
      says: expect.stringContaining("role/threads-prod-approver") as string,
    });
    const { error } = await as("approver", (process, commands) => say(process, commands, boss));
    expect(error).toMatchObject({
      code: "NOT_AN_APPROVER",
      message: expect.stringContaining("what role/threads-prod-approver says would not count") as string,
    });
  });
});

describe("the name of GitHub's actor, taken by a laptop,", () => {
  test("stands in the ledger beside the principal that AWS has for it, and behind that in the history", async () => {
    const stop = { environment: "prod", reason: "closing time", lift: false };
    const { error } = await as("promoter", async (_, commands) =>
      freeze(stop, await openFreeze({ ...commands, env: ofCi })),
    );
    expect(error).toBeUndefined();
    const { events } = await world.admin(async (_, commands) =>
      timeline({ environment: "prod", limit: undefined }, await openHistory(commands)),
    );
    expect(events.find(({ event }) => event === "freeze")).toMatchObject({
      principal: "role/threads-prod-promoter",
      by: { user: "the-boss", runUrl: "https://github.com/shop/app/actions/runs/7" },
    });
    // What was there before anybody took a role: an administrator is a user.
    expect(events.filter(({ event }) => event === "deploy" || event === "promotion")).toEqual(
      expect.arrayContaining([expect.objectContaining({ principal: expect.stringMatching(/^user\//) as string })]),
    );
  });
});

describe("a record that others believe", () => {
  const all = ["publisher", "promoter", "approver", "policymaker", "deployer", "archivist", "reader", "host"] as const;
  const [hex, revision] = ["1f".repeat(32), "a".repeat(40)];
  test.each<[string, string, Job]>([
    ["a promotion", `/threads/prod/promotions/${hex}`, "promoter"],
    ["evidence of a smoke test", `/threads/evidence/${revision}/${hex}/smoke`, "promoter"],
    ["evidence of a verification", `/threads/evidence/${revision}/${hex}/verify/prod`, "deployer"],
    ["evidence of a load", `/threads/evidence/${revision}/${hex}/stress/prod`, "deployer"],
    ["a deployment", "/threads/prod/deployments/000999", "deployer"],
    ["how one ended", "/threads/prod/deployments/000999/outcome", "deployer"],
  ])("%s is written by the one role that makes it, and never over another", async (_, name, writer) => {
    for (const job of all.filter((one) => one !== writer))
      expect((await put(job, name)).error).toMatchObject(denied("ssm:PutParameter"));
    expect((await put(writer, name, "{}", { Overwrite: true })).error).toMatchObject(denied("ssm:PutParameter"));
    expect((await put(writer, name)).error).toBeUndefined();
  });

  test("is written for an environment by those of that environment alone", async () => {
    for (const [job, name] of [
      ["deployer", "/threads/staging/deployments/000999"],
      ["promoter", `/threads/staging/promotions/${hex}`],
      ["deployer", `/threads/evidence/${revision}/${hex}/verify/staging`],
    ] as const)
      expect((await put(job, name)).error).toMatchObject(denied("ssm:PutParameter"));
  });
});

describe("an approval", () => {
  test("is not written by who promotes, nor by who deploys", async () => {
    for (const job of ["promoter", "deployer", "publisher", "reader"] as const) {
      const name = `/threads/prod/approvals/${world.heads[2].revision}/1f/role/threads-prod-${job}/000001`;
      expect((await put(job, name)).error).toMatchObject(denied("ssm:PutParameter"));
    }
  });

  test("is not written in another's name, nor over one that is there", async () => {
    const below = `/threads/prod/approvals/${world.heads[2].revision}/1f`;
    for (const name of ["user/ada", "sso/ada-example.com", "role/threads-prod-promoter"])
      expect((await put("approver", `${below}/${name}/000001`)).error).toMatchObject(denied("ssm:PutParameter"));
    const own = `${below}/role/threads-prod-approver/000001`;
    expect((await put("approver", own)).error).toBeUndefined();
    expect((await put("approver", own, "{}", { Overwrite: true })).error).toMatchObject(denied("ssm:PutParameter"));
  });

  test("of an older release says nothing of a newer one, though it is dispatched again under its name", async () => {
    const [old, , newer] = world.heads;
    await as("approver", (process, commands) => say(process, commands, withApprovals, old.revision));
    expect(await approvalsGate(old.revision)).toMatchObject({ state: "passed" });
    const records = await world.admin(async (_, commands) => (await openHistory(commands)).ledger.approvalsTo("prod"));
    const { bundle = "" } = records.find(({ revision }) => revision === old.revision) ?? {};
    const copied = JSON.stringify({ ...records[0], schema: 1, nonce: "again", writer: undefined, number: undefined });
    for (const hex of [bundle.slice(7), "1f".repeat(32)]) {
      const name = `/threads/prod/approvals/${newer.revision}/${hex}/role/threads-prod-approver/000001`;
      expect((await put("approver", name, copied)).error).toBeUndefined();
    }
    expect(await approvalsGate(newer.revision)).toMatchObject({ state: "missing" });
  });
});

describe("the policy", () => {
  test("is changed by the policymaker alone", async () => {
    for (const job of ["publisher", "promoter", "approver", "deployer", "archivist", "reader", "host"] as const)
      for (const Overwrite of [true, false])
        expect((await put(job, "/threads/prod/policy", "{}", { Overwrite })).error).toMatchObject(
          denied("ssm:PutParameter"),
        );
  });

  test("holds against a workflow of a branch without gates: neither its deployer nor its promoter gets past it", async () => {
    const [, , { revision }] = world.heads;
    await as("policymaker", async (_, commands) => {
      const opened = await openPolicy(commands);
      const asked = { ...opened, config: withApprovals(await commands.config()) };
      return pushPolicy({ environment: "prod", reason: undefined, dryRun: false }, asked);
    });
    const before = await world.state();
    const branch = (commands: CommandWorld): CommandWorld => ({
      ...commands,
      config: async () => ungated(await commands.config()),
    });
    const deployed = await as("deployer", (process, commands) => deployTo("prod", revision, process, branch(commands)));
    expect(deployed.error).toMatchObject({
      code: "NOT_PROMOTED",
      exitCode: 3,
      message: expect.stringMatching(
        /by the policy that role\/threads-prod-policymaker pushed on .* promoted releases only/,
      ) as string,
    });
    const promoted = await as("promoter", (process, commands) => promoteToProd(revision, process, branch(commands)));
    expect(promoted.result).toMatchObject({ outcome: "waiting", promoted: false });
    expect(await world.state()).toBe(before);
  });
});
