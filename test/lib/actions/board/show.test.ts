import { beforeEach, describe, expect, test } from "vitest";
import type { LogReader, ShowPorts } from "../../../../src/lib/actions/board/ports.ts";
import { showBoard } from "../../../../src/lib/actions/board/show.ts";
import { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import type { Visit, Visited } from "../../../../src/lib/process/local-server.ts";
import { BoardWorld, denied } from "./boards.ts";

/** A browser's question, and what it was told. */
class Asking {
  readonly told: [string, string][] = [];
  readonly gone = new AbortController();
  answered: string | undefined;
  isRefused = false;

  visit(path: string, words = ""): Visit {
    return {
      path,
      words: new URLSearchParams(words),
      gone: this.gone.signal,
      answer: (type, text) => (this.answered = `${type}: ${text}`),
      stream: () => (event, text) => this.told.push([event, text]),
      refuse: () => (this.isRefused = true),
    };
  }

  leave(): void {
    this.gone.abort(new Error("the browser has gone"));
  }
}

let world: BoardWorld;
let visited: Visited;
let isClosed: boolean;
let broken: PromiseWithResolvers<never>;
let follow: ShowPorts["follow"];
/** Sleeping ends when a test says so. */
let wake: () => void;
beforeEach(() => {
  world = new BoardWorld();
  isClosed = false;
  broken = Promise.withResolvers();
  wake = () => undefined;
  follow = () => Promise.resolve();
  world.sleep = (_, signal) =>
    new Promise((resolve, reject) => {
      const others = wake;
      wake = () => (others(), resolve());
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
});

async function open(wanted?: string) {
  const shown = Promise.withResolvers<string>();
  const ended = showBoard(
    { environment: wanted, port: 8100 },
    {
      ...world.ports(),
      follow: (...how) => follow(...how),
      serve: async (port, answer) => {
        visited = answer;
        return {
          broken: broken.promise,
          url: `http://127.0.0.1:${port}/key/`,
          close: async () => void (isClosed = true),
        };
      },
      draw: {
        page: (seen) => seen?.outcome ?? "nothing yet",
        board: ({ observedAt }) => observedAt,
        script: () => "script",
        line: ({ text }) => text,
      },
      show: async (url) => shown.resolve(url),
    },
  );
  expect(await Promise.race([shown.promise, ended])).toBe("http://127.0.0.1:8100/key/");
  return ended;
}

const ask = (path: string, words?: string): Asking => {
  const asking = new Asking();
  visited(asking.visit(path, words));
  return asking;
};
const press = (): void => world.interrupt.abort(new ThreadsError("INTERRUPTED", { message: "interrupted by SIGINT" }));
/** Whatever is ready to go on has gone on. */
const settled = () => new Promise(setImmediate);

describe("threads board", () => {
  test("asks nothing until a page is in sight, then again and again, and no more when it is not", async () => {
    const ended = open();
    await settled();
    expect(ask("").answered).toBe("html: nothing yet");
    expect(world.asked).toEqual([]);
    const page = ask("looks");
    await settled();
    expect(page.told.at(-1)).toEqual(["board", "2026-11-28T12:00:00.000Z"]);
    expect(ask("").answered).toBe("html: seen");
    world.now += 10_400;
    wake();
    await settled();
    expect(page.told.at(-1)).toEqual(["board", "2026-11-28T12:00:10.400Z"]);
    page.leave();
    world.takeAsked();
    wake();
    await settled();
    expect(world.asked).toEqual([]);
    // Whoever comes later sees at once what was seen last.
    const later = ask("looks");
    expect(later.told).toEqual([["board", "2026-11-28T12:00:10.400Z"]]);
    await settled();
    expect(world.asked).not.toEqual([]);
    press();
    expect(await ended).toEqual({ outcome: "closed", url: "http://127.0.0.1:8100/key/", next: [], advice: [] });
    expect(isClosed).toBe(true);
  });

  test("one look is for all pages", async () => {
    const ended = open();
    await settled();
    const pages = [ask("looks"), ask("looks")];
    await settled();
    expect(pages[0]?.told).toEqual(pages[1]?.told);
    expect(world.asked.filter((what) => what === "hosts of prod")).toHaveLength(1);
    press();
    await ended;
  });

  test("refuses before it listens what is no environment", async () => {
    await expect(open("nowhere")).rejects.toMatchObject({ code: "UNKNOWN_ENVIRONMENT" });
  });

  test("ends with a fault of threads itself, and closes", async () => {
    const ended = open();
    await settled();
    world.refused.set("hosts of prod", new TypeError("x is undefined"));
    ask("looks");
    await expect(ended).rejects.toThrow(TypeError);
    expect(isClosed).toBe(true);
  });

  test("ends with what went wrong in an answer, and closes", async () => {
    const ended = open();
    await settled();
    broken.reject(new TypeError("x is undefined"));
    await expect(ended).rejects.toThrow(TypeError);
    expect(isClosed).toBe(true);
  });

  test("hands on what containers say, and which of them are not heard, until nobody reads it", async () => {
    let reader: LogReader | undefined;
    follow = (environment, own) => {
      expect(environment).toBe("prod");
      reader = own;
      return new Promise((resolve) => own.closed.addEventListener("abort", () => resolve(), { once: true }));
    };
    const ended = open();
    await settled();
    const page = ask("log", "environment=prod");
    const line = { loggedAt: null, host: "prod-1", service: "web", container: "web-1" };
    reader?.show([
      { ...line, text: "one" },
      { ...line, text: "two" },
    ]);
    const silent = "prod-2 is not heard: offline";
    for (const says of [[], [silent], [silent], [silent, "prod-3: 5 lines are gone"], []]) reader?.missing(says);
    expect(page.told).toEqual([
      ["lines", "one\ntwo"],
      ["unread", silent],
      ["unread", `${silent}; prod-3: 5 lines are gone`],
      ["unread", ""],
    ]);
    page.leave();
    expect(reader?.closed.aborted).toBe(true);
    press();
    await ended;
  });

  test("tells why a log cannot be read, and goes on", async () => {
    follow = () => Promise.reject(denied("send commands"));
    const ended = open();
    await settled();
    const page = ask("log", "environment=prod");
    await settled();
    expect(page.told).toEqual([["unread", "AWS denies access to send commands"]]);
    for (const [path, words] of [
      ["log", "environment=dev"],
      ["log", "environment=constructor"],
      ["log", ""],
      ["x", ""],
    ])
      expect(ask(path ?? "", words).isRefused).toBe(true);
    press();
    await ended;
  });
});
