import type { Digest } from "../image/digest.ts";
import type { Author } from "./author.ts";
import { decodeFreeze, type Freeze, freezeName } from "./freeze.ts";
import { decodeRecord, encodeRecord } from "./record.ts";
import { createParameter, findParameters, type Stored, type StorePorts } from "./store.ts";

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

/** Evidence lies under the digest that pins everything: `/<app>/evidence/<64 hex>/<kind>`. */
export interface EvidenceBook {
  /** Create-if-absent: what an earlier run has seen stays. */
  attest(bundle: Digest, evidence: Evidence): Promise<"created" | "present">;
  /** What the records say of a release on its way to an environment: evidence and freeze in one call. */
  outlook(environment: string, bundle: Digest): Promise<Outlook>;
}

export interface Outlook {
  readonly smoke: Evidence | undefined;
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
      const outcome = await createParameter(evidenceName(ports.app, bundle, evidence.kind), text, ports);
      return outcome === "created" ? "created" : "present";
    },
    outlook: async (environment, bundle) => {
      const [smoke, freeze] = [evidenceName(ports.app, bundle, "smoke"), freezeName(ports.app, environment)];
      const { found, serverTime } = await findParameters([smoke, freeze], ports);
      return {
        smoke: decodeEvidence(smoke, found.get(smoke)),
        freeze: decodeFreeze(freeze, found.get(freeze)),
        serverTime,
      };
    },
  };
}

function evidenceName(app: string, bundle: Digest, kind: EvidenceKind): string {
  // A colon is not allowed in a parameter's name.
  return `/${app}/evidence/${bundle.slice("sha256:".length)}/${kind}`;
}

function decodeEvidence(name: string, stored: Stored | undefined): Evidence | undefined {
  if (stored === undefined) return undefined;
  const evidence = decodeRecord(name, stored.text) as Evidence;
  return { ...evidence, at: stored.writtenAt ?? evidence.at };
}

function shortened(evidence: Evidence): Evidence {
  const checks = evidence.checks
    .slice(0, mostChecks)
    .map(({ path, status, ok, ms }) => ({ path: path.slice(0, 80), status, ok, ms }));
  return { ...evidence, checks, moreChecks: evidence.checks.length - checks.length };
}
