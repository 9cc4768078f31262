import { hasHosts } from "../../../fleet/hosts.ts";
import { readOutLabel } from "../../../hosts/read-out-label.ts";
import { count } from "../../../text/words.ts";
import { type Check, type DoctorFinding, ok } from "../check.ts";
import type { CheckPorts } from "../ports.ts";

/** The agent says nothing of a log group that it may not write into: only what it has not written tells. */
export const logGroupCheck: Check = {
  id: "log-group",
  title: "log group",
  look: async (ports) => {
    const environments = (await ports.environments()).filter(hasHosts);
    const { app } = await ports.config();
    const found = environments.map(async ({ name, hosts: { logGroup } }) =>
      logGroup === undefined ? [] : [{ of: name, ...(await judge({ app, name, logGroup }, ports)) }],
    );
    return (await Promise.all(found)).flat();
  },
};

interface Place {
  readonly app: string;
  readonly name: string;
  readonly logGroup: string;
}

async function judge({ app, name, logGroup }: Place, ports: CheckPorts): Promise<DoctorFinding> {
  const written = await ports.logGroup();
  const all = (await written.commands(readOutLabel(app, name))).filter(({ hasEnded }) => hasEnded);
  // Of the newest deployment: what follows its number is of each command alone.
  const [number] = /^.*#\d+ /.exec(all.at(-1)?.label ?? "") ?? [];
  if (number === undefined) return ok(`${logGroup}: no deployment was read out into it yet`);
  const own = all.filter(({ label }) => label.startsWith(number));
  const pieces = await Promise.all(own.map(({ id }) => written.printed(logGroup, id, 0)));
  const wrote = new Set(pieces.flat().map(({ host }) => host));
  const told = [...new Set(own.flatMap(({ hosts }) => hosts))];
  const mute = told.filter((host) => !wrote.has(host));
  if (mute.length === 0) return ok(`${logGroup}: hosts write the log of their deployments into it`);
  return {
    state: "warn",
    says: `${mute.length} of ${count(told.length, "host")} wrote nothing into ${logGroup}: their role lacks logs:CreateLogStream, logs:PutLogEvents or logs:CreateLogGroup, of which the agent says nothing, or they did not take the command`,
    details: mute,
    next: ["threads policy iam", `threads logs -e ${name} --help`],
    advice: ["until then the log of a deployment is on its hosts alone, and `threads logs` reads it there"],
  };
}
