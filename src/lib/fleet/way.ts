import type { EnvironmentConfig, RequestCheck } from "../config/config.ts";
import type { HttpGet } from "../probe/http-get.ts";
import type { Member } from "./target.ts";

/** A way to the application on one member, for whoever asks it for checks: a port. Nothing is asked yet. */
export interface Way {
  /** `http://localhost:8080`: what paths are put behind. */
  readonly base: string;
  readonly get: HttpGet;
  /** One request may take so long, with all that carries it, in milliseconds. */
  readonly limitMs: number;
  /** A check is written for the smoke stack: how it is asked on this way. */
  asked(check: RequestCheck): RequestCheck;
  /** Why the member could not be asked at all; undefined where it could. @throws ThreadsError where AWS did not let it be asked */
  silence(): string | undefined;
}

/** @throws ThreadsError NO_URL (refused) where nobody knows the way to anything of that environment, before any member is asked for */
export type WaysTo = (environment: EnvironmentConfig) => Promise<(member: Member) => Way>;
