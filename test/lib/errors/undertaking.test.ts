import { expect, test } from "vitest";
import { outcomesOf, type SettledCode } from "../../../src/lib/errors/codes.ts";
import { ThreadsError } from "../../../src/lib/errors/threads-error.ts";
import { type Undertaking, undertake } from "../../../src/lib/errors/undertaking.ts";

const what: Undertaking = {
  parts: ["web", "nginx", "the bundle"],
  verdict: (stateOf) => `the bundle is ${stateOf("the bundle")}`,
  again: "threads publish",
};
const failure = (code: SettledCode): ThreadsError =>
  new ThreadsError(code, { message: "too fast", next: ["wait"], details: ["a fact"] });
const fail = (code: SettledCode) => () => Promise.reject(failure(code));
const caught = (run: Parameters<typeof undertake>[1]): Promise<unknown> =>
  undertake(what, run).catch((error: unknown) => error);

test("what succeeds is passed on", async () => {
  expect(await undertake(what, (write) => write("web", () => Promise.resolve(7)))).toBe(7);
});

test("a refusal before the first part stays one: nothing was changed", async () => {
  expect(await caught(fail("THROTTLED"))).toMatchObject({ exitCode: 3, message: "too fast", next: ["wait"] });
});

test.each(["THROTTLED", "OUTCOME_UNKNOWN"] as const)(
  "%s after that is unknown, and says how far it came",
  async (code) => {
    const error = await caught(async (write) => {
      await write("web", () => Promise.resolve());
      await write("nginx", fail(code));
    });
    expect(error).toMatchObject({
      exitCode: 7,
      code,
      message: "too fast; the bundle is open",
      details: ["done: web", "in doubt: nginx", "not done: the bundle", "a fact"],
      next: ["threads publish", "wait"],
      cause: expect.objectContaining({ outcome: outcomesOf(code)[0] }),
    });
  },
);

test("one that the service declined outright stays a refusal while nothing else was begun, and is not in doubt after that", async () => {
  const denied = (): Promise<never> =>
    Promise.reject(new ThreadsError("PUSH_DENIED", { message: "denied", next: ["log in"] }));
  expect(await caught((write) => write("web", denied))).toMatchObject({ exitCode: 3, message: "denied" });
  const later = await caught(async (write) => {
    await write("web", () => Promise.resolve());
    await write("nginx", denied);
  });
  expect(later).toMatchObject({ exitCode: 7, details: ["done: web", "not done: nginx, the bundle"] });
});

test("also where the failing step writes nothing itself", async () => {
  const error = await caught(async (write) => {
    await write("the bundle", () => Promise.resolve());
    await fail("THROTTLED")();
  });
  expect(error).toMatchObject({ exitCode: 7, message: "too fast; the bundle is done" });
});

test.each([
  ["TAG_CONFLICT", 4],
  ["CHECKS_FAILED", 5],
] as const)("%s stays what it is", async (code, exitCode) => {
  expect(await caught((write) => write("web", fail(code)))).toMatchObject({ exitCode, details: ["a fact"] });
});

test("an interruption keeps its name, and says how far it came and how to go on", async () => {
  const stop = (): Promise<never> =>
    Promise.reject(new ThreadsError("INTERRUPTED", { message: "interrupted by SIGINT" }));
  const error = await caught(async (write) => {
    await write("web", () => Promise.resolve());
    await write("nginx", stop);
  });
  expect(error).toMatchObject({
    code: "INTERRUPTED",
    exitCode: 130,
    message: "interrupted by SIGINT; the bundle is open",
    details: ["done: web", "in doubt: nginx", "not done: the bundle"],
    next: ["threads publish"],
  });
  expect(await caught(stop)).toMatchObject({ message: "interrupted by SIGINT", next: [] });
});

test("a bug is not explained away", async () => {
  const bug = new TypeError("undefined is not a function");
  expect(await caught((write) => write("web", () => Promise.reject(bug)))).toBe(bug);
});
