import type { Next } from "../../errors/next.ts";

/** What `threads doctor` found: nothing of it changed anything. */
export interface DoctorResult extends Next {
  /** passed: no check failed; warnings do not count. */
  readonly outcome: "passed" | "failed";
  /** ISO 8601. */
  readonly observedAt: string;
  readonly checks: readonly DoctorCheckResult[];
}

/** `next` and `advice` are the fix; empty where nothing is wrong. */
export interface DoctorCheckResult extends Next {
  /** Stable word: `docker`, `lifecycle` … */
  readonly check: string;
  readonly title: string;
  readonly state: CheckState;
  /** One sentence. */
  readonly says: string;
  /** More facts, each a line. */
  readonly details: readonly string[];
}

export type CheckState = "ok" | "warn" | "fail";
