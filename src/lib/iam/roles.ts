import { deployer, deployerOnEcs } from "./deployer.ts";
import type { Permission } from "./document.ts";
import { askCalendars, askWriters, beManaged, readEnvironment } from "./host-permissions.ts";
import { createRecords, deleteRecords, freezeAndLift, readRecords, writeRecords } from "./ledger-permissions.ts";
import { pullLayers, pushImages, readReleases, retagImages } from "./registry-permissions.ts";
import { writeLog } from "./log-permissions.ts";
import { reader } from "./reader.ts";
import { role, type Role } from "./role.ts";
import { judgeSignatures, recordSigned, signReleases } from "./signature-permissions.ts";
import { arnsOf, type IamEnvironment, type IamSubject } from "./subject.ts";

/** Every role of the application: one for each job, and of those that are about an environment one for each. */
export function rolesOf(subject: IamSubject): readonly Role[] {
  return [
    publisher(subject),
    ...subject.environments.flatMap((environment) => [
      ...(environment.isGated
        ? [promoter(subject, environment), approver(subject, environment), policymaker(subject, environment)]
        : []),
      ...(environment.hosts === undefined ? [] : onHosts(subject, environment, environment.hosts)),
      ...(environment.ecs === undefined
        ? []
        : [deployerOnEcs(subject, environment, environment.ecs), archivist(subject, environment.name)]),
    ]),
    reader(subject),
  ];
}

function onHosts(
  subject: IamSubject,
  environment: IamEnvironment,
  hosts: NonNullable<IamEnvironment["hosts"]>,
): readonly Role[] {
  return [deployer(subject, environment.name, hosts), archivist(subject, environment.name), host(subject, environment)];
}

function publisher(subject: IamSubject): Role {
  return {
    ...role(subject, "publisher", undefined),
    purpose:
      "Publishes what was built and smoked: the job of GitHub Actions that pushes. It reaches no ledger and no host.",
    commands: ["publish"],
    permissions: [...pushImages(subject), ...signReleases(subject)],
  };
}

function promoter(subject: IamSubject, environment: IamEnvironment): Role {
  const { app } = subject;
  const { name, looksAt, hasScanGate, calendars } = environment;
  const looked = [...new Set([name, ...looksAt])];
  // Of every revision and bundle, and of this kind alone; what says something else of the same digests lies below it.
  const smoked = `/${app}/evidence/*/smoke`;
  const rehearsed = `/${app}/evidence/*/rehearse/${name}`;
  return {
    ...role(subject, "promoter", name),
    purpose: `Promotes releases to ${name}: its records are what deploy believes. It can add no image, and reaches no host.`,
    commands: ["promote", "gates", "rehearse", "smoke --release"],
    permissions: [
      ...pullLayers(subject, "smokes the release by its digests, and rehearses its deployment"),
      retagImages(subject, { hasScanGate }),
      ...readRecords(subject, {
        folders: [
          `/${app}/evidence/*`,
          `/${app}/${name}/approvals/*`,
          ...looked.map((one) => `/${app}/${one}/deployments`),
        ],
        named: [
          smoked,
          `${smoked}/*`,
          rehearsed,
          `${rehearsed}/*`,
          ...looked.map((one) => `/${app}/${one}/deployments/*`),
          `/${app}/${name}/promotions/*`,
          `/${app}/${name}/freeze`,
          `/${app}/${name}/policy`,
        ],
        readBack: [`${smoked}/*`, `${rehearsed}/*`, `/${app}/${name}/promotions/*`],
      }),
      askWriters(),
      ...askCalendars(subject, calendars),
      createRecords(subject, {
        sid: "RecordEvidence",
        why: "writes down that the smoke test has passed on these digests, and that their deployment was rehearsed",
        names: [smoked, `${smoked}/*`, rehearsed, `${rehearsed}/*`],
      }),
      createRecords(subject, {
        sid: "RecordPromotion",
        why: "writes down who promoted what, through which gates: this is what deploy believes",
        names: [`/${app}/${name}/promotions/*`],
      }),
      ...judgeSignatures(subject, environment, { pulls: true }),
      ...recordSigned(subject, environment),
      ...freezeAndLift(subject, name),
    ],
  };
}

