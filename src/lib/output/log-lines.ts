import type { LogLine } from "../fleet/log-line.ts";
import type { LogsResult } from "../actions/logs/result.ts";
import { closedOf } from "./closed.ts";
import { nextLines } from "./next.ts";
import { chooseHues, choosePaint, type Paint } from "./paint.ts";
import type { Terminal } from "./terminal.ts";
import { wrapped } from "./wrap.ts";

/** Writes lines of logs as they come. */
export interface LogWriter {
  readonly show: (lines: readonly LogLine[]) => void;
  /** Aborted when nobody reads them any more. */
  readonly closed: AbortSignal;
}

/** @param json whether a line is an object of --json, one a line, instead of a text for people */
export async function logWriter({ out, colourOut, columns }: Terminal, json: boolean): Promise<LogWriter> {
  const text = logText({
    paint: await choosePaint(colourOut),
    hue: await chooseHues(colourOut),
    isWatched: columns !== undefined,
  });
  const shown = (line: LogLine): string => (json ? JSON.stringify(line) : text(line));
  return {
    closed: closedOf(out),
    show: (lines) => void out.write(lines.map((line) => `${shown(line)}\n`).join("")),
  };
}

interface Look {
  readonly paint: Pick<Paint, "dim">;
  readonly hue: (number: number, text: string) => string;
  /** Somebody sits there, who knows which day it is. */
  readonly isWatched: boolean;
}

/** One line for people: when, where, what; hosts and services each have a colour, and a column that grows. */
export function logText({ paint, hue, isWatched }: Look): (line: LogLine) => string {
  const [hosts, services] = [column(hue), column(hue)];
  return ({ loggedAt, host, service, container, text }) => {
    const time = loggedAt === null ? "" : `${paint.dim(isWatched ? clockOf(loggedAt) : timeOf(loggedAt))} `;
    const where =
      service === null
        ? hosts(host)
        : `${hosts(taskIn(container) ?? host)} ${services(`${service}${replica(container)}`)}`;
    return `${time}${where} | ${printable(text)}`;
  };
}

/** A number and a width for each name, in the order in which they come. */
function column(hue: Look["hue"]): (name: string) => string {
  const names: string[] = [];
  let width = 0;
  return (name) => {
    if (!names.includes(name)) names.push(name);
    width = Math.max(width, name.length);
    return hue(names.indexOf(name), name) + " ".repeat(width - name.length);
  };
}

/** On ECS one member has many tasks: the beginning of the id of the one that said it. */
function taskIn(container: string | null): string | undefined {
  return /\/([0-9a-f]{8})[0-9a-f]{24}$/.exec(container ?? "")?.[1];
}

/** Of the second container of a service, and of each after it. */
function replica(container: string | null): string {
  const number = /-(\d+)$/.exec(container ?? "")?.[1] ?? "1";
  return number === "1" ? "" : `-${number}`;
}

/** To the millisecond. */
const timeOf = (loggedAt: string): string => loggedAt.replace(/(\.\d{3})\d*Z$/, "$1Z");
const clockOf = (loggedAt: string): string => timeOf(loggedAt).replace(/^.*T/, "");

/** What a terminal would take for an order is not for it. */
function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- it is they that are looked for
  return text.replaceAll(/[\u0000-\u0008\u000A-\u001F\u007F-\u009F]/g, "");
}

/** What is missing, on stderr: lines alone are the result. */
export async function writeLogsEnd(
  result: LogsResult,
  { err, colourErr, columnsErr, symbols }: Terminal,
): Promise<void> {
  const paint = await choosePaint(colourErr);
  const missing = result.hosts
    .filter(({ says }) => result.outcome !== "followed" && says !== "")
    .map(({ name, says }) => `${paint.warn("!")} ${name}: ${says}`);
  for (const line of [...missing, ...nextLines(result, paint, "")])
    for (const part of wrapped(line, columnsErr ?? Infinity)) err.write(`${symbols(part)}\n`);
}
