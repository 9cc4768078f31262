import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ThreadsError } from "../../../src/lib/errors/threads-error.ts";
import { documentOf, type Permission } from "../../../src/lib/iam/document.ts";
import { subjectOf } from "../../../src/lib/iam/from-config.ts";
import type { Role } from "../../../src/lib/iam/role.ts";
import { rolesOf } from "../../../src/lib/iam/roles.ts";
import { account, region } from "../sandbox/server/open-sandbox.ts";
import type { Fate } from "../tasks/world.ts";
import { EcsFaultWorld } from "./ecs-world.ts";

// Each right that the deployer of an environment has on ECS is taken away in turn, from each command that needs it.

let world: EcsFaultWorld;
let bare: EcsFaultWorld;
let held: EcsFaultWorld;
let role: Role;
let releases = 0;
beforeAll(async () => {
  [world, bare, held] = await Promise.all([EcsFaultWorld.open(), EcsFaultWorld.open(), EcsFaultWorld.open()]);
  const { config } = world.ecs;
  const all = rolesOf(
    subjectOf({ ...config, account, registry: { ...config.registry, repository: "threads/" } }, region),
  );
  role = all.find(({ job }) => job === "deployer")!;
  for (const of of [world, world]) await comesThrough(await publish(of));
  await held.type(await publish(held));
  await held.pauses();
});
afterAll(() => Promise.all([world.close(), bare.close(), held.close()]));

const publish = (of: EcsFaultWorld): Promise<string> => of.deploys(`release-${(releases += 1)}`);

/** As an administrator. */
async function comesThrough(line: string): Promise<void> {
  const { error } = await world.type(line);
  if (error !== undefined) throw error;
}

interface Command {
  readonly name: string;
  readonly of: () => EcsFaultWorld;
  readonly line: () => Promise<string>;
  /** What becomes of tasks: of a family's newest revision. */
  readonly fate?: readonly [family: string, fate: Fate];
  /** What it ends with where nothing is missing. */
  readonly ends?: string;
  /** What it is there for, where others need all else as well; it takes long. */
  readonly alone?: string;
}
const commands: readonly Command[] = [
  { name: "status", of: () => world, line: async () => "threads status -e prod" },
  { name: "deploy", of: () => world, line: () => publish(world) },
  { name: "rollback", of: () => world, line: async () => "threads rollback -e prod" },
  {
    name: "deploy, and back",
    of: () => world,
    line: () => publish(world),
    fate: ["shop-prod-celery", "dies"],
    ends: "ROLLED_BACK",
  },
  {
    name: "deploy, a migration without end",
    of: () => world,
    line: () => publish(world),
    fate: ["shop-prod-migrate", "stays"],
    ends: "MIGRATION_FAILED",
    alone: "ecs:StopTask",
  },
  {
    name: "deploy, behind a pause",
    of: () => held,
    line: async () => {
      expect((await held.type(await publish(held))).error).toMatchObject({ code: "STEP_PAUSED" });
      return "threads deploy -e prod --continue 2";
    },
    alone: "ecs:ContinueServiceDeployment",
  },
  {
    name: "the first deploy, and back",
    of: () => bare,
    line: () => publish(bare),
    fate: ["shop-prod-web", "sick"],
    ends: "ROLLED_BACK",
  },
];

interface Ran {
  readonly error: unknown;
  readonly used: readonly string[];
  /** Whether a service runs, or is told to run, something else than before. */
  readonly changed: boolean;
}

/** Runs a command with these permissions alone, and brings the environment to where it was for the next. */
async function run({ of, line, fate }: Command, permissions: readonly Permission[]): Promise<Ran> {
  const { ecs } = of();
  const before = await of().definitions();
  const known = new Set(before.map((arn) => arn.split("/")[1] ?? ""));
  const [family, becomes] = fate ?? ["", "well"];
  ecs.state.fate = (task) =>
    fate !== undefined && task.definition.startsWith(family) && !known.has(task.definition) ? becomes : "well";
  const credentials = await assume(of(), permissions);
  const { last } = await ecs.sandbox.log();
  const { error } = await of().type(await line(), undefined, { credentials });
  const { entries } = await ecs.sandbox.log(last);
  ecs.state.fate = () => "well";
  const used = [...new Set(entries.flatMap(({ used: needed = [] }) => needed))];
  const after = await of().definitions();
  await of().passes(4_000_000);
  return { error, used, changed: after.join() !== before.join() };
}

