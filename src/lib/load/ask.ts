import * as http from "node:http";
import * as https from "node:https";
import { clearTimeout, setTimeout } from "node:timers";
import type { Load, LoadRequest } from "./load.ts";
import type { Turn } from "./turns.ts";

/** What came of one request. */
export interface Answer {
  /** Undefined where nothing is wrong. */
  readonly error: string | undefined;
  /** Whether it tells how long people wait: an answer does, and one that did not come in time; a connection that breaks does not. */
  readonly isWait: boolean;
  /** X-Release. */
  readonly release: string | undefined;
}

export interface Asker {
  /** Asks once; tells when the last byte is there, or nothing will come. */
  ask(turn: Turn, done: (answer: Answer) => void): void;
  /** Lets go of everything; nobody is told any more. */
  close(): void;
}

interface Question {
  readonly url: URL;
  readonly options: http.RequestOptions;
  readonly body: string | undefined;
  readonly status: number;
  readonly timeoutMs: number;
}

/** Connections are kept as browsers keep them; a request finds a free one, or opens another. */
export function openAsker({ targets, requests, timeoutMs }: Load): Asker {
  const kept = { keepAlive: true, maxSockets: Infinity, maxFreeSockets: Infinity, scheduling: "lifo" } as const;
  const agents = [new http.Agent(kept), new https.Agent(kept)] as const;
  const questions = targets.map(({ base }) =>
    requests.map((request): Question => {
      const url = new URL(request.path, base);
      const agent = agents[url.protocol === "https:" ? 1 : 0];
      const options = { method: request.method, headers: headersOf(request), agent };
      return { url, options, body: request.body, status: request.status, timeoutMs };
    }),
  );
  let isOpen = true;
  return {
    ask: ({ target, request }, done) => {
      const question = questions[target]?.[request];
      if (question === undefined) throw new Error("a turn of another load");
      askOnce(question, { isRepeated: false }, (answer) => {
        if (isOpen) done(answer);
      });
    },
    close: () => {
      isOpen = false;
      for (const agent of agents) agent.destroy();
    },
  };
}

function headersOf({ headers, body }: LoadRequest): http.OutgoingHttpHeaders {
  const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
  return { accept: "text/html, */*", "user-agent": "threads-stress", ...length, ...headers };
}

function askOnce(question: Question, { isRepeated }: { readonly isRepeated: boolean }, done: (answer: Answer) => void) {
  const { url, options, body, status, timeoutMs } = question;
  let over = false;
  const end = (answer: Answer): void => {
    clearTimeout(timer);
    if (!over) done(answer);
    over = true;
  };
  let isAnswered = false;
  const failed = (error: NodeJS.ErrnoException): void => {
    if (over) return;
    // A server closes a connection that it finds idle, while a request is on its way: browsers ask again, too.
    if (sent.reusedSocket && error.code === "ECONNRESET" && !isAnswered && !isRepeated) {
      over = true;
      clearTimeout(timer);
      return askOnce(question, { isRepeated: true }, done);
    }
    end({ error: wordsOf(error), isWait: false, release: undefined });
  };
  const request = url.protocol === "https:" ? https.request : http.request;
  // The next free one may have been closed as well.
  const sent = request(url, isRepeated ? { ...options, agent: false } : options, (reply) => {
    isAnswered = true;
    const { statusCode = 0, headers } = reply;
    const release = headers["x-release"];
    const error = statusCode === status ? undefined : `status ${statusCode}`;
    reply.on("error", failed);
    reply.on("end", () => end({ error, isWait: true, release: typeof release === "string" ? release : undefined }));
    reply.resume();
  });
  const timer = setTimeout(() => {
    end({ error: `no answer within ${timeoutMs / 1000} s`, isWait: true, release: undefined });
    sent.destroy();
  }, timeoutMs);
  sent.on("error", failed);
  sent.end(body);
}

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection broken off",
  EPIPE: "connection broken off",
  ENOTFOUND: "no such name",
  EAI_AGAIN: "no such name",
  ETIMEDOUT: "no connection",
  EHOSTUNREACH: "no way to the host",
  ENETUNREACH: "no way to the host",
  EMFILE: "this machine can open no more connections",
  EADDRNOTAVAIL: "this machine can open no more connections",
};

/** A few words, so that the same fault counts as one. */
function wordsOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === undefined) return message;
  return words[code] ?? (code.startsWith("HPE_") ? "no HTTP" : code);
}
