import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const setUp = readFileSync(new URL("../../bin/setup", import.meta.url), "utf8");

/** The function as it stands there; that this machine may have systemd does not count. */
const [launch = ""] = /^launch_engine\(\) \{$[^]*?^\}$/m.exec(setUp) ?? [];
const [, rootPath = ""] = /^readonly ROOT_PATH=(.*)$/m.exec(setUp) ?? [];

test("root starts dockerd from its own folders, whatever the caller's PATH begins with, Windows' folders too", () => {
  expect(rootPath.split(":").filter((folder) => !/^(?:\/usr(?:\/local)?)?\/s?bin$/.test(folder))).toEqual([]);
  const root = mkdtempSync(join(tmpdir(), "threads-setup-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const program = (folder: string, name: string, text: string): void => {
    mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, folder, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(root, folder, name), 0o755);
  };
  program("Program Files (x86)", "setsid", `touch '${join(root, "stolen")}'`);
  program("own", "setsid", 'echo "$@"; exec 1>&-');
  const script = `
    set -euo pipefail
    as_root() { "$@"; }
    engine_alive() { return 1; }
    drop_stale() { :; }
    ROOT_PATH='${join(root, "own")}:/usr/bin:/bin' ENGINE_LOG='${join(root, "a log")}'
    ${launch.replace("/run/systemd/system", "/nowhere")}
    launch_engine
    wait
    until [ -s "$ENGINE_LOG" ]; do :; done`;
  const env = { PATH: `${join(root, "Program Files (x86)")}:/usr/bin:/bin` };
  const { status, stderr } = spawnSync("bash", ["--norc", "-c", script], { env, encoding: "utf8", timeout: 60_000 });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(readFileSync(join(root, "a log"), "utf8")).toBe("dockerd\n");
  expect(existsSync(join(root, "stolen"))).toBe(false);
});
