import type { PlannedHost } from "./rollout-plan.ts";

/** Where an environment is after a release that failed: a first one has nothing to go back to. */
export function backText(environment: string, hosts: readonly Pick<PlannedHost, "before">[]): string {
  return hosts.some(({ before }) => before !== undefined)
    ? `${environment} is back on what it ran before`
    : `${environment} runs nothing, as before`;
}
