import type { EnvironmentConfig } from "../config/config.ts";
import type { Evidence } from "../ledger/evidence.ts";
import type { Freeze } from "../ledger/freeze.ts";
import type { Deployment, Intent } from "../ledger/ledger.ts";
import type { Policy } from "../ledger/policy.ts";
import type { Provenance } from "../provenance/provenance.ts";
import type { CalendarState } from "../remote/change-calendar.ts";
import type { CommitChecks } from "../source/github-checks.ts";
import type { SignatureFacts } from "./signable.ts";
import type { OnBranch } from "../source/lineage.ts";
import type { SaidFacts } from "./said.ts";
import type { ScannedImage } from "./judge-scan.ts";
import type { AskedCheck, SmokeFacts } from "./judge-smoke.ts";

/** All that the gates are judged by. What a gate that is not configured would need is undefined: nobody asked for it. */
export interface GateFacts extends SmokeFacts {
  /** As it is to be judged: see governed. */
  readonly environment: EnvironmentConfig;
  /** What makes it stricter than threads.yml, and the environment as that has it; undefined where no policy is pushed. */
  readonly under?: { readonly policy: Policy; readonly own: EnvironmentConfig } | undefined;
  /** Services whose image the registry no longer has. */
  readonly gone: readonly string[];
  /** Whether its bundle is what git has at its commit. */
  readonly provenance: Provenance;
  /** Milliseconds since the epoch, by the server's clock. */
  readonly now: number;
  readonly freeze?: Freeze | undefined;
  /** Deployments to the environment of `verified`, newest first. */
  readonly deployments?: readonly Deployment[] | undefined;
  /** What the ledger has of environments in which this bundle was verified, under load or rehearsed, newest first. */
  readonly looks: readonly Evidence[];
  /** What the environment itself runs; null where nothing was ever deployed to it. */
  readonly current?: Intent | null | undefined;
  /** Whether a sandbox has the database that tells of locks, as threads.yml says now. */
  readonly locksAreSeen: boolean;
  /** What a host has to be asked for, as threads.yml says now, and the policy. */
  readonly hostChecks: readonly AskedCheck[];
  /** Those of the policy that threads.yml does not have. */
  readonly hostLacks?: readonly AskedCheck[];
  readonly scans?: readonly ScannedImage[] | undefined;
  /** How long they were waited for before this look, in milliseconds. */
  readonly scansAwaitedMs?: number | undefined;
  readonly signatures?: SignatureFacts | undefined;
  readonly branch?: OnBranch | undefined;
  /** What GitHub says of the commit. */
  readonly checks?: Awaited<ReturnType<CommitChecks["checksOf"]>> | undefined;
  readonly said?: SaidFacts | undefined;
  /** Of all calendars that the window names. */
  readonly calendar?: CalendarState | undefined;
  /** When the registry got the bundle, in milliseconds since the epoch, by its clock; undefined also where it does not say. */
  readonly publishedAt?: number | undefined;
}
