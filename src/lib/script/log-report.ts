import { gunzipSync } from "node:zlib";

/** A line as a host hands it on. */
export interface ReportedLine {
  /** Number of its container in the report. */
  readonly container: number;
  /** When docker got it, ISO 8601 to the nanosecond; of a deployment's log the byte at which the line ends. */
  readonly place: string;
  readonly text: string;
}

export interface ReportedContainer {
  /** The first twelve digits. */
  readonly id: string;
  readonly service: string;
  readonly name: string;
  /** late: not all of it in time. unreadable: docker does not give its log. gone: it was removed meanwhile. */
  readonly state: "read" | "late" | "unreadable" | "gone";
  /** Where the next command goes on; empty where it has to begin again. */
  readonly cursor: string;
}

/** What a host has answered. hidden: nobody knows what to hide. none: it has no such log. lacking: programs, see `message`. */
interface Answer {
  readonly end: "read" | "no-docker" | "hidden" | "bad-pattern" | "lacking" | "none";
  readonly message: string;
  readonly lines: readonly ReportedLine[];
}

/** What logs.sh says, in the first line of its output, and what it has read. */
export interface LogsReport extends Answer {
  /** Everything that was said until then can have been taken: by the host's clock. */
  readonly until: string;
  /** Everything that was said before then was. */
  readonly upTo: string;
  /** Every service of the release that serves; undefined where the host does not know. */
  readonly services: readonly string[] | undefined;
  /** Lines that no room was for: the next command brings them. */
  readonly left: number;
  /** Some containers were not read to their end. */
  readonly late: boolean;
  /** Fewer lines were found than were wanted, and what was said before then was not looked at; absent where all was. */
  readonly lookedSince?: string | undefined;
  readonly containers: readonly ReportedContainer[];
}

/** What deployment-log.sh says, and what it has read. */
export interface DeploymentLogReport extends Answer {
  /** The byte at which the next command goes on. */
  readonly offset: number;
  readonly size: number;
  /** That deployment is at work on the host. */
  readonly working: boolean;
}

const ends: readonly string[] = [
  "read",
  "no-docker",
  "hidden",
  "bad-pattern",
  "lacking",
  "none",
] satisfies Answer["end"][];

/** Far above what one command takes. */
const mostBytes = 64 * 1024 * 1024;

interface RawAnswer extends Partial<Omit<LogsReport & DeploymentLogReport, "lines" | "services">> {
  readonly nonce?: string;
  readonly lines?: number;
  readonly services?: readonly string[] | null;
}

interface Expected {
  readonly action: "logs" | "log";
  readonly nonce: string;
}

/** @returns undefined where it is not the whole answer to this very question: the script was killed, or its output cut off */
function parsed(stdout: string, { action, nonce }: Expected): (Omit<RawAnswer, "lines"> & Answer) | undefined {
  const [line = "", payload = ""] = stdout.split("\n");
  if (!line.startsWith(`{"threads":1,"action":"${action}",`)) return undefined;
  try {
    const raw = JSON.parse(line) as RawAnswer;
    const { end, message = "", lines: count = 0 } = raw;
    if (raw.nonce !== nonce || end === undefined || !ends.includes(end)) return undefined;
    const lines = payload === "" ? [] : unpacked(payload);
    return lines.length === count ? { ...raw, end, message, lines } : undefined;
  } catch {
    return undefined;
  }
}

function unpacked(payload: string): ReportedLine[] {
  const text = gunzipSync(Buffer.from(payload, "base64"), { maxOutputLength: mostBytes }).toString("utf8");
  return text.slice(0, -1).split("\n").map(lineOf);
}

/** Its container, its place, its text. */
function lineOf(row: string): ReportedLine {
  const [container = "", place = "", ...text] = row.split("\t");
  return { container: Number(container), place, text: text.join("\t") };
}

/** See `parsed`. */
export function parseLogsReport(stdout: string, nonce: string): LogsReport | undefined {
  const raw = parsed(stdout, { action: "logs", nonce });
  if (raw === undefined) return undefined;
  const { end, message, lines, until = "", upTo = "", services, left = 0, late = false, containers = [] } = raw;
  return { end, message, lines, until, upTo, services: services ?? undefined, left, late, containers };
}

/** See `parsed`. */
export function parseDeploymentLogReport(stdout: string, nonce: string): DeploymentLogReport | undefined {
  const raw = parsed(stdout, { action: "log", nonce });
  if (raw === undefined) return undefined;
  const { end, message, lines, offset = 0, size = 0, working = false } = raw;
  return { end, message, lines, offset, size, working };
}
