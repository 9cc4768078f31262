import type { Deployment } from "../ledger/ledger.ts";
import type { Lease } from "../ledger/lease.ts";
import { list, span } from "../text/words.ts";
import type { Observed } from "./target.ts";

/** What tells a deployment that goes on from one whose deployer was killed: the ledger cannot, its lease and its hosts can. */
export interface SignOfLife {
  /**
   * working: a host is at work on it, or its deployer. quiet: none is, for a moment. dead: its deployer is, and no host is at
   * work; or none has been for too long. unknown: a host cannot be asked.
   */
  readonly state: "working" | "quiet" | "dead" | "unknown";
  /** How long ago the last sign was, in milliseconds: its record in the ledger, a beat of its lease, or what a host last wrote of it. */
  readonly quietMs: number;
  /** The rest of a sentence that begins with the deployment. */
  readonly says: string;
}

/** SSM delivers an order within this time or not at all: a deployer that lives has a host at work again by then. */
const deadAfterMs = 60_000;

interface Seen {
  /** Hosts of its environment. */
  readonly observed: readonly Observed[];
  /** Of the environment; undefined where there is none, or it could not be read: that says nothing. */
  readonly lease: Lease | undefined;
  /** Milliseconds since the epoch, by the server's clock. */
  readonly now: number;
}

/** @param deployment without an outcome */
export function signOfLife({ intent, recordedAt }: Deployment, { observed, lease, now }: Seen): SignOfLife {
  const held = lease?.number === intent.number ? lease : undefined;
  const own = observed.filter(
    ({ host, summary }) => intent.hosts.includes(host.id) && summary?.number === intent.number,
  );
  const heard = [held?.quietMs ?? [], ...own.map(({ summary }) => summary?.quietMs ?? [])].flat();
  const quietMs = Math.max(0, Math.min(now - Date.parse(recordedAt ?? intent.startedAt), ...heard));
  // A host whose lock is held and that has accepted nothing yet may be about to.
  const busy = observed.filter(({ summary }) => summary?.busy === true);
  if (busy.length > 0) return { state: "working", quietMs: 0, says: busy.map(atWork).join(", ") };
  if (held?.state === "alive") return { state: "working", quietMs, says: `its deployer is at work (${held.step})` };
  const silent = observed.filter(({ host, summary }) => intent.hosts.includes(host.id) && summary === undefined);
  const since = span(quietMs);
  if (silent.length > 0)
    return {
      state: "unknown",
      quietMs,
      says: `${list(silent.map(({ host }) => host.name))} cannot be asked whether it is at work; its last sign of life was ${since} ago`,
    };
  if (held !== undefined)
    return {
      state: "dead",
      quietMs,
      says: `its deployer is gone for ${span(held.quietMs)}, and no host is at work on it`,
    };
  if (quietMs < deadAfterMs) return { state: "quiet", quietMs, says: `its last sign of life was ${since} ago` };
  return { state: "dead", quietMs, says: `no host has been at work on it for ${since}: it is probably dead` };
}

function atWork({ host, summary }: Observed): string {
  const step = summary?.step ?? "";
  return `${host.name} is at work${step === "" ? "" : ` (${step})`}`;
}
