import type { Next } from "../../errors/next.ts";
import type { Outcome } from "../../errors/exit-codes.ts";

interface Explained {
  /** What is the case, one sentence. */
  readonly meaning: string;
  /** What was changed and what was not. */
  readonly changed: string;
}

/** An error code of threads: the word in brackets after a message, `code` under --json. */
export interface ExplainedCode extends Explained {
  readonly code: string;
  /** What to do, most likely first; commands stand between backticks. */
  readonly advice: readonly string[];
}

/** An exit code of threads, with the error codes that it comes with. */
export interface ExplainedExit extends Explained {
  readonly exitCode: number;
  readonly outcome: Outcome;
  readonly codes: readonly ExplainedCode[];
}

/** An exit code of the script that deploys on a host: SSM shows it as that of the command. */
export interface ExplainedHostCode extends ExplainedCode {
  readonly exitCode: number;
}

/** Only what was asked for; everything where nothing was. */
export interface ExplainResult extends Next {
  readonly outcome: "explained";
  /** The code as the tables have it. */
  readonly asked: string | null;
  readonly exitCodes: readonly ExplainedExit[];
  readonly hostCodes: readonly ExplainedHostCode[];
}
