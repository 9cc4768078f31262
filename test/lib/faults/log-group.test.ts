import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { doctor } from "../../../src/lib/actions/doctor/run.ts";
import { logs } from "../../../src/lib/actions/logs/run.ts";
import type { LogsResult } from "../../../src/lib/actions/logs/result.ts";
import type { RolloutResult } from "../../../src/lib/fleet/result.ts";
import type { Config } from "../../../src/lib/config/config.ts";
import type { Permission } from "../../../src/lib/iam/document.ts";
import type { Job, Role } from "../../../src/lib/iam/role.ts";
import { readOutLabel } from "../../../src/lib/hosts/read-out-label.ts";
import { logGroup } from "../../../src/lib/remote/log-group.ts";
import { openDoctor } from "../../../src/lib/wire/doctor.ts";
import { openLogs } from "../../../src/lib/wire/logs.ts";
import { deployTo, promoteToProd } from "./role-commands.ts";
import { type CommandWorld, type Ran, type RoleWorld, roleWorld } from "./role-world.ts";

// Where threads.yml names a log group, the hosts' log of a deployment goes there by their own role, and is read by whoever may.

const group = "/threads/prod";

function withLogGroup(config: Config): Config {
  const prod = config.environments["prod"]!;
  return {
    ...config,
    environments: { ...config.environments, prod: { ...prod, hosts: { ...prod.hosts!, logGroup: group } } },
  };
}

let world: RoleWorld;
/** Of what was deployed last; each time the other one of two releases. */
let [number, turn] = [0, 0];
beforeAll(async () => {
  world = await roleWorld(async ({ heads, admin }) => {
    for (const { revision } of heads) await admin((...how) => deployTo("staging", revision, ...how));
    for (const { revision } of heads.slice(0, 2)) {
      await admin((...how) => promoteToProd(revision, ...how));
      await admin((...how) => deployTo("prod", revision, ...how));
    }
  }, withLogGroup);
});
afterAll(() => world[Symbol.asyncDispose]());

const roleOf = (job: Job): Role => {
  const found = world.roles.find((role) => role.job === job && (role.environment ?? "prod") === "prod");
  if (found === undefined) throw new Error(`there is no ${job}`);
  return found;
};
const prodHosts = () => world.hosts().filter(({ tags }) => tags["threads-env"] === "prod");
/** A policy without some actions. */
const without = (role: Role, ...actions: readonly string[]): readonly Permission[] =>
  role.permissions.map((one) => ({
    ...one,
    actions: Object.fromEntries(Object.entries(one.actions).filter(([action]) => !actions.includes(action))),
  }));
const whole = (lines: readonly string[]): string => lines.join("\n");
const long = Array.from({ length: 3_000 }, (_, n) => `line ${n} of what a host has written`);

/** Deploys what is promoted, with hosts that have a role with these permissions; as somebody who may do everything. */
async function deployed(permissions = roleOf("host").permissions): Promise<void> {
  const hosts = prodHosts();
  for (const host of hosts) {
    // Whichever number it gets.
    for (let n = 1; n < 99; n += 1) host.logs.deployments.set(n, [`on ${host.id}`, ...long]);
    await world.as(roleOf("host"), permissions, async ({ aws }) => {
      const { accessKeyId, sessionToken = "" } = await (await aws.sts()).config.credentials();
      host.role = [accessKeyId, sessionToken];
    });
  }
  const done = await world.admin((...how) =>
    deployTo("prod", world.heads[turn % 2 === 0 ? 0 : 1].revision, ...how, false, { allowOlder: true }),
  );
  turn += 1;
  number = (done as RolloutResult).number!;
  // Nobody waits for what hosts read out.
  const ends = (): Promise<readonly boolean[]> =>
    world.admin(async (_, commands) => {
      const { aws, clock } = { aws: await commands.aws(), clock: commands.clock };
      const read = await logGroup({ aws, clock }).commands(readOutLabel("threads", "prod", number));
      return read.map(({ hasEnded }) => hasEnded);
    });
  await expect.poll(ends).toEqual(hosts.map(() => true));
}

const reading = (change: Partial<Parameters<typeof logs>[0]> = {}) => {
  const options = { environment: "prod", services: [], hosts: [], follow: false, since: undefined, grep: undefined };
  return async (_: unknown, commands: CommandWorld): Promise<LogsResult> =>
    logs({ ...options, tail: undefined, deployment: number, ...change }, await openLogs(commands, undefined));
};
const readBy = (permissions: readonly Permission[], change = {}): Promise<Ran> =>
  world.as(roleOf("deployer"), permissions, reading(change));
const textOf = ({ result }: Ran): string[] => (result as LogsResult).lines?.map(({ text }) => text) ?? [];
const logGroupRow = async (): Promise<string[]> => {
  const { checks } = await world.admin((_, commands) => doctor({ environment: "prod" }, openDoctor(commands)));
  return checks.filter(({ check }) => check === "log-group").map(({ state, says }) => `${state}: ${says}`);
};

describe("where the hosts' role lacks", () => {
  test.each(["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"])(
    "%s, the deployment comes through, the log is read on the hosts, and doctor says it",
    async (action) => {
      await deployed(without(roleOf("host"), action));
      const [one] = prodHosts();
      const ran = await readBy(roleOf("deployer").permissions, { hosts: [one!.id] });
      expect(ran.error).toBeUndefined();
      expect(textOf(ran).slice(0, 2)).toEqual([`on ${one!.id}`, long[0]]);
      expect(await logGroupRow()).toEqual([expect.stringMatching(/^warn: 2 of 2 hosts wrote nothing into /)]);
    },
  );
});

describe("with the roles that threads policy iam prints", () => {
  test("all of it is read from there, beyond what SSM hands on, also of a host that is gone", async () => {
    await deployed();
    const [one, other] = prodHosts();
    other!.online = false;
    const asked = [...one!.seen];
    const ran = await readBy(roleOf("deployer").permissions);
    other!.online = true;
    expect(ran.error).toBeUndefined();
    expect(ran.warnings).toEqual([]);
    expect(whole(textOf(ran))).toBe(whole([`on ${one!.id}`, ...long, `on ${other!.id}`, ...long]));
    expect((ran.result as LogsResult).outcome).toBe("read");
    expect(one!.seen).toEqual(asked);
    expect(ran.used.filter((used) => used.includes("SendCommand"))).toEqual([]);
    expect(await logGroupRow()).toEqual([`ok: ${group}: hosts write the log of their deployments into it`]);
  });

  test("of one host, and searched", async () => {
    await deployed();
    const [one] = prodHosts();
    const ran = await readBy(roleOf("deployer").permissions, { hosts: [one!.id], grep: "^(on|line 12 )" });
    expect(textOf(ran)).toEqual([`on ${one!.id}`, long[12]]);
  });
});

test("whoever may not read it is told so, with the action, and reads on the hosts", async () => {
  await deployed();
  const [one] = prodHosts();
  const ran = await readBy(without(roleOf("deployer"), "logs:FilterLogEvents"), { hosts: [one!.id] });
  expect(ran.error).toBeUndefined();
  expect(ran.warnings).toEqual([
    expect.stringMatching(/^\/threads\/prod is not read, and the hosts are asked instead: .*logs:FilterLogEvents/),
  ]);
  expect(textOf(ran)[0]).toBe(`on ${one!.id}`);
});
