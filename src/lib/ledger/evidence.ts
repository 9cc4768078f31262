import { type Digest, isDigest } from "../image/digest.ts";
import type { Author } from "./author.ts";
import { decodeFreeze, type Freeze, freezeName } from "./freeze.ts";
import { decodeRecord, encodeRecord } from "./record.ts";
import { createParameter, findParameters, readFolder, type Stored, type StorePorts } from "./store.ts";

/** What was once seen to be true of a release's digests. Written once, never changed. */
export interface Evidence {
  readonly schema: 1;
  readonly kind: EvidenceKind;
  readonly revision: string;
  /** Digest by service: what was looked at. */
  readonly images: Readonly<Record<string, Digest>>;
  readonly checks: readonly EvidenceCheck[];
  /** Checks that passed but found no room in the record. */
  readonly moreChecks: number;
  readonly by: Author;
  /** ISO 8601; once read, by the server's clock. */
  readonly at: string;
  /** Version of threads that looked. */
  readonly version: string;
}

export type EvidenceKind = "smoke";

/** One request that was answered as it should be. */
export interface EvidenceCheck {
  readonly path: string;
  readonly status: number;
  readonly ok: boolean;
  readonly ms: number;
}

/**
 * Evidence lies under the digest that pins everything: `/<app>/evidence/<revision>/<64 hex>/<kind>`. The revision comes first,
 * so that it can be asked for before the bundle has told its digest: in the same round trip, not after it.
 */
export interface EvidenceBook {
  /** Create-if-absent: what an earlier run has seen stays. */
  attest(bundle: Digest, evidence: Evidence): Promise<"created" | "present">;
  /** What the records say of a revision on its way to an environment: two calls at once. */
  outlook(environment: string, revision: string): Promise<Outlook>;
}

export interface Outlook {
  /** By the digest of the bundle that was tested. */
  readonly smokes: ReadonlyMap<Digest, Evidence>;
  readonly freeze: Freeze | undefined;
  /** Milliseconds since the epoch, by the server's clock. */
  readonly serverTime: number;
}

/** Room for checks in a record of 4 KB, beside digests, author and run address. */
const mostChecks = 20;

/** The evidence in Parameter Store. */
export function parameterEvidence(ports: StorePorts): EvidenceBook {
  return {
    attest: async (bundle, evidence) => {
      const text = encodeRecord(shortened(evidence), `the ${evidence.kind} evidence`);
      // A colon is not allowed in a parameter's name.
      const name = `${folderOf(ports.app, evidence.revision)}/${bundle.slice(algorithm.length)}/${evidence.kind}`;
      const outcome = await createParameter(name, text, ports);
      return outcome === "created" ? "created" : "present";
    },
    outlook: async (environment, revision) => {
      const freeze = freezeName(ports.app, environment);
      const [evidence, { found, serverTime }] = await Promise.all([
        readFolder(folderOf(ports.app, revision), ports),
        findParameters([freeze], ports),
      ]);
      return { smokes: smokesIn(evidence.found), freeze: decodeFreeze(freeze, found.get(freeze)), serverTime };
    },
  };
}

const algorithm = "sha256:";

function folderOf(app: string, revision: string): string {
  return `/${app}/evidence/${revision}`;
}

function smokesIn(found: ReadonlyMap<string, Stored>): ReadonlyMap<Digest, Evidence> {
  const pairs = [...found].flatMap(([name, stored]): [Digest, Evidence][] => {
    const [hex = "", kind] = name.split("/").slice(-2);
    const bundle = `${algorithm}${hex}`;
    return kind === "smoke" && isDigest(bundle) ? [[bundle, decodeEvidence(name, stored)]] : [];
  });
  return new Map(pairs);
}

function decodeEvidence(name: string, stored: Stored): Evidence {
  const evidence = decodeRecord(name, stored.text) as Evidence;
  return { ...evidence, at: stored.writtenAt ?? evidence.at };
}

function shortened(evidence: Evidence): Evidence {
  const checks = evidence.checks
    .slice(0, mostChecks)
    .map(({ path, status, ok, ms }) => ({ path: path.slice(0, 80), status, ok, ms }));
  return { ...evidence, checks, moreChecks: evidence.checks.length - checks.length };
}
