import { execFile } from "node:child_process";
import { EventEmitter } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { systemClock } from "../../../src/lib/clock/clock.ts";
import { until } from "../../../src/lib/clock/until.ts";
import { environmentOf, outranking } from "../../../src/lib/sandbox/environment.ts";
import { runInForeground } from "../../../src/lib/sandbox/foreground.ts";
import { stateOf, temporaryRoot } from "./world.ts";

const environment = environmentOf(stateOf(), "threads");
const base = { PATH: process.env["PATH"], AWS_PROFILE: "production", AWS_ENDPOINT_URL_ECR: "https://real" };
const noSignals = new EventEmitter() as unknown as NodeJS.Process;
const run = (script: string, more: Partial<Parameters<typeof runInForeground>[0]> = {}): Promise<number> =>
  runInForeground({
    command: ["sh", "-c", script],
    environment,
    base,
    signals: noSignals,
    terminal: false,
    stdout: "stdout",
    ...more,
  });

describe("exec", () => {
  test("passes the exit code on, and a signal as a shell has it", async () => {
    expect(await run("exit 0")).toBe(0);
    expect(await run("exit 42")).toBe(42);
    expect(await run("kill -TERM $$")).toBe(143);
  });

  test("gives the sandbox's variables and removes those that outrank them", async () => {
    const file = join(temporaryRoot(onTestFinished), "env");
    expect(await run(`env >${file}`)).toBe(0);
    const text = readFileSync(file, "utf8");
    expect(text).toContain("AWS_ENDPOINT_URL=http://127.0.0.1:20000\n");
    expect(text).toContain("ECR_REPO=127.0.0.1:20000/threads/\n");
    for (const name of outranking) expect(text).not.toContain(`${name}=`);
  });

  test.each([
    ["stdout", { stdout: "said\n", stderr: "" }],
    ["stderr", { stdout: "", stderr: "said\n" }],
  ] as const)("lets the command speak on our %s", async (stdout, heard) => {
    const module = new URL("../../../src/lib/sandbox/foreground.ts", import.meta.url).href;
    const facts = { command: ["echo", "said"], environment, base, terminal: false, stdout };
    const script = `import { runInForeground } from ${JSON.stringify(module)};
      await runInForeground({ ...${JSON.stringify(facts)}, signals: process });`;
    // Of a process of its own: what is inherited cannot be caught in this one.
    expect(await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script])).toEqual(heard);
  });

  test("says which command it cannot find", async () => {
    await expect(run("", { command: ["no-such-program-here"] })).rejects.toMatchObject({
      code: "COMMAND_NOT_STARTED",
      exitCode: 2,
    });
  });

  test.each([
    ["SIGTERM", true, 7],
    ["SIGINT", false, 8],
  ] as const)("passes %s on (terminal: %s)", async (name, terminal, code) => {
    const signals = new EventEmitter();
    const ready = join(temporaryRoot(onTestFinished), "ready");
    const script = `trap 'exit 7' TERM; trap 'exit 8' INT; touch ${ready}; while :; do sleep 0.02; done`;
    const ended = run(script, { signals: signals as unknown as NodeJS.Process, terminal });
    await until(async () => (existsSync(ready) ? true : undefined), {
      clock: systemClock,
      timeoutMs: 60_000,
      pauseMs: 5,
    });
    signals.emit(name, name);
    expect(await ended).toBe(code);
    expect(signals.listenerCount(name)).toBe(0);
  });

  test("leaves Ctrl-C to the terminal, which tells the command itself", async () => {
    const signals = new EventEmitter();
    const folder = temporaryRoot(onTestFinished);
    const script = `trap 'exit 8' INT; touch ${folder}/ready; until [ -e ${folder}/go ]; do sleep 0.02; done; exit 0`;
    const ended = run(script, { signals: signals as unknown as NodeJS.Process, terminal: true });
    await until(async () => (existsSync(join(folder, "ready")) ? true : undefined), {
      clock: systemClock,
      timeoutMs: 60_000,
      pauseMs: 5,
    });
    signals.emit("SIGINT", "SIGINT");
    await run(`touch ${folder}/go`);
    expect(await ended).toBe(0);
  });
});
