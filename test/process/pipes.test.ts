import { spawn, type StdioOptions } from "node:child_process";
import { openSync } from "node:fs";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { requireBuild } from "./built.ts";

requireBuild();

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Its stdout, and its stderr where that is not read either, lead nowhere before it writes the first word. */
async function started(line: string, stdio: StdioOptions, unread: readonly ("stdout" | "stderr")[] = []) {
  const child = spawn(process.execPath, [`${root}/bin/run.js`, ...line.split(" ")], { cwd: root, stdio });
  for (const name of unread) child[name]?.destroy();
  const code = new Promise<number | null>((resolve) => child.on("exit", resolve));
  const said = unread.includes("stderr") || child.stderr === null ? "" : await text(child.stderr);
  return { code: await code, said };
}

const printing = ["--help", "--version", "help", "help deploy", "help gates", "help json deploy", "explain", "config"];

it.concurrent.each([...printing, "config --json", "explain --json", "gates --help"])(
  "threads %s into a pipe that is closed ends quietly",
  async (line) => {
    expect(await started(line, ["ignore", "pipe", "pipe"], ["stdout"])).toEqual({ code: 0, said: "" });
  },
);

it.concurrent.each(["promte", "gates -e nowhere", "gates -e nowhere --json", "deploy"])(
  "threads %s ends with its own exit code, whoever reads of it",
  async (line) => {
    expect(await started(line, ["ignore", "pipe", "pipe"], ["stdout", "stderr"])).toMatchObject({ code: 2 });
    expect(await started(line, ["ignore", "ignore", openSync("/dev/full", "w")])).toMatchObject({ code: 2 });
  },
);

it.concurrent.each([...printing, "config --json"])("threads %s onto a full disk says so, and no more", async (line) => {
  expect(await started(line, ["ignore", openSync("/dev/full", "w"), "pipe"])).toEqual({
    code: 7,
    said: "✖ stdout cannot be written to: no space left on device; what was done stays done, and its result is lost\n",
  });
});