async function assume({ ecs }: EcsFaultWorld, permissions: readonly Permission[]) {
  const trust = {
    Version: "2012-10-17",
    Statement: [
      { Sid: "All", Effect: "Allow", Action: ["sts:AssumeRole"], Principal: { AWS: `arn:aws:iam::${account}:root` } },
    ],
  };
  const roles = [{ name: role.name, policy: documentOf(permissions), trust }];
  const answer = await fetch(`${ecs.sandbox.url}/_sandbox/roles`, { method: "PUT", body: JSON.stringify({ roles }) });
  if (!answer.ok) throw new Error(await answer.text());
  const RoleArn = `arn:aws:iam::${account}:role/${role.name}`;
  const given = await ecs.sandbox.sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "ada" }));
  const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = given.Credentials ?? {};
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}

interface Unit {
  readonly sid: string;
  readonly action: string;
}
const unitsOf = ({ permissions }: Role): Unit[] =>
  permissions.flatMap(({ sid, actions }) =>
    Object.keys(actions).flatMap((action) => (/^(?:ecs|iam):/.test(action) ? [{ sid, action }] : [])),
  );
const without = (permissions: readonly Permission[], { sid, action }: Unit): Permission[] =>
  permissions.flatMap((one) => {
    if (one.sid !== sid) return [one];
    const { [action]: _, ...actions } = one.actions;
    return Object.keys(actions).length === 0 ? [] : [{ ...one, actions }];
  });

const used = new Map<Command, ReadonlySet<string>>();
const actionsIn = (all: readonly string[]): Set<string> => new Set(all.map((one) => one.split(" ")[0] ?? ""));

test.each(commands)("with its own role and no more: $name", async (command) => {
  const { error, used: needed } = await run(command, role.permissions);
  used.set(command, actionsIn(needed));
  expect((error as ThreadsError | undefined)?.code).toBe(command.ends);
});

/** What a command comes to that lacks a right: refused with nothing changed, or as it says. */
async function endingOf(command: Command, unit: Unit): Promise<string> {
  const { error, changed } = await run(command, without(role.permissions, unit));
  if (error === undefined) return "done";
  if (!(error instanceof ThreadsError)) throw error;
  const says = [error.message, ...error.details].join();
  const names = says.includes(unit.action) && says.includes(role.name) ? "" : ", and does not say it";
  return `${error.code} ${String(error.exitCode)}${changed ? ", changed" : ""}${names}`;
}

/** Everything that is not simply refused, with nothing changed. */
const others = [
  // It has begun a migration by then.
  "ecs:DescribeTasks of the first deploy, and back: SEND_UNKNOWN 7",
  "ecs:StopTask of deploy, a migration without end: SEND_UNKNOWN 7",
  // It has migrated by then, or written onto a service what it is told; all run what they ran before.
  // What has come to the pause stays there, until somebody answers who may.
  "ecs:ContinueServiceDeployment of deploy, behind a pause: STEP_PAUSED 6, changed",
  "ecs:CreateService of the first deploy, and back: ROLLED_BACK 5",
  "ecs:UpdateService of deploy: ROLLED_BACK 5",
  "ecs:UpdateService of rollback: ROLLED_BACK 5",
  "ecs:UpdateService of deploy, and back: ROLLED_BACK 5",
  "ecs:TagResource of rollback: ROLLED_BACK 5",
  // Told again what they ran, services go back without it.
  "ecs:DescribeServiceDeployments of deploy: ROLLED_BACK 5",
  "ecs:DescribeServiceDeployments of rollback: ROLLED_BACK 5",
  "ecs:DescribeServiceDeployments of deploy, and back: ROLLED_BACK 5",
  "ecs:DescribeServiceDeployments of the first deploy, and back: ROLLED_BACK 5",
  "ecs:StopServiceDeployment of deploy, and back: ROLLED_BACK 5, and does not say it",
  "ecs:DeleteService of the first deploy, and back: HOSTS_DIFFER 6, changed",
];

test("without any one right it says which and whose, and leaves nothing half done", async () => {
  const found: string[] = [];
  for (const unit of unitsOf(role)) {
    const needing = commands.filter(
      (one) => used.get(one)?.has(unit.action) === true && (one.alone ?? unit.action) === unit.action,
    );
    if (needing.length === 0) found.push(`${unit.action} is used by nothing`);
    for (const command of needing) {
      const ending = await endingOf(command, unit);
      if (!/^(?:ACCESS_DENIED|HOST_NOT_READY) 3$/.test(ending))
        found.push(`${unit.action} of ${command.name}: ${ending}`);
      // Whoever has all rights again comes through.
      if (command.of() === world && command.name !== "status") await comesThrough(`${await publish(world)} --force`);
    }
  }
  expect(found.toSorted()).toEqual(others.toSorted());
});
