import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../../src/lib/clock/clock.ts";
import { until } from "../../../src/lib/clock/until.ts";
import { groupedProcesses, failureReason, systemProcesses } from "../../../src/lib/process/execa.ts";
import { CommandFailed, type CommandLine } from "../../../src/lib/process/processes.ts";

const sh = (script: string): CommandLine => ({ file: "sh", args: ["-c", script] });
const node = (script: string): CommandLine => ({ file: process.execPath, args: ["-e", script] });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "threads-process-"));
});
afterAll(() => rm(folder, { recursive: true }));

const exists = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
const gone = (pid: number): Promise<true | undefined> =>
  until(async () => (exists(pid) ? undefined : true), { clock: systemClock, timeoutMs: 60_000, pauseMs: 10 });
const pidIn = (file: string): Promise<number | undefined> =>
  until(async () => Number(await readFile(file, "utf8").catch(() => "")) || undefined, {
    clock: systemClock,
    timeoutMs: 60_000,
    pauseMs: 10,
  });

describe("a program that ends by itself", () => {
  it("gives its output without the last newline", async () => {
    expect(await systemProcesses.run(sh("echo one; echo two; echo three >&2"))).toEqual({
      exitCode: 0,
      stdout: "one\ntwo",
      stderr: "three",
    });
  });

  it("rejects with the exit code and the tail of stderr", async () => {
    const failure = await systemProcesses.run(sh("seq 30 >&2; exit 7")).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CommandFailed);
    const failed = failure as CommandFailed;
    expect(failed.exitCode).toBe(7);
    expect(failed.tail).toHaveLength(20);
    expect(failed.tail.at(-1)).toBe("30");
    expect(failed.message).toBe("sh -c 'seq 30 >&2; exit 7': exited with 7");
  });

  it("shows stdout where stderr is empty", async () => {
    await expect(systemProcesses.run(sh("echo only; exit 1"))).rejects.toMatchObject({ tail: ["only"] });
  });

  it("returns a non-zero exit when that is allowed", async () => {
    expect(await systemProcesses.run(sh("exit 3"), { allowFailure: true })).toMatchObject({ exitCode: 3 });
  });

  it("says when the program is missing, even with a line reader and allowFailure", async () => {
    const missing = { file: "no-such-program-here", args: ["x"] };
    const run = systemProcesses.run(missing, { onLine: () => undefined, allowFailure: true });
    await expect(run).rejects.toMatchObject({
      message: "no-such-program-here x: is not installed, or not on the PATH",
      exitCode: undefined,
    });
  });

  it("names the signal that ended it", async () => {
    await expect(systemProcesses.run(sh("kill -KILL $$"))).rejects.toThrow("was ended by SIGKILL");
  });
});

describe("lines", () => {
  it("arrive in order, a partial last one included, each with its stream", async () => {
    const lines: string[] = [];
    await systemProcesses.run(sh("printf 'a\\nb'; printf 'c\\n\\nd' >&2"), {
      onLine: (line, stream) => lines.push(`${stream}:${line}`),
    });
    expect(lines.filter((line) => line.startsWith("stdout"))).toEqual(["stdout:a", "stdout:b"]);
    expect(lines.filter((line) => line.startsWith("stderr"))).toEqual(["stderr:c", "stderr:", "stderr:d"]);
  });

  it("arrive while the program still runs", async () => {
    const stop = new AbortController();
    const first = Promise.withResolvers<string>();
    const run = systemProcesses.run(sh("echo ready; sleep 60"), { onLine: first.resolve, signal: stop.signal });
    expect(await first.promise).toBe("ready");
    stop.abort(new Error("enough"));
    await expect(run).rejects.toThrow("enough");
  });

  it("are passed on before a failure is reported", async () => {
    const lines: string[] = [];
    await expect(systemProcesses.run(sh("echo a; echo b; exit 1"), { onLine: (l) => lines.push(l) })).rejects.toThrow(
      "exited with 1",
    );
    expect(lines).toEqual(["a", "b"]);
  });

  it("keep characters whole that were written in two halves", async () => {
    const lines: string[] = [];
    const halves =
      "const b=Buffer.from('é');process.stdout.write(b.subarray(0,1));setTimeout(()=>process.stdout.write(b.subarray(1)),50)";
    await systemProcesses.run(node(halves), { onLine: (line) => lines.push(line) });
    expect(lines).toEqual(["é"]);
  });
});

