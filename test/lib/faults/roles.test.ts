import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ThreadsError } from "../../../src/lib/errors/threads-error.ts";
import { documentOf, type Permission } from "../../../src/lib/iam/document.ts";
import { decide } from "../../../src/lib/iam/evaluate.ts";
import { type Job, jobs, type Role } from "../../../src/lib/iam/role.ts";
import { deployTo, promoteToProd, type RoleCommand, roleCommands } from "./role-commands.ts";
import { rehearsals } from "./role-rehearsal.ts";
import { type Ran, type RoleWorld, roleWorld } from "./role-world.ts";

const commandsOfRoles = [...roleCommands, ...rehearsals];

let world: RoleWorld;
beforeAll(async () => {
  world = await roleWorld(async ({ heads, admin }) => {
    for (const { revision } of heads) await admin((...how) => deployTo("staging", revision, ...how));
    for (const { revision } of heads.slice(0, 2)) {
      await admin((...how) => promoteToProd(revision, ...how));
      await admin((...how) => deployTo("prod", revision, ...how));
    }
  });
});
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(() => world.restore());

const roleOf = (job: string): Role => {
  const found = world.roles.find((one) => one.job === job && (one.environment ?? "prod") === "prod");
  if (found === undefined) throw new Error(`there is no ${job}`);
  return found;
};
const run = async (command: RoleCommand, permissions = roleOf(command.job).permissions): Promise<Ran> => {
  await command.prepare?.(world);
  return world.as(roleOf(command.job), permissions, (process, commands) => command.run(process, commands, world));
};

/** One action on one resource: the least that can be taken away. */
interface Unit {
  readonly sid: string;
  readonly action: string;
  readonly resource: string;
}
const unitsOf = ({ permissions }: Role): Unit[] =>
  permissions.flatMap(({ sid, actions, resources }) =>
    Object.keys(actions).flatMap((action) => resources.map((resource) => ({ sid, action, resource }))),
  );
const without = (permissions: readonly Permission[], { sid, action, resource }: Unit): Permission[] =>
  permissions.flatMap((one) => {
    if (one.sid !== sid) return [one];
    const { [action]: taken, ...others } = one.actions;
    const rest = one.resources.filter((other) => other !== resource);
    return [
      ...(Object.keys(others).length === 0 ? [] : [{ ...one, actions: others }]),
      ...(rest.length === 0 || taken === undefined
        ? []
        : [{ ...one, sid: `${sid}Rest`, actions: { [action]: taken }, resources: rest }]),
    ];
  });
const isFor = ({ sid, action, resource }: Unit, used: string): boolean => {
  const [asked = "", about = ""] = used.split(" ");
  const policy = documentOf([{ sid, actions: { [action]: "" }, resources: [resource] }]);
  return decide([policy], { action: asked, resource: about, context: {} }) === "allowed";
};

const used = new Map<RoleCommand, readonly string[]>();

describe("with its own role and no more", () => {
  test.each(commandsOfRoles)("$job: $line", async (command) => {
    const { error, warnings, used: needed } = await run(command);
    used.set(command, needed);
    expect(error).toBeUndefined();
    expect(warnings.filter((text) => text.includes("denies access"))).toEqual([]);
  });
});

/** What a command comes to that lacks a permission. */
type Ending = "refused" | "in doubt" | "partly" | "told" | "silent" | "done" | "WRONG";

async function endingOf(command: RoleCommand, unit: Unit): Promise<Ending> {
  await world.restore();
  await command.prepare?.(world);
  const { permissions } = roleOf(command.job);
  const before = await world.state();
  const { error, result, warnings } = await world.as(
    roleOf(command.job),
    without(permissions, unit),
    (process, commands) => command.run(process, commands, world),
  );
  const isChanged = (await world.state()) !== before;
  // The lease is looked at beside other work: whether that is told depends on what is answered first.
  if (error === undefined && unit.sid === "ReadRecords" && unit.resource.endsWith("/lock")) return "done";
  if (error === undefined) return JSON.stringify([result, warnings]).includes(unit.action) ? "told" : "silent";
  const says = error instanceof ThreadsError ? [error.message, ...error.details].join() : (error as Error).message;
  if (!says.includes(unit.action) || !says.includes(roleOf(command.job).name)) return "WRONG";
  // Docker's own words, of an image that cannot be pulled.
  if (!(error instanceof ThreadsError)) return isChanged ? "WRONG" : "refused";
  if (error.exitCode === 7) return error.next.length > 0 ? "in doubt" : "WRONG";
  if (error.exitCode !== 3) return "WRONG";
  return isChanged ? "partly" : "refused";
}

