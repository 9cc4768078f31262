import { beforeEach, describe, expect, test } from "vitest";
import { readOutLog, type ReadOutWanted } from "../../../../src/lib/actions/logs/read-out-log.ts";
import type { LogLine } from "../../../../src/lib/fleet/log-line.ts";
import { type Track, trackOf } from "../../../../src/lib/actions/logs/track.ts";
import type { KeptLogs, KeptPart, KeptPiece } from "../../../../src/lib/fleet/member-logs.ts";

// The log of a deployment as its hosts have read it out, from a log group whose every look is decided here.

let [commands, pieces]: [KeptPart[], KeptPiece[]] = [[], []];
/** What each look asked for: since when. */
let looks: number[] = [];
let shown: string[] = [];
/** What happens between two looks. */
let meanwhile: (() => void)[] = [];
let tracks: Track[] = [];
beforeEach(() => {
  [commands, pieces, looks, shown, meanwhile] = [[], [], [], [], []];
  tracks = ["i-1", "i-2"].map((id) => trackOf({ id, name: `web-${id.at(-1)}`, online: true }, `web-${id.at(-1)}`));
});

const kept: KeptLogs = {
  name: "/g",
  parts: async (number) => (number === 4 ? commands : []),
  pieces: async (part, since) => {
    looks.push(since);
    return pieces.filter(({ id, at }) => id.startsWith(part) && at >= since);
  },
};
const show = (lines: readonly LogLine[]): void => void shown.push(...lines.map(({ host, text }) => `${host} ${text}`));
const read = (change: Partial<ReadOutWanted> = {}) => {
  const fixed = { number: 4, only: false, grep: undefined };
  const stop = new AbortController();
  const sleep = async (): Promise<void> => {
    const next = meanwhile.shift();
    if (next === undefined && looks.length > 50) stop.abort(new Error("it goes on for ever"));
    next?.();
  };
  const wanted = { ...fixed, follow: false, show: undefined, onLines: () => undefined, ...change };
  return readOutLog(tracks, wanted, { kept, clock: { sleep }, stop: stop.signal });
};
const command = (id: string, change: Partial<KeptPart> = {}): KeptPart => ({
  id,
  hosts: ["i-1", "i-2"],
  hasEnded: true,
  ...change,
});
const piece = (id: string, host: string, text: string, at = 1_000_000): KeptPiece => ({ id, host, text, at });
const texts = (lines: readonly LogLine[] | undefined): string[] =>
  (lines ?? []).map(({ host, text }) => `${host} ${text}`);

describe("is read", () => {
  test("host by host, over several commands, also of a host that nobody knows any more", async () => {
    commands = [command("a", { hosts: ["i-1", "i-2", "i-9"] }), command("b", { hosts: ["i-1"] })];
    pieces = [
      piece("a1", "i-1", "one\ntwo"),
      piece("a2", "i-9", "gone"),
      piece("a3", "i-2", "other\n"),
      piece("b1", "i-1", "back"),
    ];
    expect(texts(await read())).toEqual(["web-1 one", "web-1 two", "web-1 back", "i-9 gone", "web-2 other"]);
    expect(tracks.map(({ silence, wasRead }) => [silence, wasRead])).toEqual([
      [undefined, true],
      [undefined, true],
    ]);
  });

  test("of those hosts alone that are asked for, and of lines with that in them", async () => {
    commands = [command("a")];
    pieces = [piece("a1", "i-1", "one\ntwo\n\nthree"), piece("a2", "i-2", "one")];
    tracks = tracks.slice(0, 1);
    expect(texts(await read({ only: true, grep: "^t|^$" }))).toEqual(["web-1 two", "web-1 ", "web-1 three"]);
  });

  test("and searched as grep -E does", async () => {
    commands = [command("a")];
    pieces = [piece("a1", "i-1", "step 1\nsteps\nstep a")];
    expect(texts(await read({ grep: "step [[:digit:]]" }))).toEqual(["web-1 step 1"]);
    expect(texts(await read({ grep: String.raw`\<step\>` }))).toEqual(["web-1 step 1", "web-1 step a"]);
  });

  test("what a host that took part has not written is told as missing, and a host that took none is not", async () => {
    commands = [command("a", { hosts: ["i-2"], hasEnded: false })];
    pieces = [piece("a1", "i-9", "gone")];
    await read();
    expect(tracks.map(({ silence }) => silence)).toEqual([undefined, "/g has nothing of it yet"]);
  });

  test.each([
    ["no command has read it out", () => undefined],
    ["nothing was written", () => void (commands = [command("a")])],
  ])("elsewhere where %s", async (_, given) => {
    given();
    expect(await read()).toBeUndefined();
  });
});

test("followed, it is read elsewhere where nothing at all comes", async () => {
  commands = [command("a", { hasEnded: false })];
  expect(await read({ follow: true, show })).toBeUndefined();
  expect(looks.length).toBeLessThan(30);
});

test("followed, each line comes once and in time, until nobody writes any more and nothing comes late", async () => {
  commands = [command("a", { hasEnded: false })];
  pieces = [piece("a1", "i-1", "one")];
  meanwhile = [
    () => pieces.push(piece("a2", "i-1", "two", 1_030_000)),
    // Of another host, and older: agents write every half a minute.
    () => pieces.push(piece("a3", "i-2", "late", 1_001_000)),
    () => (commands = [command("a"), command("b", { hasEnded: false })]),
    () => pieces.push(piece("b1", "i-1", "back", 1_100_000)),
    () => (commands = [command("a"), command("b")]),
    () => pieces.push(piece("b2", "i-1", "the last words", 1_100_000)),
  ];
  expect(await read({ follow: true, show })).toEqual([]);
  expect(shown).toEqual(["web-1 one", "web-1 two", "web-2 late", "web-1 back", "web-1 the last words"]);
  // Not all of it anew each time.
  expect(looks.at(-1)).toBe(1_040_000);
});
