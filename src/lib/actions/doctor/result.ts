import type { Next } from "../../errors/next.ts";

/** What `threads doctor` found, and with --fix what it made. */
export interface DoctorResult extends Next {
  /** passed: no check failed; warnings do not count. */
  readonly outcome: "passed" | "failed";
  /** ISO 8601. */
  readonly observedAt: string;
  /** What --fix has made, or would make; empty without it, and where there was nothing to make. */
  readonly fixed: readonly DoctorFix[];
  readonly checks: readonly DoctorCheckResult[];
}

/** A document by which hosts take orders. */
export interface DoctorFix {
  readonly environment: string;
  readonly document: string;
  /** Name of its version: the hash of its content. */
  readonly version: string;
  /** updated: a version beside those that there are. */
  readonly did: "created" | "updated";
  /** False with --dry-run. */
  readonly done: boolean;
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
