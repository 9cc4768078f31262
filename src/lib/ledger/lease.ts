import { randomBytes } from "node:crypto";
import { ThreadsError } from "../errors/threads-error.ts";
import { type Author, type ShownAuthor, shownAuthor } from "./author.ts";
import { encodeRecord, notARecord, recordIn } from "./record.ts";
import { type LeaseRecord, leaseShape } from "./shapes.ts";
import {
  createParameter,
  deleteParameter,
  findParameters,
  overwriteParameter,
  type Patience,
  type StorePorts,
} from "./store.ts";

/** The deployment that a lease is taken for. */
export interface LeaseDraft {
  readonly kind: "deploy" | "rollback";
  readonly number: number;
  readonly revision: string;
  readonly by: Author;
}

/** Who is deploying right now, as its holder last said. */
export interface Lease extends LeaseDraft {
  /** What its holder was at with its last beat, for people. */
  readonly step: string;
  /** ISO 8601, by the server's clock. */
  readonly since: string;
  /** When its holder last gave a sign of life: ISO 8601, by the server's clock. */
  readonly beatAt: string;
  /** How long that was ago when it was read, in milliseconds, by the same clock. */
  readonly quietMs: number;
  /** dead: its holder has missed three beats, and nobody waits for it any more. */
  readonly state: "alive" | "dead";
  /** Tells this lease from every other one. */
  readonly nonce: string;
}

/** The same as results show it. */
export interface ShownLease extends Pick<
  Lease,
  "number" | "kind" | "revision" | "step" | "beatAt" | "quietMs" | "state" | "nonce"
> {
  readonly by: ShownAuthor;
  /** Since when: ISO 8601, by the server's clock. */
  readonly heldAt: string;
}

export function shownLease({ by, since, ...lease }: Lease): ShownLease {
  return { ...lease, by: shownAuthor(by), heldAt: since };
}

/** A lease of one's own. */
export interface OwnLease extends LeaseDraft {
  readonly nonce: string;
}

/**
 * One deployer at a time: `/<app>/<environment>/lock`. It tells others whom they would meet; what keeps them apart is the
 * ledger's number, which hosts compare. So a race that Parameter Store does not decide costs a lease and nothing else.
 */
export interface Leases {
  /** @throws ThreadsError LEDGER_UNREADABLE where something else lies there */
  lease(environment: string): Promise<Lease | undefined>;
  /**
   * Create-if-absent; one that may be taken over is deleted first.
   * @returns the own lease, or the one that stands in the way
   */
  takeLease(
    environment: string,
    draft: LeaseDraft,
    mayTakeOver: (lease: Lease) => boolean,
  ): Promise<{ readonly own: OwnLease } | { readonly inTheWay: Lease }>;
  /** One beat. @returns lost: it is gone, or somebody else's */
  renewLease(environment: string, own: OwnLease, step: string): Promise<"held" | "lost">;
  /** Gives up the own lease; that of somebody else stays. @param isSure it was seen a moment ago, and need not be looked at */
  endLease(environment: string, own: OwnLease, isSure: boolean): Promise<void>;
  /** Takes away a lease that was just read. @returns whether it was still there */
  breakLease(environment: string, nonce: string): Promise<boolean>;
}

/** Between two beats, in milliseconds: AWS takes three writes a second from an account (service quotas). */
export const beatMs = 3_000;

/**
 * After so long without a beat its holder is taken for dead, in milliseconds: three were missed. Replies tell whole seconds of the
 * server's clock, so that the next deployer begins 13 s after the last beat at the latest.
 */
export const deadAfterMs = 11_000;

/** A quarter of what AWS's troubles may take of other calls: nothing that only records stands in the way of recovery for long. */
const short: Patience = { patienceMs: 30_000 };
const none: Patience = { patienceMs: 0 };

/** A lease that comes and goes under our hands, not for ever. */
const mostTries = 3;

/** A page, a title: more is of no use to whoever reads it. */
const longestStep = 200;

interface Found {
  readonly record: LeaseRecord;
  readonly lease: Lease;
}

export function leaseName(app: string, environment: string): string {
  return `/${app}/${environment}/lock`;
}

/** The leases in Parameter Store. */
export function parameterLeases(ports: StorePorts): Leases {
  const nameOf = (environment: string): string => leaseName(ports.app, environment);
  const find = async (environment: string, patience: Patience): Promise<Found | undefined> => {
    const name = nameOf(environment);
    const { found, serverTime } = await findParameters([name], ports, patience);
    const stored = found.get(name);
    if (stored === undefined) return undefined;
    const { data: record } = leaseShape.safeParse(recordIn(name, stored.text, ports.version));
    if (record === undefined) throw notARecord(name);
    return { record, lease: asLease(record, stored.writtenAt, serverTime) };
  };
  const encoded = (environment: string, record: LeaseRecord): string =>
    encodeRecord(record, `the lease of ${environment}`, {});
  return {
    lease: async (environment) => (await find(environment, short))?.lease,
    takeLease: async (environment, draft, mayTakeOver) => {
      const nonce = randomBytes(8).toString("hex");
      const { version } = ports;
      const text = encoded(environment, { schema: 1, version, ...draft, step: "begins", beat: 0, nonce });
      for (let left = mostTries; left > 0; left -= 1) {
        if ((await createParameter(nameOf(environment), text, ports, short)) === "created")
          return { own: { ...draft, nonce } };
        const lease = (await find(environment, short))?.lease;
        // An SDK retry after a lost reply meets one's own.
        if (lease?.nonce === nonce) return { own: { ...draft, nonce } };
        if (lease !== undefined && !mayTakeOver(lease)) return { inTheWay: lease };
        if (lease !== undefined) await deleteParameter(nameOf(environment), ports, short);
      }
      throw contested(environment);
    },
    renewLease: async (environment, { nonce }, step) => {
      const found = await find(environment, none);
      if (found?.record.nonce !== nonce) return "lost";
      const { record, lease } = found;
      // Its record says when it began only now: the server's time of that is known once it is written.
      const next = { ...record, since: lease.since, step: step.slice(0, longestStep), beat: record.beat + 1 };
      await overwriteParameter(nameOf(environment), encoded(environment, next), ports);
      return "held";
    },
    endLease: async (environment, { nonce }, isSure) => {
      const isOwn = isSure || (await find(environment, none))?.record.nonce === nonce;
      if (isOwn) await deleteParameter(nameOf(environment), ports, short);
    },
    breakLease: async (environment, nonce) => {
      if ((await find(environment, short))?.record.nonce !== nonce) return false;
      await deleteParameter(nameOf(environment), ports);
      return true;
    },
  };
}

function contested(environment: string): ThreadsError {
  return new ThreadsError("LEDGER_BUSY", {
    message: `others kept taking the lease of ${environment} first`,
    next: [`threads lock -e ${environment}`],
  });
}

function asLease(record: LeaseRecord, writtenAt: string | undefined, serverTime: number): Lease {
  const { kind, number, revision, by, step, nonce } = record;
  const beatAt = writtenAt ?? new Date(serverTime).toISOString();
  const quietMs = Math.max(0, serverTime - Date.parse(beatAt));
  const state = quietMs < deadAfterMs ? "alive" : "dead";
  return { kind, number, revision, by, step, since: record.since ?? beatAt, beatAt, quietMs, state, nonce };
}
