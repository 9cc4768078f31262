import { findLogGroups, lookAtEcs } from "./ecs-permissions.ts";
import { askCalendars, lookAtHosts, readDocuments } from "./host-permissions.ts";
import type { Permission } from "./document.ts";
import { readRecords } from "./ledger-permissions.ts";
import { lookAtLog } from "./log-permissions.ts";
import { fetchLayers, lookAtRepositories } from "./registry-permissions.ts";
import { role, type Role } from "./role.ts";
import { judgeSignatures } from "./signature-permissions.ts";
import type { IamSubject } from "./subject.ts";

const commands = ["board", "doctor", "gates", "history", "lock", "metrics", "policy show"];

/** Whoever looks, and asks no host. */
export function reader(subject: IamSubject): Role {
  const { app, environments } = subject;
  const byDocument = environments.filter(({ hosts }) => hosts?.documents === true).map(({ name }) => name);
  const onEcs = environments.flatMap(({ ecs }) => ecs ?? []);
  const deployed = environments
    .filter(({ hosts, ecs }) => ecs !== undefined || hosts !== undefined)
    .map(({ name }) => `/${app}/${name}`);
  return {
    ...role(subject, "reader", undefined),
    purpose:
      "Looks at everything that no host has to be asked for: status and logs send scripts, and need a deployer; board shows the rest.",
    commands: onEcs.length === 0 ? commands : [...commands, "ecs render"].toSorted(),
    permissions: [
      lookAtRepositories(subject),
      // Which settings there are DescribeParameters tells, which every reader has.
      ...(onEcs.length === 0 ? [] : [fetchLayers(subject, "reads bundles, and what images say of themselves")]),
      ...readRecords(subject, {
        folders: [
          `/${app}/evidence/*`,
          ...deployed.flatMap((one) =>
            ["deployments", "promotions", "promotions/*", "approvals", "approvals/*", "freezes", "execs"].map(
              (folder) => `${one}/${folder}`,
            ),
          ),
        ],
        named: deployed.flatMap((one) =>
          ["deployments/*", "promotions/*", "lock", "freeze", "policy"].map((record) => `${one}/${record}`),
        ),
      }),
      lookAtHosts(),
      ...lookAtEcs(subject, onEcs),
      ...findLogGroups(onEcs),
      ...lookAtLog(
        subject,
        environments.map(({ hosts }) => hosts?.logGroup),
      ),
      ...signed(subject),
      ...askCalendars(
        subject,
        environments.flatMap(({ calendars }) => calendars),
      ),
      ...(byDocument.length === 0 ? [] : [readDocuments(subject, byDocument)]),
    ],
  };
}

/** The gate of every environment; the images are the same for all. */
function signed(subject: IamSubject): readonly Permission[] {
  const asked = subject.environments.filter(({ signature }) => signature !== undefined);
  return asked.flatMap((environment, index) => judgeSignatures(subject, environment, { pulls: index > 0 }));
}
