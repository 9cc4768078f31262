import type { EnvironmentConfig } from "../config/config.ts";
import type { DeploymentLogReport, LogsReport } from "../script/log-report.ts";
import type { Heard } from "./answer.ts";
import type { Member } from "./target.ts";

/** What members of an environment say, and have written of their deployments: a port. All of it is read in pieces. */
export interface MemberLogs {
  /**
   * A piece of what the containers of each member have said. @param signal ends the waiting
   * @returns by the member's id, one for each. @throws ThreadsError refused where no answer can be seen
   */
  read(asked: readonly ReadFrom[], wanted: WantedLines, signal: AbortSignal): Promise<Heard<LogsReport>>;
  /** A piece of each member's own log of a deployment; as `read` does. */
  readDeployment(
    asked: readonly ReadDeploymentFrom[],
    wanted: WantedDeployment,
    signal: AbortSignal,
  ): Promise<Heard<DeploymentLogReport>>;
  /** What it means where not a line is there, for people. */
  readonly whenEmpty: string;
  /** Where the logs of deployments are kept beside the members; undefined where they are on these alone. */
  readonly kept: KeptLogs | undefined;
}

export type MemberLogsOf = (environment: EnvironmentConfig) => Promise<MemberLogs>;

export interface ReadFrom {
  readonly member: Member;
  /** Where its containers go on, as its last report says; of what is not in it, everything is read. */
  readonly cursors: readonly string[];
}

export interface WantedLines {
  /** All where it is empty. */
  readonly services: readonly string[];
  /** Where those begin of which nothing was read yet, as docker takes it. */
  readonly since: string | undefined;
  /** So many lines of their end; undefined for all. */
  readonly tail: number | undefined;
  /** An extended regular expression; lines are searched as they are shown. */
  readonly grep: string | undefined;
}

export interface ReadDeploymentFrom {
  readonly member: Member;
  /** The byte at which it goes on. */
  readonly offset: number;
}

export interface WantedDeployment {
  readonly number: number;
  readonly grep: string | undefined;
}

/** Logs of deployments that outlive their members. */
export interface KeptLogs {
  /** For people: the log group. */
  readonly name: string;
  /** What was written of a deployment, the oldest first. */
  parts(number: number): Promise<readonly KeptPart[]>;
  /** What is in one of them since then, in order of time. @param since milliseconds since the epoch */
  pieces(part: string, since: number): Promise<readonly KeptPiece[]>;
}

export interface KeptPart {
  readonly id: string;
  /** Ids of the members that were told to write it. */
  readonly hosts: readonly string[];
  /** None of them writes into it any more. */
  readonly hasEnded: boolean;
}

export interface KeptPiece {
  /** Id of the member. */
  readonly host: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The same for the same piece. */
  readonly id: string;
  /** Whole lines, one or many. */
  readonly text: string;
}
