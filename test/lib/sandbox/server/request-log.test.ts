import { describe, expect, it } from "vitest";
import { createRequestLog } from "../../../../src/lib/sandbox/server/request-log.ts";

const entry = { at: "", method: "GET", path: "/", status: 200, bytesIn: 1, bytesOut: 1, milliseconds: 0 };

describe("the request log", () => {
  it("is a ring that gives what came since, and one JSON line for each", () => {
    const lines: string[] = [];
    const log = createRequestLog({ size: 3, sink: (line) => lines.push(line) });
    for (let count = 0; count < 10; count += 1) log.add(entry);
    expect(log.since(0).map(({ number }) => number)).toEqual([8, 9, 10]);
    expect(log.since(9).map(({ number }) => number)).toEqual([10]);
    expect(log.last).toBe(10);
    expect(lines).toHaveLength(10);
    expect(JSON.parse(lines[9] ?? "")).toEqual({ number: 10, ...entry });
  });
});
