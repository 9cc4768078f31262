import type { Measured } from "../../config/measured.ts";
import type { Next } from "../../errors/next.ts";
import type { RequestShare } from "../../fleet/load-requests.ts";
import type { ServiceStats } from "../../script/stats-report.ts";

/** What an environment did under load, and whether it kept its budget. */
export type StressResult =
  | ({ readonly outcome: "planned" } & Stressed & Next)
  | ({
      /** doubted: the budget was kept, but by what is not sure. interrupted: what had been counted until then. */
      readonly outcome: "passed" | "failed" | "doubted" | "interrupted";
      /** Whether it is on record for gates that ask for it. */
      readonly recorded: boolean;
      /** Absolute path of the page that was written; null where none was asked for. */
      readonly report: string | null;
    } & StressMeasured &
      Stressed &
      Next);

export interface StressMeasured {
  /** All requests. Latencies are from when each was due, so that what stalls counts for all who wait. */
  readonly total: Measured;
  /** When the first request was due, ISO 8601, by the server's clock. */
  readonly startedAt: string;
  /** For so long requests were made. */
  readonly tookMs: number;
  readonly limits: readonly StressLimit[];
  /** Most frequent first. */
  readonly errors: readonly StressError[];
  readonly byRequest: readonly RequestMeasured[];
  readonly byTarget: readonly TargetMeasured[];
  /** Second by second, by when requests were due. */
  readonly seconds: readonly StressSecond[];
  /** How many answers took about how long. */
  readonly latencies: readonly StressLatency[];
  /** Deployments to the environment of that time: what they were up to when may be seen beside the seconds. */
  readonly deployments: readonly StressDeployment[];
  /** What the application's containers took of each host meanwhile, as docker tells it. */
  readonly stats: readonly HostStats[];
  /** 99 of 100 requests went out at most so much after they were due: that is the doing of the machine that asks. */
  readonly lateMs: number;
  /** The release before, as it was last on record here; null where it is not. */
  readonly before: StressBefore | null;
}

export interface Stressed {
  readonly environment: string;
  /** The deployment whose release was under load. */
  readonly deployment: number;
  readonly revision: string;
  readonly bundle: string;
  /** Requests a second, all targets together. */
  readonly rate: number;
  readonly durationMs: number;
  /** As it is written: `p99=200ms,errors=0`. */
  readonly budget: string;
  readonly requests: readonly RequestShare[];
  readonly targets: readonly StressTarget[];
}

interface StressTarget {
  /** Name of the host; null for the address of the whole environment. */
  readonly host: string | null;
  readonly url: string;
}

interface StressLimit {
  /** As it is written: `p99=200ms`. */
  readonly limit: string;
  readonly ok: boolean;
  /** What was measured, where that is too much; empty where it is not. */
  readonly says: string;
}

interface StressError {
  readonly says: string;
  readonly count: number;
}

interface RequestMeasured extends Measured {
  readonly method: string;
  readonly path: string;
}

interface TargetMeasured extends Measured {
  /** Name of the host; null for the address of the whole environment. */
  readonly host: string | null;
  readonly seconds: readonly StressSecond[];
}

interface StressLatency {
  readonly overMs: number;
  readonly upToMs: number;
  readonly count: number;
}

export interface HostStats {
  /** Name of the host. */
  readonly host: string;
  /** Why nothing is known of it; null where it has told. */
  readonly silence: string | null;
  /** So often it was sampled, and in so many of these docker did not answer; null where nothing is known. */
  readonly samples: number | null;
  readonly missed: number | null;
  /** Services of which a container ran; null where nothing is known. */
  readonly services: readonly ServiceStats[] | null;
}

export interface StressDeployment {
  readonly number: number;
  readonly kind: "deploy" | "rollback";
  readonly revision: string;
  /** ISO 8601, by the server's clock. */
  readonly begunAt: string;
  /** Null where it had not ended. */
  readonly endedAt: string | null;
  /** What its hosts were at, as its record tells; empty where it does not. */
  readonly steps: readonly StressStep[];
}

/** A step of a host's script, on the slowest of the hosts that were at it together. */
export interface StressStep {
  /** pull, migrate, switch … */
  readonly step: string;
  /** ISO 8601, by the server's clock, as near as a second. */
  readonly begunAt: string;
  readonly tookMs: number;
}

export interface StressSecond {
  readonly requests: number;
  readonly errors: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly maxMs: number | null;
}

export interface StressBefore extends Measured {
  readonly revision: string;
  readonly rate: number;
  readonly durationMs: number;
  /** ISO 8601, by the server's clock. */
  readonly at: string;
}
