import { gzipSync } from "node:zlib";
import type { SimulatedHost } from "./simulated-host.ts";
import type { HostReply } from "./ssm-protocol.ts";

/** What a host's containers say, and what its script has written in deployments. */
export interface SimulatedLogs {
  /** By container, such as `web`: when and what, in order. */
  readonly said: Map<string, readonly (readonly [time: string, text: string])[]>;
  /** By number. */
  readonly deployments: Map<number, readonly string[]>;
  /** How many lines one answer has room for. */
  room: number;
  /** How it answers instead; undefined where it shows what there is. */
  end: "hidden" | "no-docker" | "lacking" | "bad-pattern" | undefined;
  /** The deployment that its script is at work on. */
  working: number | undefined;
  /** By its own clock: everything up to then can be read. */
  until: string;
  /** Containers whose log cannot be read. */
  readonly unreadable: Set<string>;
}

export function simulatedLogs(): SimulatedLogs {
  return {
    said: new Map(),
    deployments: new Map(),
    room: 1_000,
    end: undefined,
    working: undefined,
    until: "2026-11-22T11:00:00.000000000Z",
    unreadable: new Set(),
  };
}

/** Whether a script reads a log, and which words its lists have: everything else stands in its assignments. */
function listIn(script: string, name: string): readonly string[] {
  const [, words = ""] = new RegExp(`^${name}=\\((.*)\\)$`, "m").exec(script) ?? [];
  return [...words.matchAll(/'([^']*)'/g)].map(([, word = ""]) => word);
}

interface Question {
  readonly args: Readonly<Record<string, string | undefined>>;
  readonly script: string;
}

/** Answers as logs.sh and deployment-log.sh do. */
export function answerLogs({ args, script }: Question, host: SimulatedHost): HostReply {
  const { end } = host.logs;
  const [grep] = listIn(script, "GREP");
  const matches = (text: string): boolean => grep === undefined || new RegExp(grep).test(text);
  if (end !== undefined)
    return say(args, { end, message: end === "lacking" ? "this host lacks gzip (package gzip)" : "" });
  return args["ACTION"] === "log"
    ? answerDeployment(args, host, matches)
    : answerContainers({ args, script }, host, matches);
}

function say(args: Question["args"], facts: object, rows: readonly string[] = []): HostReply {
  const line = {
    threads: 1,
    action: args["ACTION"],
    nonce: args["NONCE"],
    end: "read",
    message: "",
    ...facts,
    lines: rows.length,
  };
  const payload = rows.length === 0 ? "" : gzipSync(rows.map((row) => `${row}\n`).join("")).toString("base64");
  return { stdout: `${JSON.stringify(line)}\n${payload}\n` };
}

function answerDeployment(
  args: Question["args"],
  { logs }: SimulatedHost,
  matches: (text: string) => boolean,
): HostReply {
  const lines = logs.deployments.get(Number(args["NUMBER"]));
  if (lines === undefined) return say(args, { end: "none" });
  // A byte a line will do for a place.
  const offset = Number(args["OFFSET"]);
  const piece = lines.slice(offset, offset + logs.room);
  const working = logs.working === Number(args["NUMBER"]);
  return say(
    args,
    { offset: offset + piece.length, size: lines.length, working },
    piece.filter(matches).map((text, index) => `0\t${offset + index}\t${text}`),
  );
}

function answerContainers(
  { args, script }: Question,
  host: SimulatedHost,
  matches: (text: string) => boolean,
): HostReply {
  const { logs } = host;
  const wanted = listIn(script, "SERVICES");
  const cursors = new Map(
    listIn(script, "CURSORS").map((cursor) => {
      const [id = "", time = "", count = "0"] = cursor.split(" ");
      return [id, { time, count: Number(count) }] as const;
    }),
  );
  const [since, tail] = [args["SINCE"] ?? "", Number(args["TAIL"])];
  const containers = host.containers
    .filter(({ service }) => wanted.length === 0 || wanted.includes(service))
    .map(({ service }) => ({ service, id: `${host.id.slice(-1)}${service}` }));
  const rows = containers.flatMap(({ service, id }, index) => {
    const cursor = cursors.get(id);
    const all = (logs.unreadable.has(service) ? [] : (logs.said.get(service) ?? [])).filter(
      ([time]) => time <= logs.until,
    );
    const from = all.filter(([time]) => time >= (cursor?.time ?? (since.endsWith("s") ? "" : since)));
    const skip = from.findLastIndex(([time], at) => time === cursor?.time && at < (cursor?.count ?? 0)) + 1;
    const own = from.slice(skip);
    return (cursor === undefined && tail > 0 ? own.slice(-tail) : own).map(([time, text]) => ({ index, time, text }));
  });
  const sorted = rows.toSorted((one, other) => (one.time === other.time ? 0 : one.time < other.time ? -1 : 1));
  const shown = tail > 0 ? sorted.slice(-tail) : sorted;
  const taken = shown.slice(0, logs.room);
  const left = shown.length - taken.length;
  const cursorOf = (id: string, index: number): string => {
    const before = cursors.get(id);
    const own = taken.filter((one) => one.index === index);
    const last = own.at(-1)?.time;
    if (last === undefined && before !== undefined) return `${id} ${before.time} ${before.count}`;
    if (last === undefined) return `${id} ${shown.find((one) => one.index === index)?.time ?? logs.until} 0`;
    const count = own.filter(({ time }) => time === last).length + (before?.time === last ? before.count : 0);
    return `${id} ${last} ${count}`;
  };
  return say(
    args,
    {
      until: logs.until,
      upTo: left > 0 ? (taken.at(-1)?.time ?? logs.until) : logs.until,
      services: host.current === undefined ? null : host.services(),
      left,
      late: false,
      containers: containers.map(({ id, service }, index) => ({
        id,
        service,
        name: `threads-${service}-1`,
        state: logs.unreadable.has(service) ? "unreadable" : "read",
        cursor: cursorOf(id, index),
      })),
    },
    taken.filter(({ text }) => matches(text)).map(({ index, time, text }) => `${index}\t${time}\t${text}`),
  );
}
