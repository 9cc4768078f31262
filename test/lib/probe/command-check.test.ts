import { describe, expect, it } from "vitest";
import type { CommandCheck } from "../../../src/lib/config/config.ts";
import type { RunIn } from "../../../src/lib/probe/check.ts";
import { judgeCommand } from "../../../src/lib/probe/command-check.ts";
import { runChecks } from "../../../src/lib/probe/checks.ts";
import { aCheck } from "../../fakes/config.ts";
import { hurriedClock } from "../../fakes/hurried-clock.ts";

const check = (more: object = {}): CommandCheck =>
  aCheck({ service: "celery", command: ["celery", "inspect", "ping"], ...more }) as CommandCheck;

const run = (one: CommandCheck, exec: RunIn) => {
  const never = (): never => {
    throw new Error("no request was expected");
  };
  const ports = { get: never, exec, clock: hurriedClock(), signal: new AbortController().signal };
  return runChecks({ base: "http://h", checks: [one], revision: "r", timeoutMs: 60_000 }, ports);
};

it.each<[number, string, object, boolean, string]>([
  [0, "starting\n  -> worker: OK pong \n\n", {}, true, "-> worker: OK pong"],
  [0, "", {}, true, "as expected"],
  [1, "Error: no nodes replied\n", {}, false, "exit code 1: Error: no nodes replied"],
  [137, "", {}, false, "exit code 137"],
  [0, "all quiet", { contains: "pong" }, false, 'its output does not contain "pong": all quiet'],
  [0, "pong\n1 node online.", { contains: "pong" }, true, "1 node online."],
])("exit code %i and %j with %j: %s", (exitCode, output, more, ok, detail) => {
  expect(judgeCommand(check(more), exitCode, output)).toEqual({ status: exitCode, ok, detail });
});

describe("a command in a service", () => {
  it("runs there, and is named by both", async () => {
    const asked: unknown[] = [];
    const exec: RunIn = (service, command) => {
      asked.push([service, command]);
      return Promise.resolve({ exitCode: 0, output: "pong" });
    };
    expect(await run(check(), exec)).toMatchObject([{ path: "celery: celery inspect ping", ok: true, status: 0 }]);
    await run(check({ command: "celery inspect ping | grep -q pong" }), exec);
    expect(asked).toEqual([
      ["celery", ["celery", "inspect", "ping"]],
      ["celery", ["sh", "-c", "celery inspect ping | grep -q pong"]],
    ]);
  });

  it("is tried again for as long as the check says, and then tells what it saw last", async () => {
    let tries = 0;
    const third: RunIn = () => Promise.resolve({ exitCode: (tries += 1) < 3 ? 1 : 0, output: `try ${tries}` });
    expect(await run(check({ within: 30 }), third)).toMatchObject([{ ok: true, detail: "try 3" }]);
    tries = 0;
    expect(await run(check(), third)).toMatchObject([{ ok: false, detail: "exit code 1: try 1" }]);
    tries = -1000;
    expect(await run(check({ within: 2 }), third)).toMatchObject([{ ok: false }]);
    expect(tries).toBe(-995);
  });

  it("that does not end is a check that failed", async () => {
    const hangs: RunIn = () => Promise.reject(new Error("took too long (60 s)"));
    expect(await run(check(), hangs)).toMatchObject([
      { ok: false, status: -1, detail: "did not end: took too long (60 s)" },
    ]);
  });
});
