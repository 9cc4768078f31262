import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { measureMemory, memoryIn, parseMemory } from "../../../src/lib/docker/memory.ts";

test("memory is read from docker's words", () => {
  const text = "a\t3.512MiB / 23.54GiB\nb\t512B / 1GiB\nc\t1.5GiB / 2GiB\nd\t-- / --\n";
  expect([...parseMemory(text)]).toEqual([
    ["a", 3_682_599],
    ["b", 512],
    ["c", 1_610_612_736],
  ]);
});

describe("memory from the engine itself", () => {
  const body = (stats: object): string => JSON.stringify({ memory_stats: { usage: 100, stats } });

  test("is reckoned as docker stats does, on both cgroup versions", () => {
    expect(memoryIn(body({ total_inactive_file: 30, inactive_file: 10 }))).toBe(70);
    expect(memoryIn(body({ inactive_file: 10 }))).toBe(90);
    expect(memoryIn(body({}))).toBe(100);
    expect(memoryIn("{}")).toBeUndefined();
  });

  test("comes over the socket; a container that has just gone is left out", async () => {
    const folder = mkdtempSync(join(tmpdir(), "threads-memory-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const socket = join(folder, "s");
    const server = createServer((request, response) => {
      response.statusCode = request.url?.startsWith("/containers/a/") === true ? 200 : 404;
      response.end(body({}));
    });
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    onTestFinished(() => void server.close());
    const never = { run: () => Promise.reject(new Error("no process is needed")) };
    expect([...(await measureMemory({ names: ["a", "b"], socket }, never))]).toEqual([["a", 100]]);
  });
});
