import { gzipSync } from "node:zlib";
import type { AskEnd } from "../../src/lib/script/ask-report.ts";
import type { SimulatedHost } from "./simulated-host.ts";
import type { HostReply } from "./ssm-protocol.ts";

/** What a host's application answers to one request: 200 as the current release where nothing is said. */
export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** How it ends instead. */
  readonly end?: Exclude<AskEnd, "answered">;
}

interface Question {
  readonly args: Readonly<Record<string, string | undefined>>;
  readonly script: string;
}

/** What is kept until somebody asks for the rest of it, by key. */
const kept = new WeakMap<SimulatedHost, Map<string, string>>();

/** Answers as ask.sh does, in pieces where there is much. */
export function answerAsk({ args, script }: Question, host: SimulatedHost): HostReply {
  const [key, offset, piece] = [args["KEY"] ?? "", Number(args["OFFSET"]), Number(args["PIECE"])];
  const own = kept.get(host) ?? new Map<string, string>();
  kept.set(host, own);
  const replies = offset > 0 ? [] : requestsIn(script).map((request) => replyTo(request, host));
  if (offset === 0) own.set(key, gzipSync(Buffer.concat(replies.map(({ bytes }) => bytes))).toString("base64"));
  const packed = own.get(key);
  const say = (end: string, size: number, part: string): HostReply => {
    const told = replies.map(({ end: one, bytes }) => ({ end: one, bytes: bytes.length }));
    const line = { threads: 1, action: "ask", nonce: args["NONCE"], end, message: "", size, replies: told };
    return { stdout: `${JSON.stringify(line)}\n${part}\n` };
  };
  if (packed === undefined) return say("gone", 0, "");
  if (offset + piece >= packed.length) own.delete(key);
  return say("asked", packed.length, packed.slice(offset, offset + piece));
}

function requestsIn(script: string): readonly string[] {
  const [, words = ""] = /^REQUESTS=\((.*)\)$/m.exec(script) ?? [];
  return words
    .split(" ")
    .filter(Boolean)
    .map((word) => Buffer.from(word.replaceAll("'", ""), "base64").toString());
}

function replyTo(request: string, host: SimulatedHost): { end: AskEnd; bytes: Buffer } {
  const [line = "", ...lines] = request.split("\r\n");
  const headers = Object.fromEntries(
    lines.filter(Boolean).map((header) => {
      const at = header.indexOf(":");
      return [header.slice(0, at).toLowerCase(), header.slice(at + 1).trim()];
    }),
  );
  if (headers["connection"] !== "close") return { end: "late", bytes: Buffer.alloc(0) };
  const { status = 200, headers: more = {}, body = "ok", end } = host.onAsk(line.split(" ")[1] ?? "", headers);
  if (end !== undefined) return { end, bytes: Buffer.alloc(0) };
  const all = { "x-release": host.current?.revision ?? "", "content-type": "text/html", ...more };
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return { end: "answered", bytes: Buffer.from(`HTTP/1.1 ${status} OK\r\n${head.join("")}\r\n${body}`) };
}
