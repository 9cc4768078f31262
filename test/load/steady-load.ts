import { Agent, request } from "node:http";

/** What came of requests that were sent at a fixed rate, whatever became of those before them. */
export interface Load {
  readonly requests: number;
  /** By what was seen instead of a 200: a status, or the code of an error. */
  readonly failures: Readonly<Record<string, number>>;
  /** The first five of them, with when, as the log of a host's deployment has it: what was under way then tells the cause. */
  readonly firstFailures: readonly string[];
  /** Bodies that were answered, with how often. */
  readonly answers: Readonly<Record<string, number>>;
  /** Milliseconds between two answers in a row, at most. */
  readonly longestGapMs: number;
  /** So long, in milliseconds, at most 99 of a hundred answers took. */
  readonly p99Ms: number;
}

export interface SteadyLoad {
  /** Resolves once so many were sent. */
  reached(requests: number): Promise<void>;
  /** Waits for those under way. */
  stop(): Promise<Load>;
}

/** So long a connection may be idle and is used again, as Node's own agent and `fetch` have it: a server closes what is idle for
 * longer, and whoever asks just then is not answered, by nobody's fault. */
const idleMs = 5_000;

/** Half of them on kept connections, half on new ones. @param perSecond requests. @param postEvery so many, one is a POST; 0: none */
export function startLoad(url: string, perSecond: number, postEvery = 5): SteadyLoad {
  const kept = new Agent({ keepAlive: true, timeout: idleMs });
  const failures: Record<string, number> = {};
  const firstFailures: string[] = [];
  const answers: Record<string, number> = {};
  const tookMs: number[] = [];
  const underWay = new Set<Promise<void>>();
  const waiting: { readonly requests: number; readonly resolve: () => void }[] = [];
  let requests = 0;
  let longestGapMs = 0;
  let last = performance.now();
  const count = (all: Record<string, number>, what: string): void => void (all[what] = (all[what] ?? 0) + 1);
  const fail = (what: string, method: string, isUsedAgain: boolean): void => {
    count(failures, what);
    const when = new Date().toISOString();
    if (firstFailures.length < 5)
      firstFailures.push(`${when} ${method} ${what}${isUsedAgain ? ", on a kept connection" : ""}`);
  };
  const send = (number: number): Promise<void> =>
    new Promise((resolve) => {
      const method = postEvery > 0 && number % postEvery === 0 ? "POST" : "GET";
      const began = performance.now();
      const asked = request(url, { method, agent: number % 2 === 0 ? kept : false }, (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (text: string) => (body += text));
        response.on("end", () => {
          const now = performance.now();
          longestGapMs = Math.max(longestGapMs, now - last);
          last = now;
          tookMs.push(now - began);
          if (response.statusCode === 200) count(answers, body);
          else fail(String(response.statusCode), method, asked.reusedSocket);
          resolve();
        });
        response.on("error", () => resolve(fail("cut off", method, asked.reusedSocket)));
      });
      asked.on("error", (error: NodeJS.ErrnoException) =>
        resolve(fail(error.code ?? error.message, method, asked.reusedSocket)),
      );
      asked.end(method === "POST" ? "hello" : undefined);
    });
  const timer = setInterval(() => {
    const one = send((requests += 1));
    underWay.add(one);
    void one.then(() => underWay.delete(one));
    for (const each of waiting.filter((some) => some.requests <= requests)) each.resolve();
  }, 1000 / perSecond);
  return {
    reached: (wanted) => new Promise((resolve) => waiting.push({ requests: wanted, resolve })),
    stop: async () => {
      clearInterval(timer);
      await Promise.all(underWay);
      kept.destroy();
      return { requests, failures, firstFailures, answers, longestGapMs, p99Ms: percentile(tookMs, 99) };
    },
  };
}

function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? 0;
}

/** How many were not answered with a 200. */
export function failed({ failures }: Load): number {
  return Object.values(failures).reduce((sum, count) => sum + count, 0);
}