describe("input and output", () => {
  it("passes input on stdin and closes it", async () => {
    expect(await systemProcesses.run({ file: "cat", args: [] }, { input: "secret\n" })).toMatchObject({
      stdout: "secret",
    });
  });

  it("gives an empty stdin otherwise, so nothing waits for a person", async () => {
    expect(await systemProcesses.run({ file: "cat", args: [] }, { timeoutMs: 60_000 })).toMatchObject({ stdout: "" });
  });

  it("takes megabytes on both streams", async () => {
    const write = "process.stdout.write('x'.repeat(8e6));process.stderr.write('y'.repeat(8e6))";
    const { stdout, stderr } = await systemProcesses.run(node(write));
    expect([stdout.length, stderr.length]).toEqual([8e6, 8e6]);
  });

  it("counts every one of very many lines", async () => {
    let count = 0;
    await systemProcesses.run({ file: "seq", args: ["200000"] }, { onLine: () => count++ });
    expect(count).toBe(200_000);
  });

  it("runs in the folder it is told", async () => {
    expect((await systemProcesses.run(sh("pwd -P"), { cwd: "/" })).stdout).toBe("/");
  });
});

describe("environment", () => {
  it("is the CLI's own, with additions; undefined removes a variable", async () => {
    process.env["THREADS_TEST_KEPT"] = "kept";
    process.env["THREADS_TEST_REMOVED"] = "there";
    const { stdout } = await systemProcesses.run(
      sh('echo "$THREADS_TEST_KEPT|${THREADS_TEST_REMOVED-none}|$THREADS_TEST_NEW"'),
      { env: { THREADS_TEST_REMOVED: undefined, THREADS_TEST_NEW: "new" } },
    );
    expect(stdout).toBe("kept|none|new");
    delete process.env["THREADS_TEST_KEPT"];
    delete process.env["THREADS_TEST_REMOVED"];
  });
});

describe("stopping", () => {
  it("does not start at all when already aborted", async () => {
    const marker = join(folder, "never");
    const run = systemProcesses.run(sh(`touch ${marker}`), { signal: AbortSignal.abort(new Error("before")) });
    await expect(run).rejects.toThrow("before");
    await expect(readFile(marker)).rejects.toThrow("ENOENT");
  });

  it("puts the program at the head of a group of its own, out of reach of Ctrl-C", async () => {
    const { stdout } = await systemProcesses.run(sh("echo $$ $(ps -o pgid= -p $$)"));
    const [pid, group] = stdout.split(/\s+/);
    expect(group).toBe(pid);
  });

  it("ends the whole group on abort, and rejects with the reason once all are gone", async () => {
    const [parent, child] = [join(folder, "abort-parent"), join(folder, "abort-child")];
    const stop = new AbortController();
    const run = systemProcesses.run(sh(`echo $$ > ${parent}; (echo $$; sleep 60) & echo $! > ${child}; wait`), {
      signal: stop.signal,
    });
    const pids = await Promise.all([pidIn(parent), pidIn(child)]);
    const reason = new Error("interrupted");
    stop.abort(reason);
    await expect(run).rejects.toBe(reason);
    for (const pid of pids) expect(await gone(pid ?? 0)).toBe(true);
  });

  it("kills a group that ignores TERM after the grace", async () => {
    const file = join(folder, "deaf");
    const stop = new AbortController();
    const run = groupedProcesses({ killAfterMs: 50 }).run(
      sh(`trap '' TERM; echo $$ > ${file}; sleep 60 & wait; wait`),
      {
        signal: stop.signal,
      },
    );
    const pid = await pidIn(file);
    stop.abort(new Error("now"));
    await expect(run).rejects.toThrow("now");
    expect(await gone(pid ?? 0)).toBe(true);
  });

  it("does the same when the time is up, also where failure is allowed", async () => {
    const file = join(folder, "slow");
    const run = systemProcesses.run(sh(`(sleep 60) & echo $! > ${file}; wait`), { timeoutMs: 300, allowFailure: true });
    await expect(run).rejects.toThrow("took too long and was ended");
    expect(await gone((await pidIn(file)) ?? 0)).toBe(true);
  });

  it("leaves nothing that keeps the CLI alive or that fires later", async () => {
    const stop = new AbortController();
    await systemProcesses.run(sh("true"), { signal: stop.signal, timeoutMs: 60_000 });
    expect(() => stop.abort()).not.toThrow();
  });
});

describe("failureReason", () => {
  it.each([
    [{ timedOut: false, code: "ENOENT" }, "is not installed, or not on the PATH"],
    [{ timedOut: true, signal: "SIGTERM" }, "took too long and was ended"],
    [{ timedOut: false, signal: "SIGKILL" }, "was ended by SIGKILL"],
    [{ timedOut: false, code: "EACCES" }, "could not be started (EACCES)"],
    [{ timedOut: false }, "could not be started (unknown reason)"],
    [{ timedOut: false, exitCode: 2 }, "exited with 2"],
  ])("%o", (result, sentence) => {
    expect(failureReason(result)).toBe(sentence);
  });
});
