import type { Deployment } from "./ledger.ts";

/** Whether a deployment left hosts that may not run what the last success put there. */
export function mayDiffer({ outcome }: Pick<Deployment, "outcome">): boolean {
  if (outcome === undefined) return true;
  return (
    outcome.result !== "succeeded" &&
    outcome.hosts.some(({ state }) => state === "new" || state === "both" || state === "unknown")
  );
}
