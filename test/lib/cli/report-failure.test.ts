import { Parser } from "@oclif/core";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { environmentFlag } from "../../../src/lib/cli/environment-flag.ts";
import { asThreadsError, reportFailure } from "../../../src/lib/cli/report-failure.ts";
import { ThreadsError } from "../../../src/lib/errors/threads-error.ts";
import type { Terminal } from "../../../src/lib/output/terminal.ts";
import { CommandFailed } from "../../../src/lib/process/processes.ts";

const refusal = new ThreadsError("refused", { code: "NOPE", message: "no", next: ["yes"] });

async function reported(options: {
  json: boolean;
  github?: boolean;
}): Promise<{ out: string; err: string; exit: number }> {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const terminal: Terminal = {
    out,
    err,
    live: false,
    colourOut: false,
    colourErr: false,
    github: options.github ?? false,
  };
  const exit = await reportFailure(refusal, { terminal, json: options.json, command: "deploy", debug: false });
  return { out: String(out.read() ?? ""), err: String(err.read() ?? ""), exit };
}

describe("reportFailure", () => {
  it("talks on stderr and leaves stdout empty", async () => {
    expect(await reported({ json: false })).toEqual({ out: "", err: "✖ no [NOPE]\n  next: yes\n", exit: 3 });
  });

  it("puts JSON on stdout when asked, and still talks on stderr", async () => {
    const { out, err } = await reported({ json: true });
    expect(JSON.parse(out)).toMatchObject({ error: { code: "NOPE", exitCode: 3 } });
    expect(err).toContain("✖ no");
  });

  it("annotates inside GitHub Actions", async () => {
    expect((await reported({ json: false, github: true })).err).toContain("::error title=threads NOPE::no%0Anext: yes");
  });
});

describe("asThreadsError", () => {
  it("calls oclif's complaints usage, a failed program refused, and the rest a bug", async () => {
    const complaint: unknown = await Parser.parse(["-e"], { flags: { environment: environmentFlag() } }).catch(
      (error: unknown) => error,
    );
    const usage = Object.assign(new Error("Nonexistent flag: --x\nSee more help with --help"), {
      oclif: {},
      parse: {},
    });
    expect(asThreadsError(usage, "deploy")).toMatchObject({
      exitCode: 2,
      message: "Nonexistent flag: --x",
      next: ["threads deploy --help"],
    });
    const missing = "The following error occurred:\n  Missing required flag environment\nSee more help with --help";
    expect(asThreadsError(Object.assign(new Error(missing), { oclif: {}, parse: {} }), "x").message).toBe(
      "Missing required flag environment",
    );
    const noValue = "Flag --environment expects a value";
    expect(asThreadsError(complaint, "status")).toMatchObject({ exitCode: 2, code: "USAGE", message: noValue });
    const failed = new CommandFailed({
      command: { file: "docker", args: ["ps"] },
      exitCode: 1,
      tail: ["no daemon"],
      reason: "exited with 1",
    });
    expect(asThreadsError(failed, "x")).toMatchObject({ exitCode: 3, details: ["no daemon"] });
    expect(asThreadsError(new TypeError("x is not a function"), "x")).toMatchObject({ exitCode: 1, code: "BUG" });
    expect(asThreadsError("text", "x").exitCode).toBe(1);
  });
});
