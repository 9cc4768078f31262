import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { systemProcesses } from "../../../src/lib/process/execa.ts";
import type { Finished, RunOptions } from "../../../src/lib/process/processes.ts";
import { runSmall, smallProcesses } from "./small-shell.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "threads-small-")));
afterAll(() => rmSync(folder, { recursive: true }));

// The tests of what git tells rely on it: it must not differ from the adapter that users have.
describe.each([
  ["the shell of the tests", smallProcesses],
  ["the adapter", systemProcesses],
])("%s", (_, processes) => {
  const sh = (script: string, args: readonly string[] = [], options: RunOptions = {}): Promise<Finished> =>
    processes.run({ file: "sh", args: ["-c", script, "sh", ...args] }, options);

  test("gives both streams, without the last newline alone", async () => {
    expect(await sh("printf 'one\\n\\n'; printf 'two' >&2")).toEqual({ exitCode: 0, stdout: "one\n", stderr: "two" });
    expect(await sh("true")).toEqual({ exitCode: 0, stdout: "", stderr: "" });
  });

  test("keeps every argument as it is", async () => {
    const odd = ["a b", "it's", '"$HOME"', "`x`", "one\ntwo", "", "\\", "*", "ä €"];
    expect((await sh('printf "<%s>" "$@"', odd)).stdout).toBe(odd.map((word) => `<${word}>`).join(""));
  });

  test("gives it its folder, its input, and variables beside those of this process", async () => {
    const within = join(folder, "it's within");
    mkdirSync(within, { recursive: true });
    const options = { cwd: within, input: "in\nput", env: { ONE: "1 '", PATH: process.env["PATH"], HOME: undefined } };
    const { stdout } = await sh('pwd; echo "$ONE ${HOME-none} ${TMPDIR-}"; cat', [], options);
    expect(stdout).toBe(`${within}\n1 ' none ${process.env["TMPDIR"] ?? ""}\nin\nput`);
    expect((await sh("cat")).stdout).toBe("");
  });

  test("rejects with the last lines of what went wrong, unless a failure is an answer", async () => {
    const script = "echo out; echo wrong >&2; exit 3";
    await expect(sh(script)).rejects.toMatchObject({
      name: "CommandFailed",
      message: expect.stringMatching(/: exited with 3$/),
      exitCode: 3,
      tail: ["wrong"],
      command: { file: "sh" },
    });
    const told = await sh(script, [], { allowFailure: true });
    expect(told).toEqual({ exitCode: 3, stdout: "out", stderr: "wrong" });
  });
});

test("what could be stopped, or listened to, is refused in the shell of the tests", async () => {
  const wanted = { signal: new AbortController().signal };
  await expect(smallProcesses.run({ file: "true", args: [] }, wanted)).rejects.toThrow("not here: signal");
});

test("a program has the variables that it is given, and no other", () => {
  const given = { cwd: folder, env: { PATH: process.env["PATH"], ONE: "1" } };
  const { stdout } = runSmall({ file: "env", args: [] }, given);
  expect(stdout.split("\n").filter((line) => !/^(?:PATH|PWD|OLDPWD|_|SHLVL)=/.test(line))).toEqual(["ONE=1", ""]);
});
