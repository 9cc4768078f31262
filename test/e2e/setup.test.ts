import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/lib/clock/clock.ts";

const bin = join(import.meta.dirname, "..", "..", "bin");
const images = ["debian:trixie-slim", "postgres:17", "redis:7", "haproxy:3.0"];

let folder: string;
/** bin/setup in a small checkout of its own: the machine is the real one, the Node packages and the build are empty. */
let setup: string;

interface Ended {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end with no standard input; its exit code is a result, not an exception. */
async function end(
  file: string,
  args: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Ended> {
  const { exitCode, stdout, stderr } = await execa(file, [...args], {
    reject: false,
    stdin: "ignore",
    env: { ...options.env },
  });
  return { code: exitCode, stdout, stderr };
}

async function succeed(file: string, args: readonly string[]): Promise<string> {
  return (await execa(file, [...args], { stdin: "ignore" })).stdout;
}

function docker(...args: readonly string[]): Promise<string> {
  return succeed("docker", args);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "threads-setup-test-"));
  setup = await checkout("ready");
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** A checkout in which everything of Node is in place; gives the path of its bin/setup. */
async function checkout(name: string): Promise<string> {
  const root = join(folder, name);
  for (const part of ["src", "dist", "node_modules"]) await mkdir(join(root, part), { recursive: true });
  await cp(join(bin, "stand-ins"), join(root, "bin", "stand-ins"), { recursive: true });
  await cp(join(bin, "setup"), join(root, "bin", "setup"));
  await writeFile(join(root, "package.json"), `{ "scripts": {\n"build": "true" } }\n`);
  // What is made is one hour old, what it is made from two: a file written now is newer than both.
  const ages = {
    src: 2,
    "package.json": 2,
    "package-lock.json": 2,
    "node_modules/.package-lock.json": 1,
    "oclif.manifest.json": 1,
  };
  for (const [file, hours] of Object.entries(ages)) {
    if (file.includes("lock") || file.includes("manifest")) await writeFile(join(root, file), "{}\n");
    const then = new Date(systemClock.now() - hours * 3_600_000);
    await utimes(join(root, file), then, then);
  }
  return join(root, "bin", "setup");
}

/** Writes a file of the checkout, which is then newer than what was made. */
function edit(script: string, file: string): Promise<void> {
  return writeFile(join(script, "..", "..", file), "{}\n");
}

/** A folder with one program in it. */
async function withProgram(name: string, script: string): Promise<string> {
  const programs = await mkdtemp(join(folder, "bin-"));
  await writeFile(join(programs, name), `#!/usr/bin/env bash\n${script}\n`);
  await chmod(join(programs, name), 0o755);
  return programs;
}

/** A PATH on which this program comes before the real ones. */
async function pathWith(name: string, script: string): Promise<string> {
  return `${await withProgram(name, script)}:${process.env["PATH"]}`;
}

/** Runs bin/setup --check with a program of this name and behaviour before the real one. */
async function checkWith(name: string, script: string, env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return end(setup, ["--check"], { env: { ...env, PATH: await pathWith(name, script) } });
}

describe("bin/setup on a machine that is ready", () => {
  it("reports every requirement as ok", async () => {
    const { code, stdout, stderr } = await end(setup, ["--check"]);
    const rows = stdout.split("\n");
    expect(rows.filter((row) => !row.startsWith("ok "))).toEqual([]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(rows.map((row) => row.split(/\s+/)[1])).toEqual([
      "node_modules",
      "dist",
      "shellcheck",
      "zsh",
      "fish",
      "browser",
      "engine",
      "compose",
      "buildx",
      ...images,
    ]);
  });

  it("leaves out for the demonstration what only tests need", async () => {
    const [all, some] = await Promise.all([end(setup, ["--check"]), end(setup, ["--check", "--demo"])]);
    const without = all.stdout.split("\n").filter((row) => !/^ok +(?:shellcheck|zsh|fish|browser) /.test(row));
    expect({ code: some.code, rows: some.stdout.split("\n") }).toEqual({ code: 0, rows: without });
    expect(without).toHaveLength(all.stdout.split("\n").length - 4);
  });

  it("does nothing twice: one line, two calls of docker, the same images", async () => {
    expect((await end(setup, ["--check"])).code).toBe(0);
    const calls = join(folder, "calls");
    const real = await succeed("bash", ["-c", "command -v docker"]);
    const PATH = await pathWith(
      "docker",
      `[ "$1" = --version ] || printf '%s\\n' "$1" >>'${calls}'\nexec '${real}' "$@"`,
    );
    const ids = () => docker("image", "inspect", "--format", "{{.Id}}", ...images);
    const before = await ids();
    for (let round = 0; round < 2; round++) {
      const { code, stdout, stderr } = await end(setup, [], { env: { PATH } });
      expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
      expect(stderr).toMatch(
        /^setup: everything is there \(engine \d+\.\d+\.\d+, compose 2\.\S+, buildx \S+, debian:trixie-slim, postgres:17, redis:7, haproxy:3\.0\)$/,
      );
    }
    expect(await ids()).toBe(before);
    expect((await readFile(calls, "utf8")).trim().split("\n")).toEqual(["info", "image", "info", "image"]);
  });

  it("colours only a terminal, and not with NO_COLOR", async () => {
    const inTerminal = (env: Readonly<Record<string, string>>) =>
      end("script", ["-qec", `${setup} --check`, "/dev/null"], { env: { TERM: "xterm", ...env } });
    const escape = "\u001B[";
    expect((await inTerminal({ NO_COLOR: "" })).stdout).toContain(escape);
    expect((await inTerminal({ NO_COLOR: "1" })).stdout).not.toContain(escape);
    expect((await end(setup, ["--check"])).stdout).not.toContain(escape);
  });
});

describe("bin/setup and the Node packages", () => {
  const calls = () => join(folder, "npm-calls");
  const npm = (exit: number) =>
    pathWith("npm", `echo "$3 \${4-}" >>'${calls()}'; touch "$2/oclif.manifest.json"; echo said by npm; exit ${exit}`);

  it("installs them when the lock file is newer, builds when src is, and then leaves both alone", async () => {
    const stale = await checkout("stale");
    await edit(stale, "package-lock.json");
    await edit(stale, "src/new.ts");
    const { code, stdout } = await end(stale, ["--check"]);
    expect(code).toBe(3);
    expect(stdout).toMatch(/^missing +node_modules .*npm ci$/m);
    expect(stdout).toMatch(/^missing +dist .*npm run build$/m);

    const env = { PATH: await npm(0) };
    const first = await end(stale, [], { env });
    expect(first.stderr).toMatch(/^setup: missing: node_modules dist$/m);
    expect(first.stderr).toMatch(/^setup: everything is there/m);
    expect((await end(stale, [], { env })).stderr).toMatch(/^setup: everything is there/);
    expect(await readFile(calls(), "utf8")).toBe("ci --no-audit\nrun build\n");
  });

  it("shows the end of the log and names it when a step fails, with exit 1", async () => {
    const broken = await checkout("broken");
    await edit(broken, "package-lock.json");
    const { code, stderr } = await end(broken, [], { env: { PATH: await npm(1), TMPDIR: folder } });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^setup: installs the Node packages \(npm ci\) … failed after \d+ s\n {2}\| said by npm$/m);
    const log = /the whole log is in (\S+);/.exec(stderr)?.[1] ?? "";
    expect(await readFile(log, "utf8")).toBe("said by npm\n");
  });
});

describe("bin/setup's flags", () => {
  it("explains itself", async () => {
    const { code, stdout } = await end(setup, ["--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain("Usage: bin/setup");
  });

  it("refuses an unknown one with exit 2", async () => {
    const { code, stdout, stderr } = await end(setup, ["--frobnicate"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toBe("setup: unknown argument: --frobnicate\n  next: bin/setup --help");
  });
});

describe("bin/setup refuses an engine that is not the one meant", () => {
  const answers = (facts: string, components = "Engine;") =>
    `case $1 in info) echo '${facts}' ;; version) echo '${components}' ;; --version) echo 'Docker version 28.0.0' ;; esac`;

  it.each([
    ["tcp://192.0.2.7:2375", "docker points to tcp://192.0.2.7:2375"],
    ["ssh://root@host.invalid", "docker points to ssh://root@host.invalid"],
    ["unix:///nonexistent/docker.sock", "no engine answers at unix:///nonexistent/docker.sock"],
  ])("at DOCKER_HOST=%s", async (address, sentence) => {
    for (const args of [["--check"], []]) {
      const { code, stdout, stderr } = await end(setup, args, { env: { DOCKER_HOST: address } });
      expect(code).toBe(3);
      expect(stdout + stderr).toContain(sentence);
      expect(stderr).toMatch(/^ {2}next: .*unset DOCKER_HOST/m);
    }
  });

  it.each([
    ["an old one", answers("20.10.24|linux|compose=2.40.0 buildx=v0.20.0 "), "is 20.10.24, and threads needs 26"],
    ["podman's socket", answers("5.4.0|linux|", "Podman Engine;"), "is podman 5.4.0, not a Docker engine"],
    ["podman's docker", "echo podman version 5.4.0", "is podman under another name"],
    ["Windows containers", answers("28.0.0|windows|"), "runs windows containers"],
    ["a remote context", 'case $1 in context) echo "tcp://192.0.2.9:2376" ;; esac', "points to tcp://192.0.2.9:2376"],
  ])("%s", async (name, script, sentence) => {
    const env = name === "a remote context" ? { DOCKER_CONTEXT: "far" } : {};
    const { code, stdout, stderr } = await checkWith("docker", script, env);
    expect(code).toBe(3);
    expect(stdout).toMatch(new RegExp(`^refused +engine .*${sentence.replaceAll(".", "\\.")}`, "m"));
    expect(stderr).toContain("  next: ");
  });

  it("a Compose that is too old is missing, not the engine", async () => {
    const { code, stdout } = await checkWith("docker", answers("28.0.0|linux|compose=v2.23.3 buildx=v0.20.0 "));
    expect(code).toBe(3);
    expect(stdout).toMatch(/^ok +engine +28\.0\.0 at unix/m);
    expect(stdout).toMatch(/^(missing|refused) +compose /m);
  });
});

it("bin/setup says what to install where there is no apt, and stops", async () => {
  const programs = await withProgram("uname", "echo Darwin");
  const tools = "bash env sed grep head tail cut cksum cat find dirname tr awk id ls mktemp rm".split(" ");
  for (const tool of tools) await symlink(await succeed("bash", ["-c", `type -P ${tool}`]), join(programs, tool));
  const { code, stderr } = await end(setup, [], { env: { PATH: programs } });
  expect(code).toBe(3);
  expect(stderr).toBe(
    "setup: shellcheck is missing, and bin/setup installs only on Debian 12+ and Ubuntu 24.04+\n" +
      "  next: install shellcheck (brew install shellcheck, or your distribution's package), then bin/setup",
  );
});
