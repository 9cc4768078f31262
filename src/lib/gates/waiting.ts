import { dated } from "../text/words.ts";
import type { Gate } from "./result.ts";

/** Whether all that keeps a release out comes by itself, or from others: then there is nothing to do but wait. */
export function isWaiting(shut: readonly Pick<Gate, "opensBy">[]): boolean {
  return shut.length > 0 && shut.every(({ opensBy }) => opensBy !== null);
}

/** `window until 23 Nov 2026 08:00 UTC`, `approvals for any 2 of user/ada and user/bob`. */
export function waitingText({ gate, opensBy, opensAt }: Pick<Gate, "gate" | "opensBy" | "opensAt">): string {
  return opensAt === null ? `${gate} for ${opensBy ?? "somebody"}` : `${gate} until ${dated(opensAt)}`;
}
