import { describe, expect, test } from "vitest";
import { judgeSummary } from "../../../src/lib/hosts/judge-summary.ts";
import { hostCodes } from "../../../src/lib/script/host-codes.ts";
import { parseSummary } from "../../../src/lib/script/summary.ts";

describe("a summary", () => {
  const line = { threads: 1, action: "deploy", number: 3, nonce: "n", ok: true };
  const expectation = { release: undefined, services: [], absent: [] };
  const parsed = (change: object) => parseSummary(JSON.stringify({ ...line, ...change }));

  test.each([undefined, null, "", "newer", 1, true])("with `now` %j knows nothing", (now) => {
    const summary = parsed({ now })!;
    expect(summary.now).toBe("unknown");
    const judged = judgeSummary(summary, { action: "deploy", expectation, tail: [] });
    expect(judged).toMatchObject({ end: "failed", state: "unknown" });
  });

  test("without containers and services has none of them, which is not the same as an empty list", () => {
    for (const change of [{}, { containers: null, services: null }])
      expect(parsed(change)).toMatchObject({ containers: undefined, services: undefined, warnings: [] });
    expect(parsed({ containers: [], services: ["web"], warnings: ["w"] })).toMatchObject({
      containers: [],
      services: ["web"],
      warnings: ["w"],
    });
  });

  test("tells what the edge has counted, whatever the end; nothing where it tells nothing", () => {
    const traffic = { requests: 12, failed: 1 };
    for (const ok of [true, false]) {
      const judge = (change: object) =>
        judgeSummary(parsed({ ok, now: "new", containers: [], ...change })!, {
          action: "deploy",
          expectation,
          tail: [],
        });
      expect(judge({ traffic }).traffic).toEqual(traffic);
      expect("traffic" in judge({ traffic: null })).toBe(false);
      expect(judge({ tasks: { finished: 2, lost: 0 } }).tasks).toEqual({ finished: 2, lost: 0 });
      expect("tasks" in judge({ tasks: null })).toBe(false);
      // Entered twice.
      const timings = [
        ["restore", 5],
        ["preflight", 90],
        ["restore", 2],
      ];
      expect(judge({ timings }).timings).toEqual({ restore: 7, preflight: 90 });
    }
  });

  test("gives away what the answer to the health path does", () => {
    const message = "not healthy within 20 s: /healthz does not answer as abc (status 400)";
    const judged = judgeSummary(parsed({ ok: false, code: 15, now: "old", message })!, {
      action: "deploy",
      expectation,
      tail: [],
    });
    expect(judged.advice).toEqual([expect.stringContaining("runtime.host")]);
  });

  test.each(Object.values(hostCodes))("of code $exit is judged by what it serves", ({ exit: code, says }) => {
    for (const now of ["new", "old", "unknown"] as const) {
      const judged = judgeSummary(parsed({ ok: false, code, now })!, { action: "restore", expectation, tail: ["log"] });
      expect(judged).toMatchObject({ end: code === 11 ? "superseded" : "failed", state: now, code, tail: ["log"] });
      expect(judged.says).toMatch(new RegExp(`^${says}: `));
    }
  });
});
