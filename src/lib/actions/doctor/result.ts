/** What `threads doctor` found: nothing of it changed anything. */
export interface DoctorResult {
  /** No check failed; warnings do not count. */
  readonly ok: boolean;
  /** ISO 8601. */
  readonly at: string;
  readonly checks: readonly CheckResult[];
}

export interface CheckResult {
  /** Stable word: `docker`, `lifecycle` … */
  readonly check: string;
  readonly title: string;
  readonly state: CheckState;
  /** One sentence. */
  readonly says: string;
  /** More facts, each a line. */
  readonly details: readonly string[];
  /** The fix: commands or actions, most likely first; empty where nothing is wrong. */
  readonly next: readonly string[];
}

export type CheckState = "ok" | "warn" | "fail";
