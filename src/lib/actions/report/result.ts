import type { Next } from "../../errors/next.ts";

/** What a release has gone through on this machine, from the records that commands have left. */
export interface ReportResult extends Next {
  /** empty: no command has left a record yet. */
  readonly outcome: "reported" | "empty";
  /** The release that it is about; null where it is about one run, of which that is not known. */
  readonly revision: string | null;
  /** Folder with the records. */
  readonly folder: string;
  /** Oldest first. */
  readonly runs: readonly ReportedRun[];
  /** Absolute path of the page that was written; null where none was asked for. */
  readonly report: string | null;
}

/** One command. */
export interface ReportedRun {
  /** Name of its folder: `20261128-083000-deploy-1f3a9c`. */
  readonly run: string;
  /** The command's words. */
  readonly command: string;
  /** What -e named; null where nothing did. */
  readonly environment: string | null;
  /** As its --json had it: `passed`, `deployed`, `checks` …; null where it has not ended, or was killed. */
  readonly outcome: string | null;
  /** Null where it has not ended, or was killed. */
  readonly exitCode: number | null;
  /** Of a failure, what was wrong; null elsewhere. */
  readonly says: string | null;
  /** ISO 8601, by this machine's clock. */
  readonly startedAt: string;
  readonly tookMs: number | null;
  /** Median of earlier runs of the kind that went well; null where fewer than three of them tell. */
  readonly usualMs: number | null;
  /** In the order in which they began. */
  readonly phases: readonly ReportedPhase[];
  /** What lies in its folder, logs last. */
  readonly files: readonly string[];
  /** Of the job that ran it; null where it was none of CI's. */
  readonly url: string | null;
}

export interface ReportedPhase {
  readonly phase: string;
  /** Null where it has not ended. */
  readonly ok: boolean | null;
  /** After the beginning of the command, in milliseconds. */
  readonly beganMs: number;
  /** Null where it has not ended. */
  readonly tookMs: number | null;
  /** As that of the command. */
  readonly usualMs: number | null;
}
