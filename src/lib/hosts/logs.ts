import { randomBytes } from "node:crypto";
import type { Config } from "../config/config.ts";
import type { HostedEnvironment } from "../fleet/hosts.ts";
import type { Answer, Heard } from "../fleet/answer.ts";
import type { KeptLogs, MemberLogs } from "../fleet/member-logs.ts";
import type { Member } from "../fleet/target.ts";
import { batches } from "../remote/batches.ts";
import type { LogGroup } from "../remote/log-group.ts";
import type { Remote } from "../remote/remote.ts";
import { deploymentLogScript, logsScript } from "../script/host-scripts.ts";
import { parseDeploymentLogReport, parseLogsReport } from "../script/log-report.ts";
import type { HostScript } from "../script/render.ts";
import { askHosts, silenceOf } from "./ask-hosts.ts";
import { readOutLabel } from "./read-out-label.ts";

interface HostLogsPorts {
  readonly config: Pick<Config, "app" | "runtime">;
  readonly remote: Remote;
  /** Opened where threads.yml names a log group. */
  readonly logGroup: () => Promise<LogGroup>;
}

/** Hosts that get the same script. */
interface Group {
  readonly hosts: readonly Member[];
  readonly script: (nonce: string) => HostScript;
}

/** The script ends itself after 20 s; docker may hang before that begins to count. */
const executionMs = 60_000;
/** Who reads along waits no longer for a host that is silent. */
const patienceMs = 30_000;

/** What hosts say, asked by scripts; what they have written into a log group of CloudWatch Logs is read there. */
export function hostLogs(environment: HostedEnvironment, { config, remote, logGroup }: HostLogsPorts): MemberLogs {
  const { app, runtime } = config;
  const { envFile } = runtime;
  const { name, hosts } = environment;
  const hear = async <Report>(
    groups: readonly Group[],
    parse: (stdout: string, nonce: string) => Report | undefined,
    signal: AbortSignal,
  ): Promise<Heard<Report>> => {
    const nonce = randomBytes(8).toString("hex");
    const asking = groups.map(async (group): Promise<[string, Answer<Report>][]> => {
      const question = {
        script: group.script(nonce),
        label: `${app} ${name} logs`,
        environment: name,
        executionMs,
        patienceMs,
        doing: "asking hosts for logs",
      };
      const runs = await askHosts(question, group.hosts, { remote, signal });
      return group.hosts.map(({ id }) => {
        const run = runs.find(({ host }) => host === id);
        const report = run && parse(run.stdout, nonce);
        return [id, report === undefined ? { silence: silenceOf(run) } : { report }];
      });
    });
    return new Map((await Promise.all(asking)).flat());
  };
  return {
    read: (asked, wanted, signal) => {
      const groups = batches(asked).map((some): Group => ({
        hosts: some.map(({ member }) => member),
        script: (nonce) =>
          logsScript({ app, nonce, envFile, ...wanted, tail: wanted.tail ?? 0, cursors: some.flatMap(cursorsOf) }),
      }));
      return hear(groups, parseLogsReport, signal);
    },
    readDeployment: (asked, wanted, signal) => {
      const groups = [...Map.groupBy(asked, ({ offset }) => offset)].flatMap(([offset, same]) =>
        batches(same).map((some): Group => ({
          hosts: some.map(({ member }) => member),
          script: (nonce) => deploymentLogScript({ app, nonce, envFile, ...wanted, offset }),
        })),
      );
      return hear(groups, parseDeploymentLogReport, signal);
    },
    whenEmpty: "docker keeps what a program writes to stdout and stderr, and no file that it writes in its container",
    kept: hosts.logGroup === undefined ? undefined : keptIn(hosts.logGroup, { app, environment: name, logGroup }),
  };
}

function cursorsOf({ cursors }: { readonly cursors: readonly string[] }): readonly string[] {
  return cursors;
}

function keptIn(
  name: string,
  {
    app,
    environment,
    logGroup,
  }: { readonly app: string; readonly environment: string; readonly logGroup: HostLogsPorts["logGroup"] },
): KeptLogs {
  return {
    name,
    parts: async (number) => (await logGroup()).commands(readOutLabel(app, environment, number)),
    pieces: async (part, since) => (await logGroup()).printed(name, part, since),
  };
}
