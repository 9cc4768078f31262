import type { Permission } from "./document.ts";
import { runOnHosts } from "./host-permissions.ts";
import { createRecords, deleteRecords, freezeAndLift, readRecords, writeRecords } from "./ledger-permissions.ts";
import { fetchLayers, readReleases } from "./registry-permissions.ts";
import { role, type Role } from "./role.ts";
import type { IamEnvironment, IamSubject } from "./subject.ts";

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

/** Whoever changes the hosts of an environment, or has to ask them. */
export function deployer(subject: IamSubject, name: string, hosts: NonNullable<IamEnvironment["hosts"]>): Role {
  const { app } = subject;
  const below = `/${app}/${name}`;
  const seen = ["verify", "stress", "rehearse"].map((kind) => `/${app}/evidence/*/${kind}/${name}`);
  const records = seen.flatMap((one) => [one, `${one}/*`]);
  return {
    ...role(subject, "deployer", name),
    purpose: `Deploys to ${name}, rolls back, looks at its hosts. ${rights(hosts)}; it can neither promote nor push.`,
    commands,
    permissions: [
      readReleases(subject),
      fetchLayers(subject, "copies releases into the sandbox of a rehearsal"),
      ...runOnHosts(subject, name, hosts),
      ...readRecords(subject, {
        folders: [
          `/${app}/evidence/*`,
          `${below}/deployments`,
          `${below}/promotions`,
          `${below}/promotions/*`,
          `${below}/approvals`,
          `${below}/freezes`,
          `${below}/execs`,
        ],
        named: [
          ...["deployments/*", "promotions/*", "lock", "freeze", "policy"].map((record) => `${below}/${record}`),
          ...records,
        ],
        readBack: [`${below}/deployments/*`, ...seen.map((one) => `${one}/*`)],
      }),
      createRecords(subject, {
        sid: "RecordVerify",
        why: "writes down that the hosts have answered every check, kept their budget under load, and that a deployment was rehearsed",
        names: records,
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
    createRecords(subject, {
      sid: "RecordExec",
      why: "writes down which command was run in which container",
      names: [`${below}/execs/*`],
    }),
  ];
}
