import type { LogLine } from "../../fleet/log-line.ts";
import type { Next } from "../../errors/next.ts";

/** What containers have said, or the hosts' own log of a deployment. */
export interface LogsResult extends Next {
  /** partly-read: a host, or a container, could not be read. followed: until somebody ended it. */
  readonly outcome: "read" | "partly-read" | "followed";
  readonly environment: string;
  /** Those that were asked for; null for all. */
  readonly services: readonly string[] | null;
  /** Whose log it is; null of what containers say. */
  readonly deployment: number | null;
  readonly hosts: readonly LogHost[];
  /** In order of time, of a deployment host by host; null where each was handed on as it came. */
  readonly lines: readonly LogLine[] | null;
}

export interface LogHost {
  readonly id: string;
  readonly name: string;
  readonly verdict: "read" | "partly-read" | "unread";
  /** Lines that were left out for want of room; null where it could not be read. */
  readonly left: number | null;
  /** What is missing and why; empty where nothing is. */
  readonly says: string;
}
