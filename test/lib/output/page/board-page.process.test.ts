import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LogReader } from "../../../../src/lib/actions/board/ports.ts";
import { showBoard } from "../../../../src/lib/actions/board/show.ts";
import { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import { drawBoard } from "../../../../src/lib/output/page/board-page.ts";
import { openLocalServer, type Visit } from "../../../../src/lib/process/local-server.ts";
import { anEvent, aStatus, BoardWorld, denied } from "../../actions/board/boards.ts";
import { type Browser, startBrowser, type Tab } from "./browser.ts";

// The page as it is served, in a real browser: one, and one page of it, for all that follows in order.

const world = new BoardWorld();
/** Looks again when a test says so. */
let wake: () => void = () => undefined;
world.sleep = (_, signal) =>
  new Promise((resolve, reject) => {
    const others = wake;
    wake = () => (others(), resolve());
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
const readers: LogReader[] = [];
/** All that the page has asked, of which streams are there until it closes them. */
const visits: Visit[] = [];
let browser: Browser;
let tab: Tab;
let ended: Promise<unknown>;

beforeAll(async () => {
  const shown = Promise.withResolvers<string>();
  ended = showBoard(
    { environment: undefined, port: undefined },
    {
      ...world.ports(),
      serve: (port, visited) =>
        openLocalServer(port, (visit) => {
          visits.push(visit);
          visited(visit);
        }),
      draw: drawBoard("threads"),
      show: async (url) => shown.resolve(url),
      follow: (_, reader) => {
        readers.push(reader);
        return new Promise((resolve) => reader.closed.addEventListener("abort", () => resolve(), { once: true }));
      },
    },
  );
  browser = await startBrowser();
  tab = await browser.open(await shown.promise);
}, 100_000);
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  world.interrupt.abort(new ThreadsError("INTERRUPTED", { message: "interrupted by SIGINT" }));
  await ended;
});

const text = (selector: string): Promise<string> =>
  tab.value(`document.querySelector(${JSON.stringify(selector)})?.textContent.replace(/\\s+/g, " ").trim() ?? ""`);
const shows = (selector: string, wanted: string) =>
  expect.poll(() => text(selector), { timeout: 30_000 }).toContain(wanted);
const looks = (): number => world.asked.filter((what) => what === "hosts of prod").length;

test("follows what happens, and leaves focus, what was opened and what was scrolled where they are", async () => {
  await tab.show({ width: 1100, scheme: "light" });
  await shows("#prod h2", "prod as deployed");
  // By the keyboard: first past everything to the environments, then on to one of them.
  await tab.press("Tab");
  expect(await text(":focus")).toBe("To the environments");
  await tab.press("Tab");
  await tab.press("Tab");
  expect(await text(":focus")).toBe("prod");
  await tab.value(`document.querySelector("[data-log=staging]").open = true`);
  world.statuses.set("staging", {
    freeze: { reason: "friday", by: anEvent().by, frozenAt: "2026-11-28T11:00:00Z", lift: "" },
  });
  world.statuses.set("prod", { outcome: "not-as-deployed", problems: ["prod-1: web is unhealthy"] });
  wake();
  await shows("#prod h2", "prod not as deployed");
  await shows("#staging .notes", "Frozen");
  // Whoever cannot see it is told by the live region.
  expect(await text("#news")).toBe("staging: as deployed. prod: not as deployed.");
  expect(await text(":focus")).toBe("prod");
  expect(await tab.value(`document.querySelector("[data-log=staging]").open`)).toBe(true);
});

test("reads the log that is open, keeps what was read over looks, and no other one", async () => {
  await expect.poll(() => readers.length).toBe(1);
  const line = { loggedAt: "2026-11-28T12:00:00.123456789Z", host: "staging-1", service: "web", container: "web-1" };
  readers[0]?.show([{ ...line, text: "<b>hello</b>" }]);
  await shows("[data-log=staging] pre", "12:00:00.123Z staging-1 web | <b>hello</b>");
  world.statuses.delete("prod");
  wake();
  await shows("#prod h2", "prod as deployed");
  expect(await text("[data-log=staging] pre")).toContain("hello");
  readers[0]?.missing(["staging-2 is not heard"]);
  await shows("[data-log=staging] .heard", "Not all of it could be read: staging-2 is not heard");
  // Until that one is heard, whatever the other says.
  readers[0]?.show([{ ...line, text: "still here" }]);
  await shows("[data-log=staging] pre", "still here");
  expect(await text("[data-log=staging] .heard")).toContain("staging-2 is not heard");
  readers[0]?.missing([]);
  await expect.poll(() => text("[data-log=staging] .heard")).toBe("");
  await tab.value(`document.querySelector("[data-log=prod] summary").click()`);
  await expect.poll(() => [readers.length, readers[0]?.closed.aborted]).toEqual([2, true]);
  expect(await tab.value(`document.querySelector("[data-log=staging]").open`)).toBe(false);
});

test("asks nothing while it is out of sight", async () => {
  await tab.hide(true);
  await shows("#link", "Not looking while this page is out of sight.");
  await expect.poll(() => visits.filter(({ gone }) => !gone.aborted).map(({ path }) => path)).toEqual([]);
  const before = looks();
  wake();
  await new Promise(setImmediate);
  expect(looks()).toBe(before);
  await tab.hide(false);
  await shows("#link", "Live.");
  // The one that was woken, once somebody looks again.
  await expect.poll(looks).toBe(before + 1);
});

const papers = { light: "rgb(251, 250, 248)", dark: "rgb(22, 21, 20)" };
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

test.each([
  ["light", 1100],
  ["light", 390],
  ["dark", 1100],
  ["dark", 390],
] as const)(
  "%s, %i wide: nothing for axe-core to mind, nothing beyond the edge, with all there can be on it",
  async (scheme, width) => {
    const { hosts } = aStatus("prod", "bb");
    const services = hosts[0]!.services.map((one) => ({
      ...one,
      verdict: "drift" as const,
      says: "runs another digest",
    }));
    const more = Array.from({ length: 5 }, (_, n) => ({
      ...hosts[0]!,
      id: `i-${n}`,
      name: `prod-${n}`,
      verdict: "wrong" as const,
      services,
    }));
    world.statuses.set("prod", {
      outcome: "not-as-deployed",
      hosts: more,
      problems: ["prod-1: web drifts"],
      next: ["threads status -e prod"],
    });
    world.refused.set("hosts of staging", denied("hosts of staging"));
    wake();
    await shows("#staging", "could not be read");
    await shows("#prod", "runs another digest");
    await tab.show({ width, scheme });
    // No script of another's runs in the page but through the developer tools.
    await tab.value(`${axe}; undefined`);
    const seen = await tab.value(`axe.run().then(({ violations, passes }) => ({
    violations: violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => id + ": " + target.join(" "))),
    isLooked: passes.length > 15,
    overflows: document.documentElement.scrollWidth > innerWidth,
    paper: getComputedStyle(document.body).backgroundColor,
  }))`);
    expect(seen).toEqual({ violations: [], isLooked: true, overflows: false, paper: papers[scheme] });
  },
);

test("has fetched nothing but from its own server", async () => {
  const fetched = await tab.value<string[]>(
    `performance.getEntriesByType("resource").map(({ name }) => new URL(name).origin)`,
  );
  const origin = await tab.value<string>("location.origin");
  expect(new Set(fetched)).toEqual(new Set([origin]));
});

test("says when what it shows is as it was, because threads has ended, of the log too", async () => {
  await tab.value(`document.querySelector("[data-log=prod]").open = true`);
  await expect.poll(() => visits.some(({ path, gone }) => path === "log" && !gone.aborted)).toBe(true);
  await shows("[data-log=prod] .heard", "Reading");
  world.interrupt.abort(new ThreadsError("INTERRUPTED", { message: "interrupted by SIGINT" }));
  await ended;
  await shows("#link.lost", "threads board has ended");
  await shows("[data-log=prod] .heard.unread", "it is no longer followed; close and open it to read it again");
  expect(await text("#prod h2")).toContain("prod");
});
