import type { Clock } from "../../clock/clock.ts";
import type { Config } from "../../config/config.ts";
import type { LogLine } from "../../fleet/log-line.ts";
import type { EnvironmentStatus } from "../../fleet/status-result.ts";
import type { GatesResult } from "../../gates/result.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { TimelineResult } from "../../ledger/timeline-result.ts";
import type { LocalServer, Visited } from "../../process/local-server.ts";
import type { BoardResult } from "./result.ts";

/** What one look needs. Each of the questions is that of another command. */
export interface BoardPorts {
  readonly config: Pick<Config, "app" | "environments">;
  readonly ledger: Pick<Ledger, "deploymentLog">;
  /** Where people reach environments. */
  readonly urls: Readonly<Record<string, string>>;
  /** As `threads status` finds it. @throws ThreadsError what that does */
  status(environment: string): Promise<EnvironmentStatus>;
  /** As `threads history --all` does. @throws ThreadsError what that does */
  past(environment: string): Promise<TimelineResult>;
  /** As `threads gates` does. @throws ThreadsError what that does */
  gates(revision: string, environment: string): Promise<GatesResult>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** What a page for several looks needs beside them. */
export interface ShowPorts extends BoardPorts {
  /** As `threads logs --follow` does, until nobody reads it. @throws ThreadsError what that does */
  follow(environment: string, reader: LogReader): Promise<void>;
  /** Answers browsers of this machine. @throws ThreadsError PORT_TAKEN (refused) */
  serve(port: number | undefined, visited: Visited): Promise<LocalServer>;
  readonly draw: DrawBoard;
  /** Tells where it is to be seen. */
  readonly show: (url: string) => Promise<void>;
}

export interface LogReader {
  readonly show: (lines: readonly LogLine[]) => void;
  /** Told again and again which hosts are not heard just then, and why: a sentence each. */
  readonly missing: (says: readonly string[]) => void;
  /** Aborted when nobody reads it any more. */
  readonly closed: AbortSignal;
}

/** How it is drawn, which is decided where pages are. */
export interface DrawBoard {
  /** @param board undefined before the first look */
  page(board: BoardResult | undefined): string;
  /** What of the page changes from look to look. */
  board(board: BoardResult): string;
  /** What runs in the page. */
  script(): string;
  line(line: LogLine): string;
}
