import { isDeepStrictEqual } from "node:util";
import type { Measured } from "../config/measured.ts";
import { type Digest, isDigest } from "../image/digest.ts";
import { type Author, withRoom } from "./author.ts";
import type { Ruling } from "./policy.ts";
import { readRuling } from "./ruling.ts";
import { marksOf, nameInRecord } from "./check-marks.ts";
import { encodeRecord, firstFitting, recordIn } from "./record.ts";
import { readFolder, type Stored, type StorePorts } from "./store.ts";
import { writeOnce } from "./write-once.ts";

/** What was once seen to be true of a release's digests. Written once, never changed. */
export interface Evidence {
  readonly schema: 1;
  readonly kind: EvidenceKind;
  /** Where they ran; only of a kind that looks at an environment. */
  readonly environment?: string;
  readonly revision: string;
  /** Digest by service: what was looked at. */
  readonly images: Readonly<Record<string, Digest>>;
  readonly checks: readonly EvidenceCheck[];
  /** What they kept under load; only of that kind. */
  readonly load?: LoadSeen;
  /** How it was rehearsed; only of that kind. */
  readonly rehearsal?: RehearsalSeen;
  /** Checks that passed but found no room in the record. */
  readonly moreChecks: number;
  /** Marks of these, see check-marks.ts; older records have none, and those of many services. */
  readonly marks?: string;
  readonly by: Author;
  /** ISO 8601; once read, by the server's clock. */
  readonly at: string;
  /** Version of threads that looked. */
  readonly version: string;
}

/**
 * smoke: of the stack, made from these digests. verify, stress: of the hosts of an environment that run them. rehearse: of their
 * deployment in a sandbox that had what the environment ran.
 */
export type EvidenceKind = "smoke" | "verify" | "stress" | "rehearse";

export interface RehearsalSeen {
  /** The bundle of what the environment ran then. */
  readonly over: Digest;
  /** The longest that a migration has held a lock which keeps others out, in milliseconds; null where nobody could tell. */
  readonly lockMs: number | null;
}

/** What was measured, and how much was asked. */
export interface LoadSeen extends Measured {
  /** Requests a second. */
  readonly rate: number;
  readonly durationMs: number;
}

/** One request that was answered as it should be. */
export interface EvidenceCheck {
  readonly path: string;
  readonly status: number;
  readonly ok: boolean;
  readonly ms: number;
}

/**
 * Evidence lies under the digest that pins everything: `/<app>/evidence/<revision>/<64 hex>/<kind>`, of an environment with
 * its name behind that, and what says something else of the same digests below it. The revision comes first, so that it can be asked for before the bundle has
 * told its digest: in the same round trip, not after it.
 */
export interface EvidenceBook {
  /** Write-once: what an earlier run has seen stays, and stands in nobody's way. @throws ThreadsError RECORD_TOO_LARGE (see requireAttestable) */
  attest(bundle: Digest, evidence: Evidence): Promise<"created" | "present">;
  /** What the records say of a revision on its way to an environment: two calls at once. */
  revisionRecords(environment: string, revision: string): Promise<RevisionRecords>;
}

export interface RevisionRecords extends Ruling {
  /** By the digest of the bundle that was tested, newest first. What is in them is not judged here. */
  readonly smokes: ReadonlyMap<Digest, readonly Evidence[]>;
  /** The same of environments that ran it, verified and under load: read when somebody asks, since few do. @throws ThreadsError LEDGER_UNREADABLE */
  readonly looks: (bundle: Digest) => readonly Evidence[];
}

/** So many have room by name in a record of 4 KB, beside digests, author and run address. */
export const checksByName = 20;

/** The evidence in Parameter Store. */
export function parameterEvidence(ports: StorePorts): EvidenceBook {
  return {
    attest: async (bundle, evidence) => {
      const seen = shortened(evidence);
      const outcome = await writeOnce(
        {
          // A colon is not allowed in a parameter's name.
          name: `${folderOf(ports.app, evidence.revision)}/${bundle.slice(algorithm.length)}/${placeOf(evidence)}`,
          text: encodeEvidence(evidence),
          contents: told(seen),
          saysAll: (text, name) => {
            const there = evidenceIn(name, { text, writtenAt: undefined }, ports.version);
            return there !== undefined && isDeepStrictEqual(told(there), told(seen));
          },
        },
        ports,
      );
      return outcome === "created" ? "created" : "present";
    },
    revisionRecords: async (environment, revision) => {
      const folder = folderOf(ports.app, revision);
      const [evidence, ruling] = await Promise.all([readFolder(folder, ports), readRuling(environment, ports)]);
      const read = { folder, found: evidence.found };
      return {
        smokes: evidenceBy((kind) => kind === "smoke", read, ports.version),
        looks: (bundle) => evidenceBy((kind) => looking.has(kind), read, ports.version).get(bundle) ?? [],
        ...ruling,
      };
    },
  };
}

/** What was looked at, and what it showed. */
export interface Seen extends Pick<Evidence, "kind" | "environment" | "revision" | "checks" | "load" | "rehearsal"> {
  readonly images: Readonly<Record<string, { readonly digest: Digest }>>;
}

interface Witness {
  readonly author: Author;
  /** Of this CLI. */
  readonly version: string;
  readonly clock: { now(): number };
}

