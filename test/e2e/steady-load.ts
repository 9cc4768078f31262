import { Agent, request } from "node:http";

/** What came of requests that were sent at a fixed rate, whatever became of those before them. */
export interface Load {
  requests: number;
  /** By what was seen instead of a 200: a status, or the code of an error. */
  readonly failures: Record<string, number>;
  /** Bodies that were answered, with how often. */
  readonly answers: Record<string, number>;
  /** Milliseconds between two answers in a row, at most. */
  longestGapMs: number;
}

/** Half of them on kept connections, half on new ones; every fifth is a POST. @param perSecond requests */
export function startLoad(url: string, perSecond: number): { stop(): Promise<Load> } {
  const kept = new Agent({ keepAlive: true });
  const load: Load = { requests: 0, failures: {}, answers: {}, longestGapMs: 0 };
  const underWay = new Set<Promise<void>>();
  let last = performance.now();
  const failed = (how: string): void => void (load.failures[how] = (load.failures[how] ?? 0) + 1);
  const send = (number: number): Promise<void> =>
    new Promise((resolve) => {
      const method = number % 5 === 0 ? "POST" : "GET";
      const asked = request(url, { method, agent: number % 2 === 0 ? kept : false }, (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (text: string) => (body += text));
        response.on("end", () => {
          const now = performance.now();
          load.longestGapMs = Math.max(load.longestGapMs, now - last);
          last = now;
          if (response.statusCode === 200) load.answers[body] = (load.answers[body] ?? 0) + 1;
          else failed(String(response.statusCode));
          resolve();
        });
      });
      asked.on("error", (error: NodeJS.ErrnoException) => {
        failed(error.code ?? error.message);
        resolve();
      });
      asked.end(method === "POST" ? "hello" : undefined);
    });
  const timer = setInterval(() => {
    const one = send((load.requests += 1));
    underWay.add(one);
    void one.then(() => underWay.delete(one));
  }, 1000 / perSecond);
  return {
    stop: async () => {
      clearInterval(timer);
      await Promise.all(underWay);
      kept.destroy();
      return load;
    },
  };
}
