import { randomBytes } from "node:crypto";
import { ThreadsError } from "../../errors/threads-error.ts";
import { askHosts, silenceOf } from "../../fleet/ask-hosts.ts";
import { shellOn } from "../../fleet/hosts.ts";
import type { Host, Remote } from "../../remote/remote.ts";
import type { DeploymentLogReport, LogsReport } from "../../script/log-report.ts";
import type { HostScript } from "../../script/render.ts";

export interface AskPorts {
  readonly remote: Remote;
  /** Ends the waiting: of Ctrl-C, or of a reader that went away. */
  readonly stop: AbortSignal;
}

/** Hosts that get the same script. */
export interface Group {
  readonly hosts: readonly Host[];
  readonly script: (nonce: string) => HostScript;
}

interface Asking<Report> {
  readonly app: string;
  readonly environment: string;
  readonly groups: readonly Group[];
  readonly parse: (stdout: string, nonce: string) => Report | undefined;
}

/** What a host has answered, or why it has not. */
export type Heard<Report> = { readonly report: Report } | { readonly silence: string };

/** The script ends itself after 20 s; docker may hang before that begins to count. */
const executionMs = 60_000;
/** Who reads along waits no longer for a host that is silent. */
const patienceMs = 30_000;

/** Asks each group its script, all at once. @returns by the host's id */
export async function hear<Report>(
  { app, environment, groups, parse }: Asking<Report>,
  { remote, stop }: AskPorts,
): Promise<ReadonlyMap<string, Heard<Report>>> {
  const nonce = randomBytes(8).toString("hex");
  const heard = new Map<string, Heard<Report>>();
  const ask = async ({ hosts, script }: Group): Promise<void> => {
    const label = `${app} ${environment} logs`;
    const question = {
      script: script(nonce),
      label,
      environment,
      executionMs,
      patienceMs,
      doing: "asking hosts for logs",
    };
    const runs = await askHosts(question, hosts, { remote, signal: stop });
    for (const { id } of hosts) {
      const run = runs.find(({ host }) => host === id);
      const report = run && parse(run.stdout, nonce);
      heard.set(id, report === undefined ? { silence: silenceOf(run) } : { report });
    }
  };
  await Promise.all(groups.map(ask));
  return heard;
}

/** Why a host that has answered shows nothing; undefined where it does. @throws ThreadsError USAGE for a pattern that is none */
export function refusalOf({ end, message }: LogsReport | DeploymentLogReport): string | undefined {
  if (end === "bad-pattern")
    throw new ThreadsError("USAGE", {
      message: "--grep is no extended regular expression: grep -E does not take it",
      next: ["threads logs --help"],
    });
  return end === "read" || end === "none" ? undefined : (refusals[end] ?? message);
}

const refusals: Readonly<Record<string, string>> = {
  "no-docker": "Docker does not answer",
  hidden: "nothing is shown, since the values that would have to be hidden cannot be read, or are gone",
};

/** Nobody could be read. @param silences by host, in the words of a sentence about it */
export function nothingHeard(
  environment: string,
  silences: readonly { readonly host: Host; readonly says: string; readonly isSilent: boolean }[],
): ThreadsError {
  const [first] = silences;
  const name = first === undefined ? environment : first.host.name;
  return new ThreadsError(first?.isSilent === false ? "HOST_NOT_READY" : "HOST_SILENT", {
    message: `${name}: ${first?.says ?? "no answer"}`,
    details: silences.slice(1).map(({ host, says }) => `${host.name}: ${says}`),
    next: [`threads status -e ${environment}`, ...(first === undefined ? [] : [shellOn(first.host)])],
  });
}
