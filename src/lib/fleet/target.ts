import type { EnvironmentConfig } from "../config/config.ts";
import type { HostOutcome, Intent, RecordedRelease } from "../ledger/ledger.ts";
import type { Step } from "../progress/progress.ts";
import type { Exchange } from "../probe/tunnel.ts";
import type { HostSummary } from "../script/summary.ts";
import type { MemberVerdict } from "./verdict.ts";
import type { Weight } from "./weights.ts";

/**
 * What an environment runs on, as everybody sees it who deploys to it or looks at it: a port. Rounds, going back, the ledger and
 * the lease are above it and the same for all; an adapter carries one order out on one member, and says what that serves. Hosts
 * behind SSM are one (src/lib/hosts); test/lib/fleet/target-conformance.ts is what each has to pass.
 */
export interface Target extends Sight {
  /**
   * From an order's own limit until its end is known in every case, in milliseconds: a lost reply that is looked for and a member
   * that has to be asked included. The ledger's deadline is counted by it, so that it must not be too short.
   */
  readonly aftermathMs: number;
  /**
   * Whether it would take orders at all, before anything is sent; nothing is changed.
   * @throws ThreadsError refused, with what is missing (HOST_DOCUMENT)
   */
  ready(): Promise<void>;
  /**
   * Whether a release could run there at all, before anything is on record; left out where all of them can.
   * @throws ThreadsError refused, with all that stands in the way (NOT_FOR_ECS)
   */
  readonly takes?: (release: RecordedRelease) => Promise<void>;
  /** Orders of one round: those alike may travel together. Nothing is sent before one of them is carried out. */
  give(orders: readonly MemberOrder[]): CarryOut;
}

/** What can be seen of a target, without changing anything. */
export interface Sight {
  /** So many members it must have at least. */
  readonly minimum: number;
  /** What makes a member one of the environment's, for people: `tag threads-env=prod`. */
  readonly belongs: string;
  /** Every member of the environment, reachable or not, in the order of their names; none where there are none. */
  members(): Promise<readonly Member[]>;
  /** Those of these ids that are there, members of the environment or not any more. */
  former(ids: readonly string[]): Promise<readonly Member[]>;
  /**
   * Asks members at once what runs on them: exactly one answer for each, in the same order; who does not answer is silent.
   * @param signal ends the waiting. @throws ThreadsError refused where no answer can be seen, with the action that AWS does not allow
   */
  look(members: readonly Member[], signal: AbortSignal): Promise<readonly Observed[]>;
}

/** What an environment runs on. Only of one that can be deployed to: deployableEnvironment says which. */
export type TargetOf<T extends Sight = Target> = (environment: EnvironmentConfig) => Promise<T>;

/**
 * One of those on which a release runs in an environment, and that serve the one release or the other: a host. Each has the whole
 * application, but for what runs once, which the first of a deployment has; the first one migrates.
 */
export interface Member {
  /** What the ledger keeps of it: the same for as long as it is there. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  /** It can be asked and told something, as far as the target knows; that may be stale by minutes. */
  readonly online: boolean;
}

/** A member as it describes itself now; without `summary` it did not answer, and `silence` says why. */
export interface Observed {
  readonly host: Member;
  readonly summary: HostSummary | undefined;
  readonly silence: string | undefined;
}

/** Brings one member to one release. */
export interface MemberOrder {
  /** Its number is a fence: of two orders a member takes the newer one, and the same one once, however often it comes. */
  readonly intent: Intent;
  /** Id of the member. */
  readonly host: string;
  /** weigh: a part of the requests. restore: back to what it served before this deployment. */
  readonly action: "deploy" | "weigh" | "restore";
  /** Of an order to weigh: so many of a hundred requests. */
  readonly share?: Weight;
  /** One-shot service to run, once, before the member serves anything of it. */
  readonly migrate: string | undefined;
  /** Deployments of this release that have not come to their end: what they have run once need not be run again. */
  readonly goesOnWith?: readonly number[];
  /** On ECS: pauses that a person has approved, by their hook ids. Any other that it comes to ends it: `paused`. */
  readonly approves?: readonly string[];
  /** So long it may take, in milliseconds; it ends itself then. */
  readonly limitMs: number;
  /** What the member serves as long as the order has not reached it. */
  readonly stands: HostOutcome["state"];
  /** Whether the release gets the environment that it had there last, where it had one. */
  readonly asItWas: boolean;
}

/**
 * Carries an order out, once, and watches it to its end; `step` shows what its member is at. What the member serves then is read
 * from it and never concluded: `unknown` where it does not tell. The world's cancelNow (a second Ctrl-C) ends an order that is no
 * `restore`, and brings the member back: `cancelled`. Its detach ends the watching alone: `left`, and the member goes on.
 * @throws ThreadsError refused where certainly nothing was begun; unknown where it was lost sight of (SEND_UNKNOWN)
 */
export type CarryOut = (order: MemberOrder, step: Step) => Promise<MemberVerdict>;

/** Opens a way to the application on one member, for whoever cannot reach its port. Nothing is asked yet. */
export type AskMember = (asked: AskedMember) => {
  readonly exchange: Exchange;
  /** Why the member has handed nothing on; undefined as long as it has. @throws ThreadsError where AWS did not let it be asked */
  silence(): string | undefined;
};

export interface AskedMember {
  readonly environment: string;
  readonly host: Member;
  /** The port that everybody asks. */
  readonly port: number;
  /** One request may take so long there, in milliseconds. */
  readonly limitMs: number;
}
