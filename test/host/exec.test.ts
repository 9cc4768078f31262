import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { parseExecReport, type ExecReport } from "../../src/lib/script/exec-report.ts";
import { type Ran, StubHost } from "./host.ts";

// exec.sh under a real bash; what it runs in a container, the stub of docker runs here, with the variable that marks it.

const host = new StubHost();
const folder = mkdtempSync(join(tmpdir(), "threads-exec-"));
beforeAll(() => host.open());
beforeEach(() => host.withOldRelease());
afterAll(async () => {
  await host.close();
  rmSync(folder, { recursive: true });
});

function reportOf(ran: Ran, nonce = "nonce"): ExecReport {
  const report = parseExecReport(ran, nonce);
  if (report === undefined) throw new Error(`no report: ${ran.stdout}${ran.stderr}`);
  return report;
}

interface How {
  readonly nonce?: string;
  readonly limitMs?: number;
}

const run = async (service: string, command: readonly string[], { nonce = "nonce", limitMs }: How = {}) => {
  const ran = await host.run(host.execScript(nonce, [service, ...command], limitMs));
  expect(ran.code).toBe(0);
  return reportOf(ran, nonce);
};

async function until(isSo: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 20_000; !isSo(); await new Promise((resolve) => setTimeout(resolve, 20)))
    if (Date.now() > deadline) throw new Error("it did not come about");
}

const lives = (pid: number): boolean =>
  existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

describe("a command in a container", () => {
  it("has its streams, its exit code and its words handed on as they are", async () => {
    const words = ["a b", "$HOME", "it's", "{{.Id}}", "", "*", "ä\nö", "a\rb"];
    const program = 'printf "%s|" "$@"; echo oops >&2; printf end; exit 3';
    const report = await run("web", ["sh", "-c", program, "sh", ...words]);
    expect(report).toMatchObject({ end: "ran", code: 3, container: "app-web-1", state: "running" });
    expect(report.stdout).toBe(`${words.join("|")}|end`);
    expect(report.stderr).toBe("oops\n");
    expect(report.stdoutBytes).toBe(Buffer.byteLength(report.stdout));
    expect(host.read("calls")).toMatch(/^exec -e THREADS_EXEC=nonce c1 sh -c /m);
  });

  it.each([0, 1, 124, 137, 194, 255])("may end with %i, which is never the exit code of the script", async (code) => {
    expect(await run("web", ["sh", "-c", `exit ${code}`])).toMatchObject({ end: "ran", code });
  });

  it("has nothing to read", async () => {
    expect((await run("web", ["cat"])).stdout).toBe("");
  });

  it("may say more than SSM hands on: the beginning comes, and how much it was", async () => {
    const program = "head -c 300000 /dev/zero | tr '\\\\0' x; head -c 50000 /dev/zero | tr '\\\\0' y >&2; exit 5";
    const ran = await host.run(host.execScript("nonce", ["web", "sh", "-c", program.replaceAll("\\\\", "\\")]));
    expect(ran.stdout.length).toBeLessThan(24_000);
    expect(ran.stderr.length).toBeLessThan(8_000);
    const report = reportOf(ran);
    expect(report).toMatchObject({ code: 5, stdoutBytes: 300_000, stderrBytes: 50_000 });
    expect([report.stdout, report.stderr]).toEqual(["x".repeat(23_000), "y".repeat(7_900)]);
  });

  it("is not cut within a letter", async () => {
    const report = await run("web", ["sh", "-c", "printf a; for i in $(seq 12000); do printf ä; done"]);
    expect(report.stdout).toBe(`a${"ä".repeat(11_499)}`);
    expect(report.stdoutBytes).toBe(24_001);
  });

  it("is ended when its time is over, and nothing of it stays", async () => {
    const pid = join(folder, "timed-out");
    const report = await run("web", ["sh", "-c", `echo $$ >${pid}; echo begun; sleep 300; echo never`], {
      nonce: "slow",
      limitMs: 1_000,
    });
    expect(report).toMatchObject({ end: "timed-out", stdout: "begun\n" });
    await until(() => !lives(Number(readFileSync(pid, "utf8"))));
  });

  it("is ended where the agent kills the script, as it does on cancel", async () => {
    const pid = join(folder, "cancelled");
    const script = host.execScript("killed", ["web", "setsid", "sh", "-c", `trap "" TERM; echo $$ >${pid}; sleep 300`]);
    const { child, ended } = host.start(script);
    await until(() => existsSync(pid) && statSync(pid).size > 0);
    process.kill(-child.pid!, "SIGKILL");
    expect((await ended).stdout).toBe("");
    await until(() => !lives(Number(readFileSync(pid, "utf8"))));
  });

  it("may leave something at work behind it that was meant to stay", async () => {
    const pid = join(folder, "left");
    await run("web", ["sh", "-c", `setsid sleep 60 >/dev/null 2>&1 & echo $! >${pid}`], { nonce: "left" });
    // Until whoever ends commands has gone.
    await until(() => !globSync("/proc/[0-9]*/cmdline").some((file) => textOf(file).includes("\0THREADS_EXEC=left\0")));
    const left = Number(readFileSync(pid, "utf8"));
    expect(lives(left)).toBe(true);
    process.kill(left, "SIGKILL");
  });
});

describe("nothing is run", () => {
  it("where the service has no container, and the services that there are get named", async () => {
    const report = await run("wbe", ["touch", join(folder, "never")]);
    expect(report).toMatchObject({ end: "not-running", state: "", container: "" });
    expect(report.services).toEqual(["web", "celery", "celery-beat", "nginx"]);
    expect(existsSync(join(folder, "never"))).toBe(false);
  });

  it("where its container does not run", async () => {
    host.set(`odd-${host.read("release")}`, "web state exited\nweb exit 3\n");
    expect(await run("web", ["true"])).toMatchObject({
      end: "not-running",
      state: "exited",
      code: 3,
      container: "app-web-1",
    });
  });

  it("where docker does not answer", async () => {
    host.set("down", "");
    expect(await run("web", ["true"])).toMatchObject({ end: "no-docker" });
  });

  it("and the services come from the containers where the host keeps no list", async () => {
    rmSync(join(host.root, "current"));
    expect((await run("wbe", ["true"])).services).toEqual(["web", "celery", "celery-beat", "nginx"]);
  });
});

it("a report is believed of its own order only", () => {
  const line =
    '{"threads":1,"action":"exec","nonce":"other","end":"ran","code":0,"container":"c","state":"running","services":[],"stdoutBytes":0,"stderrBytes":0}\n';
  expect(parseExecReport({ stdout: line, stderr: "" }, "nonce")).toBeUndefined();
  expect(parseExecReport({ stdout: line, stderr: "" }, "other")).toBeDefined();
  expect(parseExecReport({ stdout: `x\n${line}`, stderr: "" }, "other")).toBeUndefined();
  expect(parseExecReport({ stdout: line.slice(0, 60), stderr: "" }, "other")).toBeUndefined();
});
