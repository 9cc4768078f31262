import type { Next } from "../../errors/next.ts";

/** Whether what was deployed to an environment answers as it must, on every host of it. */
export type VerifyResult =
  | ({ readonly outcome: "planned"; readonly checks: readonly string[] } & Verified<PlannedHost> & Next)
  | ({
      /** unread: nothing was wrong, but a host could not be asked. */
      readonly outcome: "passed" | "failed" | "unread";
      /** Whether it is on record for gates that ask for it. */
      readonly recorded: boolean;
      /** What was looked at once, from here: the certificates of `checks`. */
      readonly certificates: readonly HostCheck[];
    } & Verified<VerifiedHost> &
      Next);

interface Verified<Host> {
  readonly environment: string;
  /** The deployment whose release every host must run. */
  readonly deployment: number;
  readonly revision: string;
  readonly bundle: string;
  readonly hosts: readonly Host[];
}

interface PlannedHost {
  readonly id: string;
  readonly name: string;
}

export interface VerifiedHost extends PlannedHost {
  readonly verdict: "passed" | "failed" | "unread";
  /** What is wrong with what runs on it, or why it could not be asked; empty where nothing is. */
  readonly says: string;
  /** What its application answered, through the port that everybody asks; empty where it could not be asked. */
  readonly checks: readonly HostCheck[];
}

export interface HostCheck {
  readonly path: string;
  /** HTTP status, or 0 where there was no answer; of a certificate 0 where it is good, 1 where not, -1 where none was shown. */
  readonly status: number;
  readonly ok: boolean;
  /** What was right, or the first thing that was wrong. */
  readonly detail: string;
}
