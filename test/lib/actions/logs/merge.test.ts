import * as fc from "fast-check";
import { expect, test } from "vitest";
import { mergeLines } from "../../../../src/lib/actions/logs/merge.ts";
import type { LogLine } from "../../../../src/lib/fleet/log-line.ts";

const at = (second: number): string => `2026-11-22T10:${String(second).padStart(3, "0")}:00.000000000Z`;
const line = (host: string, second: number, text = `${host} ${second}`): LogLine => ({
  loggedAt: at(second),
  host,
  service: "web",
  container: "app-web-1",
  text,
});
const texts = (lines: readonly LogLine[]): string[] => lines.map(({ text }) => text);

test("lines of two hosts come by time, as far as both have been heard", () => {
  const merge = mergeLines();
  merge.add("a", [line("a", 1), line("a", 5)], at(6));
  merge.add("b", [line("b", 2)], at(3));
  expect(texts(merge.release())).toEqual(["a 1", "b 2"]);
  merge.add("a", [line("a", 7)], at(9));
  merge.add("b", [line("b", 4)], at(8));
  expect(texts(merge.release())).toEqual(["b 4", "a 5", "a 7"]);
  expect(merge.flush()).toEqual([]);
});

test("what was said at one moment stays in the order in which it came", () => {
  const merge = mergeLines();
  merge.add("a", [line("a", 1, "first"), line("a", 1, "second")], at(2));
  merge.add("b", [line("b", 1, "third")], at(2));
  expect(texts(merge.release())).toEqual(["first", "second", "third"]);
});

test("no line waits longer than for one call, whatever a host's clock says", () => {
  const merge = mergeLines();
  merge.add("a", [line("a", 30)], at(31));
  merge.add("b", [], at(1));
  expect(merge.release()).toEqual([]);
  merge.add("a", [line("a", 32)], at(33));
  merge.add("b", [], at(3));
  expect(texts(merge.release())).toEqual(["a 30"]);
  expect(texts(merge.flush())).toEqual(["a 32"]);
});

test("a host that is not heard any more holds nobody up", () => {
  const merge = mergeLines();
  merge.add("a", [line("a", 5)], at(6));
  merge.add("b", [], at(1));
  merge.forget("b");
  expect(texts(merge.release())).toEqual(["a 5"]);
});

const timesOf = (lines: readonly LogLine[]): string[] => lines.map(({ loggedAt }) => loggedAt ?? "");

/** Rounds, in each of which each host has said some lines and is read up to some moment of its own. */
const rounds = fc.array(
  fc.array(fc.record({ lines: fc.array(fc.nat(3), { maxLength: 4 }), skew: fc.nat(4) }), {
    minLength: 3,
    maxLength: 3,
  }),
  { maxLength: 8 },
);

test("no line is lost, none comes twice, and those of a host keep their order", () => {
  fc.assert(
    fc.property(rounds, (said) => {
      const merge = mergeLines();
      const [given, got]: [string[], LogLine[]] = [[], []];
      const now = [0, 0, 0];
      for (const hosts of said) {
        for (const [index, { lines, skew }] of hosts.entries()) {
          const host = "abc"[index] ?? "";
          const own = lines.map((gap) => line(host, (now[index] = (now[index] ?? 0) + gap), `${host} ${given.length}`));
          own.forEach((one, place) => given.push(`${host} ${place} ${one.loggedAt}`));
          merge.add(host, own, at((now[index] ?? 0) + skew + 1));
        }
        const due = merge.release();
        expect(timesOf(due)).toEqual(timesOf(due).toSorted());
        got.push(...due);
      }
      got.push(...merge.flush());
      expect(got.length).toBe(given.length);
      for (const host of ["a", "b", "c"]) {
        const own = timesOf(got.filter((one) => one.host === host));
        expect(own).toEqual(own.toSorted());
      }
    }),
  );
});
