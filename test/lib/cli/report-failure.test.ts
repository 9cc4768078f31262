import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { asThreadsError, reportFailure } from "../../../src/lib/cli/report-failure.ts";
import { ThreadsError } from "../../../src/lib/errors/threads-error.ts";
import type { Terminal } from "../../../src/lib/output/terminal.ts";
import { CommandFailed } from "../../../src/lib/process/processes.ts";

const refusal = new ThreadsError("DIRTY_TREE", { message: "no", next: ["yes"] });

async function reported(options: {
  json: boolean;
  github?: boolean;
}): Promise<{ out: string; err: string; exit: number }> {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const terminal: Terminal = {
    out,
    err,
    live: false,
    columns: undefined,
    columnsErr: undefined,
    symbols: (text) => text,
    colourOut: false,
    colourErr: false,
    github: options.github ?? false,
  };
  const exit = await reportFailure(refusal, { terminal, json: options.json, command: "publish", debug: false });
  return { out: String(out.read() ?? ""), err: String(err.read() ?? ""), exit };
}

describe("reportFailure", () => {
  it("talks on stderr and leaves stdout empty", async () => {
    expect(await reported({ json: false })).toEqual({ out: "", err: "✖ no [DIRTY_TREE]\n  next: yes\n", exit: 3 });
  });

  it("puts JSON on stdout when asked, and still talks on stderr", async () => {
    const { out, err } = await reported({ json: true });
    expect(JSON.parse(out)).toMatchObject({ outcome: "refused", code: "DIRTY_TREE" });
    expect(err).toContain("✖ no");
  });

  it("annotates inside GitHub Actions", async () => {
    expect((await reported({ json: false, github: true })).err).toContain(
      "::error title=threads DIRTY_TREE::no%0Anext: yes",
    );
  });
});

describe("asThreadsError", () => {
  it("calls a failed program refused, and what nobody foresaw a bug", () => {
    const failed = new CommandFailed({
      command: { file: "docker", args: ["ps"] },
      exitCode: 1,
      tail: ["no daemon"],
      reason: "exited with 1",
    });
    expect(asThreadsError(failed)).toMatchObject({ exitCode: 3, details: ["no daemon"] });
    expect(asThreadsError(new TypeError("x is not a function"))).toMatchObject({ exitCode: 1, code: "BUG" });
    expect(asThreadsError("text").exitCode).toBe(1);
  });

  it("calls a file that cannot be used by its name, and no bug", () => {
    const folder = mkdtempSync(join(tmpdir(), "report-"));
    const tried = (work: () => unknown): unknown => {
      try {
        return work();
      } catch (error) {
        return asThreadsError(error);
      }
    };
    const file = join(folder, "a file");
    writeFileSync(file, "");
    expect(tried(() => mkdirSync(join(file, "below")))).toMatchObject({
      code: "FILE_NOT_USABLE",
      exitCode: 2,
      message: `${file}/below: is not a folder`,
      next: [`ls -ld '${file}/below'`],
    });
    expect(tried(() => writeFileSync(folder, ""))).toMatchObject({ exitCode: 2, message: `${folder}: is a folder` });
    // Node does not name what it has opened and cannot read.
    expect(tried(() => readFileSync(folder))).toMatchObject({ code: "FILE_NOT_USABLE", message: "a file is a folder" });
    // A file of ours that is missing is our mistake.
    expect(tried(() => readFileSync(join(folder, "none")))).toMatchObject({ code: "BUG" });
    rmSync(folder, { recursive: true });
  });
});
