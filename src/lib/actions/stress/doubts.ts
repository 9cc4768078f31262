import type { Config } from "../../config/config.ts";
import { idleServices, runsRelease } from "../../fleet/judge.ts";
import type { Member, Sight } from "../../fleet/target.ts";
import type { Intent } from "../../ledger/ledger.ts";
import type { Standing } from "../../ledger/standing.ts";
import type { LoadReport } from "../../load/load.ts";
import { shortRevision } from "../../release/revision.ts";
import { are, list } from "../../text/words.ts";

// Why what is measured proves nothing of a release, though it may be worth reading. Each completes "not on record: …".

interface Looked {
  readonly target: Sight;
  readonly hosts: readonly Member[];
  readonly stands: Standing;
  /** What every host must run. */
  readonly current: Intent;
}

interface LookPorts {
  readonly config: Pick<Config, "runtime">;
  readonly signal: AbortSignal;
}

/** What can be known beforehand: each host is looked at. */
export async function doubtsBefore(
  { target, hosts, stands, current }: Looked,
  { config: { runtime }, signal }: LookPorts,
): Promise<readonly string[]> {
  if (stands.underWay !== undefined) return [deploying(stands.underWay)];
  const observed = await target.look(hosts, signal);
  const others = observed.filter(({ host, summary }) => {
    const absent = idleServices(runtime, host.id, current.hosts);
    return summary === undefined || !runsRelease(summary, { release: current, absent });
  });
  const names = others.map(({ host }) => host.name);
  return names.length === 0 ? [] : [`${list(names)} ${are(names.length)} not seen to run what was deployed`];
}

/** A machine that is so late measures itself. */
const mostLateMs = 25;

/** What the answers say, and whether anybody has deployed meanwhile. @param newest deployment that there is now */
export function doubtsAfter(
  { releases, lateMs, total }: LoadReport,
  { stands, current, newest }: Pick<Looked, "stands" | "current"> & { readonly newest: Intent | undefined },
): readonly string[] {
  const others = Object.keys(releases).filter((one) => one !== current.revision);
  return [
    ...(newest === undefined || newest.number === stands.latest?.intent.number ? [] : [deploying(newest)]),
    ...(others.length === 0 ? [] : [`answers came from another release, too: ${list(others.map(shortRevision))}`]),
    ...(lateMs > mostLateMs
      ? [`this machine was up to ${lateMs} ms late itself: ask for less, or from another machine`]
      : []),
    ...(total.requests === 0 ? ["nothing was asked"] : []),
  ];
}

function deploying({ revision, number }: Intent): string {
  return `${shortRevision(revision)} was being deployed meanwhile (#${number}), and may have answered`;
}
