import type { Config } from "../../config/config.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { deployableEnvironment } from "../../fleet/hosts.ts";
import { unfold } from "../../ledger/folded.ts";
import type { Deployment, DeploymentLog, Ledger } from "../../ledger/ledger.ts";
import type { Source } from "../../source/source.ts";
import { parseLength } from "../../text/length-of-time.ts";
import { count, utc } from "../../text/words.ts";
import { type Change, changesAmong } from "./changes.ts";
import { figuresOf, type Measured, weeksOf } from "./figures.ts";
import type { MetricsResult } from "./result.ts";

export interface MetricsOptions {
  readonly environment: string;
  /** So long ago it begins: `90d`, `12h`. */
  readonly since: string;
}

export interface MetricsPorts {
  readonly config: Config;
  readonly ledger: Pick<Ledger, "deploymentLog">;
  readonly source: Pick<Source, "commitTimes">;
}

/** How often an environment changed, how often that failed, and how long both took, from its ledger and git. Reads only. */
export async function metrics(
  { environment: wanted, since }: MetricsOptions,
  ports: MetricsPorts,
): Promise<MetricsResult> {
  const { name } = deployableEnvironment(ports.config, wanted, (other) => `threads metrics -e ${other}`);
  const lengthMs = parseLength(since);
  if (lengthMs === undefined || lengthMs === 0)
    throw new ThreadsError("USAGE", {
      message: `--since ${since} is no length of time`,
      next: [`threads metrics -e ${name} --since 90d`],
      advice: ["write 12h, 30d or 90d"],
    });
  const deploymentLog = await ports.ledger.deploymentLog(name, reachesBack(lengthMs));
  const now = deploymentLog.serverTime;
  const from = now - lengthMs;
  const inTime = changesAmong(all(deploymentLog), now).filter(({ beganAt }) => beganAt >= from);
  const changes = await Promise.all(inTime.map(async (change) => withCommits(change, ports.source)));
  const unknown = new Set(
    changes.filter((one) => one.committedAt === undefined && one.servedAt !== undefined).map((one) => one.revision),
  ).size;
  return {
    outcome: changes.length === 0 ? "empty" : "measured",
    environment: name,
    since: utc(from),
    total: figuresOf(changes, lengthMs),
    weeks: weeksOf(changes, from, now),
    unknownReleases: unknown,
    report: null,
    next: [],
    advice:
      unknown === 0
        ? []
        : [
            `this clone does not have the commits of ${count(unknown, "release")}, whose lead time is not counted: git fetch, in a shallow clone with --unshallow`,
          ],
    observedAt: utc(now),
  };
}

/** Until what ran at the beginning of that time is known as well: only then a first change tells what it brought. */
function reachesBack(lengthMs: number) {
  return (read: Pick<DeploymentLog, "deployments" | "folded">): boolean => {
    const deployments = all(read);
    const newest = Date.parse(deployments[0]?.recordedAt ?? "");
    return deployments.some(
      ({ outcome, recordedAt = "" }) => outcome?.result === "succeeded" && Date.parse(recordedAt) < newest - lengthMs,
    );
  };
}

function all({ deployments, folded }: Pick<DeploymentLog, "deployments" | "folded">): readonly Deployment[] {
  return [...deployments, ...folded.map(unfold)].toSorted((one, other) => other.intent.number - one.intent.number);
}

async function withCommits(change: Change, source: MetricsPorts["source"]): Promise<Measured> {
  const times = change.servedAt === undefined ? undefined : await source.commitTimes(change.before, change.revision);
  return { ...change, committedAt: times?.map((at) => Date.parse(at)) };
}