/** Of a release they are read where its gates want some, which those of this world do not. */
function approvals(sid: string, records: string, environment = "prod"): string {
  return `${sid}: ssm:GetParametersByPath parameter/threads/${environment}/${records} is used by nothing`;
}

/**
 * Everything that is not simply refused, with nothing changed. In doubt: something had been begun, which is said with the way
 * on, and means nothing before the rest is done. Told: it does its work, and says what it could not do beside it.
 */
const others: Partial<Record<Job, readonly string[]>> = {
  publisher: ["Push: ecr:BatchCheckLayerAvailability repository/threads/* of publish: in doubt"],
  promoter: [
    "Retag: ecr:PutImage repository/threads/* of promote: in doubt",
    "Retag: ecr:PutImage repository/threads/* of promote --as, lost replies: in doubt",
    "Retag: ecr:GetLifecyclePolicy repository/threads/* of promote: told",
    "Retag: ecr:GetLifecyclePolicy repository/threads/* of promote --as, lost replies: told",
    "Retag: ecr:DescribeImages repository/threads/* of promote: told",
    "Retag: ecr:DescribeImages repository/threads/* of promote --as, lost replies: told",
    approvals("ListRecords", "approvals/*"),
    "ListRecords: ssm:GetParametersByPath parameter/threads/prod/deployments of freeze: told",
    "ReadRecords: ssm:GetParameters parameter/threads/prod/deployments/* of freeze: told",
    // It is frozen, and that is all that was asked for.
    "ReadRecords: ssm:GetParameters parameter/threads/prod/freeze of freeze: silent",
    "ReadBack: ssm:GetParameter parameter/threads/evidence/*/smoke/* of promote --as, lost replies: in doubt",
    "ReadBack: ssm:GetParameter parameter/threads/evidence/*/rehearse/prod/* of rehearse, lost replies: in doubt",
    "ReadBack: ssm:GetParameter parameter/threads/prod/promotions/* of promote --as, lost replies: in doubt",
    "AskWriters: ssm:DescribeParameters  is used by nothing",
    // What was seen is as true where it cannot be put on record.
    "RecordEvidence: ssm:PutParameter parameter/threads/evidence/*/smoke of smoke --release: told",
    "RecordEvidence: ssm:PutParameter parameter/threads/evidence/*/smoke/* of promote --as, lost replies: in doubt",
    "RecordEvidence: ssm:PutParameter parameter/threads/evidence/*/rehearse/prod/* of rehearse, lost replies: in doubt",
    "RecordPromotion: ssm:PutParameter parameter/threads/prod/promotions/* of promote: in doubt",
    "RecordPromotion: ssm:PutParameter parameter/threads/prod/promotions/* of promote --as, lost replies: in doubt",
    // Who lifts it is on record, and is so once, however often it is tried.
    "LiftFreeze: ssm:DeleteParameter parameter/threads/prod/freeze of freeze --lift: partly",
  ],
  deployer: [
    "FollowScripts: ssm:ListCommandInvocations  of exec: in doubt",
    "FollowScripts: ssm:ListCommandInvocations  of exec, Ctrl-C: in doubt",
    "FollowScripts: ssm:GetCommandInvocation  of exec: in doubt",
    "FollowScripts: ssm:CancelCommand  of exec, Ctrl-C: in doubt",
    // What samples containers under load ends by itself.
    "FollowScripts: ssm:CancelCommand  of stress: silent",
    "FollowScripts: ssm:CancelCommand  of stress, lost replies: silent",
    "ListRecords: ssm:GetParametersByPath parameter/threads/prod/deployments of freeze: told",
    "ReadRecords: ssm:GetParameters parameter/threads/prod/deployments/* of freeze: told",
    // The lease only tells others who is at work: what keeps them apart is the number.
    "ReadRecords: ssm:GetParameters parameter/threads/prod/lock of deploy: done",
    "ReadRecords: ssm:GetParameters parameter/threads/prod/lock of rollback: done",
    "ReadRecords: ssm:GetParameters parameter/threads/prod/lock of converge: done",
    "ReadRecords: ssm:GetParameters parameter/threads/prod/lock of status: done",
    "ReadRecords: ssm:GetParameters parameter/threads/prod/lock of deploy, lost replies: done",
    "ReadRecords: ssm:GetParameters parameter/threads/prod/freeze of freeze: silent",
    "ReadBack: ssm:GetParameter parameter/threads/prod/deployments/* of deploy, lost replies: in doubt",
    "ReadBack: ssm:GetParameter parameter/threads/evidence/*/verify/prod/* of verify, lost replies: in doubt",
    "ReadBack: ssm:GetParameter parameter/threads/evidence/*/stress/prod/* of stress, lost replies: in doubt",
    "ReadBack: ssm:GetParameter parameter/threads/evidence/*/rehearse/prod/* of rehearse, lost replies: in doubt",
    "RecordVerify: ssm:PutParameter parameter/threads/evidence/*/verify/prod/* of verify, lost replies: in doubt",
    "RecordVerify: ssm:PutParameter parameter/threads/evidence/*/stress/prod/* of stress, lost replies: in doubt",
    "RecordVerify: ssm:PutParameter parameter/threads/evidence/*/rehearse/prod/* of rehearse, lost replies: in doubt",
    "RecordDeployment: ssm:PutParameter parameter/threads/prod/deployments/* of deploy, lost replies: in doubt",
    // A hint: readers find the newest without it, in a call more.
    "NoteNewest: ssm:PutParameter parameter/threads/prod/deployments/head of deploy: silent",
    "NoteNewest: ssm:PutParameter parameter/threads/prod/deployments/head of rollback: silent",
    "NoteNewest: ssm:PutParameter parameter/threads/prod/deployments/head of deploy, lost replies: silent",
    "TakeLease: ssm:PutParameter parameter/threads/prod/lock of deploy: told",
    "TakeLease: ssm:PutParameter parameter/threads/prod/lock of rollback: told",
    "TakeLease: ssm:PutParameter parameter/threads/prod/lock of deploy, lost replies: told",
    "EndLease: ssm:DeleteParameter parameter/threads/prod/lock of deploy: told",
    "EndLease: ssm:DeleteParameter parameter/threads/prod/lock of rollback: told",
    "EndLease: ssm:DeleteParameter parameter/threads/prod/lock of deploy, lost replies: told",
    // Nothing that only records may stand in the way of recovery.
    "RecordExec: ssm:PutParameter parameter/threads/prod/execs/* of exec: told",
    "RecordExec: ssm:PutParameter parameter/threads/prod/execs/* of exec, Ctrl-C: told",
    "LiftFreeze: ssm:DeleteParameter parameter/threads/prod/freeze of freeze --lift: partly",
  ],
  approver: [
    // Of users and of persons, of whom the sandbox has none.
    "ApproveAsUser: ssm:PutParameter parameter/threads/prod/approvals/*/user/${aws:username}/* is used by nothing",
    "ApproveAsPerson: ssm:PutParameter parameter/threads/prod/approvals/*/sso/*/* is used by nothing",
  ],
  // What was folded so far is whole, and the next run goes on.
  archivist: [
    "ReadBack: ssm:GetParameter parameter/threads/prod/deployments/folded/* of history --compact: in doubt",
    "ReadBack: ssm:GetParameter parameter/threads/prod/execs/folded/* of history --compact: in doubt",
    "Fold: ssm:PutParameter parameter/threads/prod/execs/folded/* of history --compact: partly",
    "RemoveFolded: ssm:DeleteParameters parameter/threads/prod/deployments/* of history --compact: partly",
    "RemoveFolded: ssm:DeleteParameters parameter/threads/prod/execs/* of history --compact: partly",
  ],
  // doctor and board go through all that they look at, whatever of it is missing.
  reader: [
    "LookAtRepositories: ecr:BatchGetImage repository/threads/* of board: told",
    "LookAtRepositories: ecr:DescribeRepositories repository/threads/* of doctor: told",
    "LookAtRepositories: ecr:GetLifecyclePolicy repository/threads/* of doctor: told",
    "LookAtRepositories: ecr:DescribeImages repository/threads/* of doctor: told",
    "ListRecords: ssm:GetParametersByPath parameter/threads/evidence/* of board: told",
    "ListRecords: ssm:GetParametersByPath parameter/threads/staging/deployments of doctor: told",
    "ListRecords: ssm:GetParametersByPath parameter/threads/staging/deployments of board: told",
    approvals("ListRecords", "approvals/*", "staging"),
    "ListRecords: ssm:GetParametersByPath parameter/threads/prod/deployments of doctor: told",
    "ListRecords: ssm:GetParametersByPath parameter/threads/prod/deployments of board: told",
    "ListRecords: ssm:GetParametersByPath parameter/threads/prod/promotions of board: told",
    "ListRecords: ssm:GetParametersByPath parameter/threads/prod/approvals of board: told",
    approvals("ListRecords", "approvals/*"),
    "ListRecords: ssm:GetParametersByPath parameter/threads/prod/freezes of board: told",
    "ListRecords: ssm:GetParametersByPath parameter/threads/prod/execs of board: told",
    "ReadRecords: ssm:GetParameters parameter/threads/staging/deployments/* of doctor: told",
    "ReadRecords: ssm:GetParameters parameter/threads/staging/deployments/* of board: told",
    "ReadRecords: ssm:GetParameters parameter/threads/staging/policy of doctor: told",
    "ReadRecords: ssm:GetParameters parameter/threads/prod/deployments/* of doctor: told",
    "ReadRecords: ssm:GetParameters parameter/threads/prod/deployments/* of board: told",
    "ReadRecords: ssm:GetParameters parameter/threads/prod/lock of board: done",
    "ReadRecords: ssm:GetParameters parameter/threads/prod/freeze of board: told",
    "ReadRecords: ssm:GetParameters parameter/threads/prod/policy of doctor: told",
    "ReadRecords: ssm:GetParameters parameter/threads/prod/policy of board: told",
    "LookAtHosts: ssm:DescribeInstanceInformation  of doctor: told",
    "LookAtHosts: ssm:DescribeInstanceInformation  of board: told",
    "LookAtHosts: ssm:DescribeParameters  of doctor: told",
  ],
};

describe("without any one permission it says which, whose, and leaves nothing half done:", () => {
  test.each(jobs.filter((job) => job !== "host"))("%s", async (job) => {
    const found: string[] = [];
    for (const unit of unitsOf(roleOf(job))) {
      const name = `${unit.sid}: ${unit.action} ${unit.resource.split(":").slice(5).join(":")}`;
      const commands = commandsOfRoles.filter(
        (one) => one.job === job && used.get(one)?.some((text) => isFor(unit, text)) === true,
      );
      if (commands.length === 0) found.push(`${name} is used by nothing`);
      for (const command of commands) {
        const ending = await endingOf(command, unit);
        // How far commands are is asked only where they take a while, and without it the hosts themselves are asked.
        if (unit.action === "ssm:ListCommands" && ending === "silent") continue;
        if (ending !== "refused") found.push(`${name} of ${command.line}: ${ending}`);
      }
    }
    // In which order a role lists its rights means nothing.
    expect(found.toSorted()).toEqual([...(others[job] ?? [])].toSorted());
  });
});
