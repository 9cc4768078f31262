import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { commandOf, planTest, sameAgain, suitesOf, testArgs } from "../../../../src/lib/actions/test/plan.ts";
import { test as runTests, type TestPorts } from "../../../../src/lib/actions/test/run.ts";
import { plainPaint } from "../../../../src/lib/output/paint.ts";
import { renderTest } from "../../../../src/lib/output/render/test.ts";
import { aConfig } from "../../../fakes/config.ts";

const config = { root: "/r", test: { compose: ["/r/backend/test.yml"], service: "web-test", timeoutMs: 1 } };

describe("planTest", () => {
  it("tests a changed tree as what it is", () => {
    expect(planTest(config, { revision: "abc", tree: "t", dirty: ["x"] }, { args: ["-k", "a"] })).toEqual({
      service: "web-test",
      compose: ["backend/test.yml"],
      revision: "abc-dirty",
      dirty: true,
      tree: "t",
      args: ["-k", "a"],
      reports: null,
      since: null,
    });
  });
});

describe("suitesOf", () => {
  it("refuses kindly where threads.yml names none, with what does work", () => {
    expect(() => suitesOf(aConfig({ test: undefined }))).toThrow(
      expect.objectContaining({ code: "NO_SUITES", exitCode: 2, next: ["threads smoke"] }),
    );
  });
});

describe("the command in the service", () => {
  const { test } = config;
  it("is its own where threads.yml gives none", () => {
    expect(commandOf(test, ["-q"])).toEqual([]);
  });
  it("has the arguments behind it, as they are", () => {
    const args = ["-k", "it's $HOME"];
    const list = commandOf({ ...test, command: ["printf", "[%s]"] }, args);
    expect(list).toEqual(["printf", "[%s]", ...args]);
    const [file = "", ...words] = commandOf({ ...test, command: "true && printf '[%s]'" }, args);
    expect(execFileSync(file, words, { encoding: "utf8" })).toBe("[-k][it's $HOME]");
  });
});

describe("arguments for the suites", () => {
  it.each([
    [[], "", "threads test"],
    [["-q"], "-q", "threads test -- -q"],
    [["-k", "a or b"], "-k 'a or b'", "threads test -- -k 'a or b'"],
    [["it's"], "'it'\\''s'", "threads test -- 'it'\\''s'"],
  ])("%j", (args, text, command) => {
    expect(testArgs(args)).toBe(text);
    expect(sameAgain({ args, reports: null })).toBe(command);
  });
});

it("the same again goes to the same folder", () => {
  expect(sameAgain({ args: ["-x"], reports: "/tmp/two words" })).toBe("threads test --reports '/tmp/two words' -- -x");
});

it("reports that threads.yml does not speak of are refused before anything runs", async () => {
  const ports = { config: { app: "a", ...config } } as unknown as TestPorts;
  await expect(runTests({ args: [], reports: "/tmp/out", dryRun: true }, ports)).rejects.toMatchObject({
    code: "NO_REPORTS",
    exitCode: 2,
    next: ["threads test"],
  });
});

it("renderTest", () => {
  const result = {
    outcome: "passed" as const,
    ...planTest(config, { revision: "abc", tree: "t", dirty: [] }, { args: [] }),
    tests: { run: 57, skipped: 2 },
    durations: { buildMs: 2_700, suitesMs: 26_000, downMs: 600 },
    leftovers: ["volume x"],
    next: ["threads smoke"],
    advice: [],
  };
  expect(renderTest(result, plainPaint)).toEqual([
    "✔ The suites in web-test passed  build 2.7 s · suites 26 s · down 0.6 s",
    "  abc  57 tests, 2 skipped",
    "  next: threads smoke",
    "  still there: volume x",
  ]);
});

it("a dry run tells what would be run with which arguments, and runs nothing", async () => {
  const facts = { revision: "abc", tree: "t", dirty: [] };
  // Whatever is done needs one of the other ports.
  const ports = { config: { app: "a", ...config }, source: { head: () => Promise.resolve(facts) } };
  const result = await runTests({ args: ["-k", "a b"], dryRun: true }, ports as unknown as TestPorts);
  expect(result).toMatchObject({ outcome: "planned", revision: "abc", next: ["threads test -- -k 'a b'"] });
  expect(renderTest(result, plainPaint)).toEqual([
    "Would test abc",
    "  1. build what web-test needs from backend/test.yml, and start it under a random name",
    "  2. run the suites in web-test, with -k 'a b'",
    "  3. take everything down",
    "next: threads test -- -k 'a b'",
  ]);
});
