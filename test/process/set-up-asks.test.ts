import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "threads-setup-asks-"));
afterAll(() => rmSync(folder, { recursive: true }));

const setUp = readFileSync(new URL("../../bin/setup", import.meta.url), "utf8");
const functionOf = (name: string): string =>
  new RegExp(String.raw`^${name}\(\) \{[^]*?^\}$`, "m").exec(setUp)?.[0] ?? "";
const say = /^say\(\) \{.*$/m.exec(setUp)?.[0] ?? "";

interface Asked {
  readonly uid?: number;
  readonly typed?: string;
  readonly env?: Record<string, string>;
  /** For another thing. */
  readonly again?: boolean;
}

/** The question as it stands there, to a user of that number; `typed` is what a terminal gives, undefined where there is none. */
function asked({ uid = 1000, typed, env = {}, again = false }: Asked) {
  const script = [
    "set -euo pipefail",
    `agreed='' rows=()`,
    `id() { echo ${uid}; }`,
    say,
    functionOf("refuse"),
    functionOf("agree"),
    "agree 'will install docker.io' 'no package was installed'",
    "echo installed",
    ...(again ? ["agree 'will make stand-ins' 'no stand-in was made'", "echo made"] : []),
  ].join("\n");
  const shell = ["bash", ["--norc", "-c", script]] as const;
  const how = { env: { PATH: process.env["PATH"], ...env }, encoding: "utf8", timeout: 60_000 } as const;
  if (typed === undefined) return spawnSync(shell[0], shell[1], { ...how, stdio: ["ignore", "pipe", "pipe"] });
  // script(1) gives it a terminal, whose echo of what is typed stands in the output, too.
  const file = join(folder, "asks.sh");
  writeFileSync(file, script);
  return spawnSync("script", ["-qec", `bash --norc '${file}'`, "/dev/null"], { ...how, input: `${typed}\n` });
}

describe("bin/setup, before it installs packages", () => {
  it("asks whoever is at a terminal, and takes only a yes for one", () => {
    expect(asked({ typed: "y" })).toMatchObject({ status: 0, stdout: expect.stringContaining("installed") });
    for (const typed of ["", "n", "sure"]) {
      const { status, stdout } = asked({ typed });
      expect({ typed, status }).toEqual({ typed, status: 3 });
      expect(stdout).toContain("setup: no package was installed");
      expect(stdout).toContain("next: bin/setup --yes");
      expect(stdout).not.toMatch(/^installed/m);
    }
  });

  it("takes a yes for the one thing that was asked, and asks again for the next", () => {
    const { status, stdout } = asked({ typed: "y\nn", again: true });
    expect(status).toBe(3);
    expect(stdout).toContain("[y/N] installed");
    expect(stdout).toContain("setup: no stand-in was made");
    const both = asked({ typed: "y\ny", again: true });
    expect(both).toMatchObject({ status: 0, stdout: expect.stringContaining("[y/N] made") });
  });

  it("installs nothing where there is nobody to ask, with sudo or without", () => {
    for (const one of [{ uid: 1000 }, { uid: 0, env: { SUDO_UID: "1000" } }]) {
      const { status, stdout, stderr } = asked(one);
      expect({ status, stdout }).toEqual({ status: 3, stdout: "" });
      expect(stderr).toBe(
        "setup: will install docker.io\nsetup: no package was installed, since there is nobody to ask\n  next: bin/setup --yes\n",
      );
    }
  });

  it("goes on for root on a machine that is being made", () => {
    expect(asked({ uid: 0 })).toMatchObject({ status: 0, stdout: "installed\n" });
  });

  it("is told by --yes and by CI=true, and asks before every one of its installations", () => {
    expect(setUp).toMatch(/--yes \| -y\) agreed=yes/);
    expect(setUp).toMatch(/"\$\{CI:-\}" = true \] \|\| \[ -n "\$\{SETUP_YES:-\}" \]; then agreed=yes/);
    const installing = setUp.split(/\n(?=\w+\(\) [{(])/).filter((part) => /step .*apt_install/.test(part));
    expect(installing).toHaveLength(2);
    for (const part of installing) expect(part.indexOf("agree ")).toBeGreaterThan(0);
  });
});