/**
 * Whoever says a word is a principal of AWS: a user, a person of IAM Identity Center, or a role, whose sessions are one voice.
 * Identity Center's persons have no variable; Parameter Store tells who wrote a record, and another's name counts for nothing.
 */
function approver(subject: IamSubject, environment: IamEnvironment): Role {
  const { app } = subject;
  const { name, looksAt, hasScanGate, calendars } = environment;
  const own = role(subject, "approver", name);
  const why = "says yes or no to a release, in one's own name and no other";
  const approve = (sid: string, principal: string): Permission =>
    createRecords(subject, { sid, why, names: [`/${app}/${name}/approvals/*/${principal}/*`] });
  const person = approve("ApproveAsPerson", "sso/*");
  const sessions = { StringLike: { "aws:PrincipalArn": arnsOf(subject).role("aws-reserved/sso.amazonaws.com/*") } };
  return {
    ...own,
    purpose: `Says whether a release may be promoted to ${name}. Attached to users and permission sets each has a voice; as a role it is one.`,
    commands: ["approve", "reject", "gates"],
    permissions: [
      readReleases(subject, { hasScanGate }),
      ...readRecords(subject, {
        folders: [
          `/${app}/evidence/*`,
          `/${app}/${name}/approvals/*`,
          ...looksAt.map((one) => `/${app}/${one}/deployments`),
        ],
        named: [
          ...looksAt.map((one) => `/${app}/${one}/deployments/*`),
          `/${app}/${name}/freeze`,
          `/${app}/${name}/policy`,
        ],
      }),
      askWriters(),
      ...judgeSignatures(subject, environment),
      ...askCalendars(subject, calendars),
      approve("ApproveAsUser", "user/${aws:username}"),
      approve("ApproveAsRole", `role/${own.name}`),
      { ...person, condition: { ...person.condition, ...sessions } },
    ],
  };
}

/** Whoever may change a policy may open every gate: a person, and no workflow, since those come from branches. */
function policymaker(subject: IamSubject, { name }: IamEnvironment): Role {
  const policy = `/${subject.app}/${name}/policy`;
  return {
    ...role(subject, "policymaker", name),
    purpose: `Says what a release must have shown before it may go to ${name}, whatever a branch says: a person, and no workflow.`,
    commands: ["policy push", "policy show"],
    permissions: [
      ...readRecords(subject, { folders: [], named: [policy] }),
      askWriters(),
      writeRecords(subject, {
        sid: "PushPolicy",
        why: "puts the gates where no branch can change them",
        names: [policy],
      }),
    ],
  };
}

function archivist(subject: IamSubject, name: string): Role {
  const { app } = subject;
  const below = `/${app}/${name}`;
  return {
    ...role(subject, "archivist", name),
    purpose: `Folds old records of ${name} to make room, and so may delete records: a person, now and then.`,
    commands: ["history --compact"],
    permissions: [
      ...readRecords(subject, {
        folders: [`${below}/deployments`, `${below}/execs`],
        named: [],
        readBack: [`${below}/deployments/folded/*`, `${below}/execs/folded/*`],
      }),
      createRecords(subject, {
        sid: "Fold",
        why: "keeps ten old records in one",
        names: [`${below}/deployments/folded/*`, `${below}/execs/folded/*`],
      }),
      deleteRecords(subject, {
        sid: "RemoveFolded",
        why: "takes away what was folded, once it was read back",
        names: [`${below}/deployments/*`, `${below}/execs/*`],
        action: "ssm:DeleteParameters",
      }),
    ],
  };
}

function host(subject: IamSubject, { name, envFrom, hosts }: IamEnvironment): Role {
  return {
    ...role(subject, "host", name),
    purpose: `The instance profile of the hosts of ${name}: pulls, and reads its own environment. It reaches no ledger.`,
    commands: [],
    permissions: [
      readReleases(subject),
      ...pullLayers(subject, "runs the release"),
      ...readEnvironment(subject, envFrom),
      ...writeLog(subject, hosts?.logGroup),
      beManaged(),
    ],
  };
}
