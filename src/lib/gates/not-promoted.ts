import type { EnvironmentConfig } from "../config/config.ts";
import type { Next } from "../errors/next.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import type { Intent, Ledger } from "../ledger/ledger.ts";
import { shortRevision } from "../release/revision.ts";

/** An environment with gates runs only what the ledger says was promoted to it. @param other what helps beside promoting it */
export function notPromoted(
  release: { readonly environment: string; readonly revision: string },
  message: string,
  other: Next = { next: [], advice: [] },
): ThreadsError {
  const promote = `threads promote ${release.revision} -e ${release.environment}`;
  return new ThreadsError("NOT_PROMOTED", { message, next: [promote, ...other.next], advice: other.advice });
}

/**
 * A deployment record says what somebody set out to do, and is no authorisation: in an environment with gates the promotion's is.
 * @throws ThreadsError NOT_PROMOTED (refused)
 */
export async function requireRecordedPromotion(
  { revision, bundle }: Pick<Intent, "revision" | "bundle">,
  { name, requiresPromotion }: Pick<EnvironmentConfig, "name" | "requiresPromotion">,
  { ledger, wants }: { readonly ledger: Pick<Ledger, "isPromoted" | "policy">; readonly wants: string },
): Promise<void> {
  if (!requiresPromotion && !(await isPolicied(name, ledger))) return;
  // Through which gates it once went is not asked: it has run here, and a newer policy must not close the way back.
  if (await ledger.isPromoted({ environment: name, revision, bundle: bundle.digest })) return;
  throw notPromoted(
    { environment: name, revision },
    `${wants} of ${shortRevision(revision)}, and the ledger knows of no promotion of that to ${name}`,
    {
      next: [`threads history -e ${name}`],
      advice: ["or deploy another release of the history"],
    },
  );
}

/** A policy that cannot be read may ask for anything: a way back does not need to know more. */
async function isPolicied(environment: string, ledger: Pick<Ledger, "policy">): Promise<boolean> {
  try {
    const policy = await ledger.policy(environment);
    return policy !== undefined && policy.gates !== null;
  } catch (error) {
    const isThere = error instanceof ThreadsError && ["POLICY_UNREADABLE", "LEDGER_UNREADABLE"].includes(error.code);
    if (isThere) return true;
    throw error;
  }
}
