import type { Deployment } from "../ledger/ledger.ts";
import { list, span } from "../text/words.ts";
import type { Observed } from "./observe.ts";

/** What tells a deployment that goes on from one whose deployer was killed: the ledger cannot, its hosts can. */
export interface SignOfLife {
  /** working: a host is at work on it. quiet: none is, for a moment. dead: none is, for too long. unknown: a host cannot be asked. */
  readonly state: "working" | "quiet" | "dead" | "unknown";
  /** How long ago the last sign was, in milliseconds: its record in the ledger, or what a host last wrote of it. */
  readonly quietMs: number;
  /** The rest of a sentence that begins with the deployment. */
  readonly says: string;
}

/** SSM delivers an order within this time or not at all: a deployer that lives has a host at work again by then. */
const deadAfterMs = 60_000;

/**
 * @param deployment without an outcome. @param observed hosts of its environment
 * @param now milliseconds since the epoch, by the server's clock
 */
export function signOfLife(
  { intent, recordedAt }: Deployment,
  { observed, now }: { readonly observed: readonly Observed[]; readonly now: number },
): SignOfLife {
  const own = observed.filter(
    ({ host, summary }) => intent.hosts.includes(host.id) && summary?.number === intent.number,
  );
  const heard = own.flatMap(({ summary }) => summary?.quietMs ?? []);
  const quietMs = Math.max(0, Math.min(now - Date.parse(recordedAt ?? intent.startedAt), ...heard));
  // A host whose lock is held and that has accepted nothing yet may be about to.
  const busy = observed.filter(({ summary }) => summary?.busy === true);
  if (busy.length > 0) return { state: "working", quietMs: 0, says: busy.map(atWork).join(", ") };
  const silent = observed.filter(({ host, summary }) => intent.hosts.includes(host.id) && summary === undefined);
  const since = span(quietMs);
  if (silent.length > 0)
    return {
      state: "unknown",
      quietMs,
      says: `${list(silent.map(({ host }) => host.name))} cannot be asked whether it is at work; its last sign of life was ${since} ago`,
    };
  if (quietMs < deadAfterMs) return { state: "quiet", quietMs, says: `its last sign of life was ${since} ago` };
  return { state: "dead", quietMs, says: `no host has been at work on it for ${since}: it is probably dead` };
}

function atWork({ host, summary }: Observed): string {
  const step = summary?.step ?? "";
  return `${host.name} is at work${step === "" ? "" : ` (${step})`}`;
}
