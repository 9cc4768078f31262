import type { Intent } from "../ledger/ledger.ts";
import type { Digest } from "../image/digest.ts";
import type { Lineage } from "../source/lineage.ts";

/** The difference to what runs in the environment now. */
export interface Ships {
  /** Null where nothing was ever deployed there. */
  readonly from: { readonly revision: string; readonly number: number } | null;
  /** Commits that are new there. */
  readonly commits: number;
  /** The newest ten of them, `<short sha> <subject>`. */
  readonly log: readonly string[];
  /** Commits that run there now and would be gone. */
  readonly dropped: number;
  /** Migration files that it adds. */
  readonly migrations: readonly string[];
  /** Why git cannot tell; null where it can. */
  readonly unknown: string | null;
}

const nothing = { commits: 0, log: [], dropped: 0, migrations: [], unknown: null };

/** Asks git for the difference; without a deployment there, or of the same release, there is none. */
export async function shipping(
  current: Intent | undefined,
  release: { readonly revision: string; readonly bundle: Digest },
  lineage: Pick<Lineage, "between">,
): Promise<Ships> {
  if (current === undefined) return { ...nothing, from: null };
  const from = { revision: current.revision, number: current.number };
  if (current.bundle.digest === release.bundle) return { ...nothing, from };
  const between = await lineage.between(current.revision, release.revision);
  return "unknown" in between ? { ...nothing, from, unknown: between.unknown } : { ...between, from, unknown: null };
}
