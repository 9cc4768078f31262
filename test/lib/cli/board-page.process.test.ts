import { chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { boardPage } from "../../../src/lib/cli/board-page.ts";
import { ThreadsError } from "../../../src/lib/errors/threads-error.ts";
import { silentProgress } from "../../../src/lib/progress/progress.ts";
import type { World } from "../../../src/lib/wire/world.ts";
import { BoardWorld } from "../actions/board/boards.ts";

let folder: string;
let board: BoardWorld;
const path = process.env["PATH"];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "threads-board-"));
  board = new BoardWorld();
  board.sleep = (_, signal) =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
});
afterEach(() => {
  process.env["PATH"] = path;
  rmSync(folder, { recursive: true });
});

/** On a machine with a screen, and a browser that writes down what it was started with. */
function open(isOpened: boolean) {
  const xdgOpen = join(folder, "xdg-open");
  writeFileSync(xdgOpen, `#!/bin/sh\necho "$@" >${folder}/argv.new && mv ${folder}/argv.new ${folder}/argv\n`);
  chmodSync(xdgOpen, 0o755);
  process.env["PATH"] = `${folder}:${path}`;
  const written = Promise.withResolvers<string>();
  const notes: string[] = [];
  const world = {
    config: () => Promise.resolve({ root: folder }),
    env: { DISPLAY: ":0", THREADS_RUNS: join(folder, "runs") },
    clock: { sleep: () => new Promise(() => undefined) },
    progress: { ...silentProgress, note: (text: string) => notes.push(text) },
  } as unknown as World;
  const ended = boardPage(
    {
      environment: undefined,
      port: undefined,
      isOpened,
      terminal: { live: true, out: { write: (text: string) => written.resolve(text.trim()) } as never },
      typed: (result) => JSON.parse(JSON.stringify(result).replaceAll("threads approve", "npx threads approve")),
    },
    board.ports(),
    world,
  );
  return { ended, url: Promise.race([written.promise, ended.then(({ url }) => url)]), notes };
}
const press = (): void => board.interrupt.abort(new ThreadsError("INTERRUPTED", { message: "interrupted by SIGINT" }));

test("its commands are those that this person can type, in the page and in each look", async () => {
  const { url, ended } = open(false);
  const stop = new AbortController();
  const { body } = await fetch(new URL("looks", await url), { signal: stop.signal });
  const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
  let seen = "";
  while (!seen.includes("threads approve aa -e prod</code>")) seen += (await reader.read()).value ?? "";
  expect(seen).toContain("<code>npx threads approve aa -e prod</code>");
  stop.abort();
  expect(await (await fetch(await url)).text()).toContain("<code>npx threads approve aa -e prod</code>");
  press();
  expect(await ended).toMatchObject({ outcome: "closed" });
});

test("a browser is started with a file of this user's own, and not with the key, which all users could read", async () => {
  const { url, ended } = open(true);
  const [, key = ""] = new URL(await url).pathname.split("/");
  await expect.poll(() => existsSync(join(folder, "argv"))).toBe(true);
  const argv = readFileSync(join(folder, "argv"), "utf8").trim();
  expect(argv).not.toContain(key);
  expect(readFileSync(fileURLToPath(argv), "utf8")).toContain(await url);
  press();
  await ended;
  expect(readdirSync(join(folder, "runs"))).toEqual([".gitignore"]);
});

test("where no file can be written says why no browser was started, and goes on", async () => {
  writeFileSync(join(folder, "runs"), "");
  const { url, ended, notes } = open(true);
  await url;
  await expect.poll(() => notes.at(-1)).toMatch(/^no browser was started: EEXIST.*; open the address$/);
  press();
  expect(await ended).toMatchObject({ outcome: "closed" });
});