/** The record of what somebody sees now. */
export function evidenceOf({ images, ...seen }: Seen, { author, version, clock }: Witness): Evidence {
  const digests = Object.entries(images).map(([service, { digest }]) => [service, digest] as const);
  const at = new Date(clock.now()).toISOString();
  return { schema: 1, ...seen, images: Object.fromEntries(digests), moreChecks: 0, by: author, at, version };
}

const algorithm = "sha256:";

function folderOf(app: string, revision: string): string {
  return `/${app}/evidence/${revision}`;
}

function placeOf({ kind, environment }: Pick<Evidence, "kind" | "environment">): string {
  return environment === undefined ? kind : `${kind}/${environment}`;
}

type Told = Pick<Evidence, "images" | "checks" | "moreChecks" | "marks" | "load" | "rehearsal">;

/** What evidence says, whoever says it and when. */
function told({ images, checks, moreChecks, marks, load, rehearsal }: Told): unknown[] {
  const digests = Object.entries(images).map(([service, digest]) => `${service} ${digest}`);
  const seen = [digests.toSorted(), checks.map(({ path, status, ok }) => [path, status, ok]), moreChecks];
  return [...seen, ...[marks, load, rehearsal].filter((one) => one !== undefined)];
}

const looking: ReadonlySet<string> = new Set<EvidenceKind>(["verify", "stress", "rehearse"]);

function evidenceBy(
  isWanted: (kind: string) => boolean,
  { folder, found }: { readonly folder: string; readonly found: ReadonlyMap<string, Stored> },
  version: string,
): ReadonlyMap<Digest, readonly Evidence[]> {
  const wanted = new Map<Digest, Evidence[]>();
  for (const [name, stored] of found) {
    const [hex = "", kind = "", environment] = name.slice(folder.length + 1).split("/");
    const bundle = `${algorithm}${hex}`;
    const evidence = isWanted(kind) && isDigest(bundle) ? evidenceIn(name, stored, version) : undefined;
    if (evidence === undefined || !isDigest(bundle)) continue;
    // Who may write where is settled by the name: what a record says of itself beyond that is nobody's word.
    if (kind !== "smoke" && (evidence.kind !== kind || evidence.environment !== environment)) continue;
    wanted.set(bundle, [...(wanted.get(bundle) ?? []), evidence]);
  }
  for (const all of wanted.values()) all.sort((one, other) => other.at.localeCompare(one.at));
  return wanted;
}

/** @returns undefined for what is no evidence: nothing follows from it. @throws ThreadsError LEDGER_UNREADABLE for that of a newer threads */
function evidenceIn(name: string, stored: Stored, version: string): Evidence | undefined {
  const record = recordIn(name, stored.text, version);
  return record !== undefined && isEvidence(record) ? { ...record, at: stored.writtenAt ?? record.at } : undefined;
}

function isEvidence(record: Partial<Record<keyof Evidence, unknown>>): record is Evidence {
  const { images, checks, moreChecks, marks, by, at, load, rehearsal } = record;
  return (
    (marks === undefined || typeof marks === "string") &&
    (load === undefined || isLoad(load)) &&
    (rehearsal === undefined || isRehearsal(rehearsal)) &&
    isObject(images) &&
    Array.isArray(checks) &&
    checks.every(
      (check: unknown) => isObject(check) && typeof check["path"] === "string" && typeof check["ok"] === "boolean",
    ) &&
    Number.isInteger(moreChecks) &&
    isObject(by) &&
    typeof at === "string"
  );
}

function isLoad(load: unknown): load is LoadSeen {
  if (!isObject(load)) return false;
  const { rate, durationMs, requests, errors, p50Ms, p90Ms, p99Ms, maxMs } = load;
  const isAmount = (value: unknown): boolean => typeof value === "number" && value >= 0;
  return (
    [rate, durationMs, requests, errors].every(isAmount) &&
    [p50Ms, p90Ms, p99Ms, maxMs].every((value) => value === null || isAmount(value))
  );
}

function isRehearsal(rehearsal: unknown): rehearsal is RehearsalSeen {
  if (!isObject(rehearsal)) return false;
  const { over, lockMs } = rehearsal;
  return typeof over === "string" && isDigest(over) && (lockMs === null || typeof lockMs === "number");
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function shortened(evidence: Evidence): Evidence {
  const named = evidence.checks.slice(0, checksByName);
  const checks = named.map((check) => {
    const { status, ok, ms } = check;
    return { path: nameInRecord(check), status, ok, ms };
  });
  const others = evidence.checks.slice(checks.length);
  const unmarked = { ...evidence, checks, moreChecks: others.length };
  // Where many services leave no room for marks, a record without them is better than none.
  return others.length === 0 ? unmarked : firstFitting([{ ...unmarked, marks: marksOf(others) }, unmarked]);
}

/** Looked at before the test: minutes later the record must be writable. @throws ThreadsError RECORD_TOO_LARGE */
export function requireAttestable(evidence: Evidence): void {
  encodeEvidence({ ...evidence, by: withRoom(evidence.by) });
}

function encodeEvidence(evidence: Evidence): string {
  return encodeRecord(shortened(evidence), `the ${evidence.kind} evidence`, {
    advice: ["have fewer services in a release, or fewer smoke checks with shorter paths"],
  });
}
