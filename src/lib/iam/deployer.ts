import type { Permission } from "./document.ts";
import { deployToEcs } from "./ecs-permissions.ts";
import { askWriters, readEnvironment, runOnHosts } from "./host-permissions.ts";
import {
  createRecords,
  deleteRecords,
  freezeAndLift,
  type Reading,
  readRecords,
  writeRecords,
} from "./ledger-permissions.ts";
import { readLog } from "./log-permissions.ts";
import { fetchLayers, readReleases } from "./registry-permissions.ts";
import { role, type Role } from "./role.ts";
import type { IamEcs, IamEnvironment, IamSubject } from "./subject.ts";

const commands = [
  "deploy",
  "rollback",
  "converge",
  "verify",
  "stress",
  "rehearse",
  "status",
  "logs",
  "exec",
  "lock",
  "freeze",
  "history",
] as const;

/** What only hosts can be asked to do. */
const onHostsAlone = new Set<string>(["stress", "rehearse", "exec"]);

/** Whoever changes the hosts of an environment, or has to ask them. */
export function deployer(subject: IamSubject, name: string, hosts: NonNullable<IamEnvironment["hosts"]>): Role {
  return deployerBy(subject, name, {
    purpose: `Deploys to ${name}, rolls back, looks at its hosts. ${rights(hosts)}; it can neither promote nor push.`,
    commands,
    permissions: [...runOnHosts(subject, name, hosts), ...hostRecords(subject, name)],
    why: "copies releases into the sandbox of a rehearsal",
    reads: hostEvidence(subject, name),
  });
}

/** Whoever changes what ECS runs of an environment. */
export function deployerOnEcs(subject: IamSubject, { name, envFrom }: IamEnvironment, ecs: IamEcs): Role {
  return deployerBy(subject, name, {
    purpose: `Deploys to ${name}, rolls back, looks at its services. It passes the roles of threads.yml to tasks, and none other; it can neither promote nor push.`,
    commands: [...commands.filter((one) => !onHostsAlone.has(one)), "ecs render"],
    permissions: [
      ...deployToEcs(subject, ecs),
      // Those names and no values: ECS reads these itself.
      askWriters("tells which settings there are, whose values ECS reads by itself"),
      ...readLog(subject, [ecs.logGroup], "reads what tasks say, and why a migration failed"),
      // Who passes the execution role to any task could have these values anyway.
      ...readEnvironment(subject, envFrom, "hides the values in what tasks say"),
      createRecords(subject, {
        sid: "RecordVerify",
        why: "writes down that the environment has answered every check",
        names: seenIn(subject, name, ["verify"]).flatMap(withInside),
      }),
    ],
    why: "reads bundles, and what images say of themselves",
    reads: evidenceIn(seenIn(subject, name, ["verify"])),
  });
}

interface Deploying extends Pick<Role, "purpose" | "commands" | "permissions"> {
  /** What it wants layers for. */
  readonly why: string;
  /** Records beside those of its deployments. */
  readonly reads: Required<Reading>;
}

function deployerBy(subject: IamSubject, name: string, { why, reads, permissions, ...says }: Deploying): Role {
  const { app } = subject;
  const below = `/${app}/${name}`;
  return {
    ...role(subject, "deployer", name),
    ...says,
    permissions: [
      readReleases(subject),
      fetchLayers(subject, why),
      ...permissions,
      ...readRecords(subject, {
        folders: [
          `/${app}/evidence/*`,
          `${below}/deployments`,
          `${below}/promotions`,
          `${below}/promotions/*`,
          `${below}/approvals`,
          `${below}/freezes`,
          ...reads.folders,
        ],
        named: [
          ...["deployments/*", "promotions/*", "lock", "freeze", "policy"].map((record) => `${below}/${record}`),
          ...reads.named,
        ],
        readBack: [`${below}/deployments/*`, ...reads.readBack],
      }),
      ...deploymentRecords(subject, below),
      ...freezeAndLift(subject, name),
    ],
  };
}

function rights({ documents }: NonNullable<IamEnvironment["hosts"]>): string {
  return documents
    ? "It has no shell there, but what `exec` runs in containers"
    : "AWS-RunShellScript makes it root there";
}

/** What a deployer writes of their own work, and whom they tell of it. */
function deploymentRecords(subject: IamSubject, below: string): readonly Permission[] {
  return [
    createRecords(subject, {
      sid: "RecordDeployment",
      why: "writes down what a deployment begins, and how it ended: its number is what hosts compare",
      names: [`${below}/deployments/*`],
    }),
    writeRecords(subject, {
      sid: "NoteNewest",
      why: "keeps the number of the newest deployment, a hint for readers",
      names: [`${below}/deployments/head`],
    }),
    writeRecords(subject, {
      sid: "TakeLease",
      why: "tells others who is deploying, and gives signs of life",
      names: [`${below}/lock`],
    }),
    deleteRecords(subject, { sid: "EndLease", why: "lets the next one begin at once", names: [`${below}/lock`] }),
  ];
}

type Seen = "verify" | "stress" | "rehearse";

/** What an environment has shown, and other machines have. */
function seenIn(
  { app }: IamSubject,
  name: string,
  kinds: readonly Seen[] = ["verify", "stress", "rehearse"],
): readonly string[] {
  return kinds.map((kind) => `/${app}/evidence/*/${kind}/${name}`);
}

function withInside(record: string): readonly string[] {
  return [record, `${record}/*`];
}

function evidenceIn(seen: readonly string[]): Required<Reading> {
  const inside = seen.map((one) => `${one}/*`);
  return { folders: [], named: [...seen, ...inside], readBack: inside };
}

function hostEvidence(subject: IamSubject, name: string): Required<Reading> {
  return { ...evidenceIn(seenIn(subject, name)), folders: [`/${subject.app}/${name}/execs`] };
}

/** What hosts have shown, and what was run in their containers. */
function hostRecords(subject: IamSubject, name: string): readonly Permission[] {
  return [
    createRecords(subject, {
      sid: "RecordVerify",
      why: "writes down that the hosts have answered every check, kept their budget under load, and that a deployment was rehearsed",
      names: seenIn(subject, name).flatMap(withInside),
    }),
    createRecords(subject, {
      sid: "RecordExec",
      why: "writes down which command was run in which container",
      names: [`/${subject.app}/${name}/execs/*`],
    }),
  ];
}
