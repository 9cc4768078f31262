import { execSync, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { makeSmallProject, type SmallProject, type Traits } from "./small-project.ts";
import { spawnCli } from "./spawned-cli.ts";

const made: SmallProject[] = [];
afterEach(async () => {
  await Promise.all(made.splice(0).map((project) => project.remove()));
});

async function project(traits: Traits): Promise<SmallProject> {
  const one = await makeSmallProject(traits);
  made.push(one);
  return one;
}

const folders = (app: string): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith(`${app}-`));
const neverHealthy = '    healthcheck: { test: ["CMD", "false"], start_period: 60s, start_interval: 200ms }';
const twoWishesApartMs = 400;

async function container(app: string): Promise<void> {
  const there = `docker ps -q --filter name=^${app}-.*worker`;
  while (execSync(there).toString() === "") await new Promise((resolve) => setTimeout(resolve, 50));
}

describe("Ctrl-C", () => {
  it.each(["SIGINT", "SIGTERM"] as const)("%s while the stack comes up: taken down, exit 130", async (signal) => {
    const { root, app, present } = await project({ worker: neverHealthy });
    const cli = spawnCli(root, ["smoke", "--json"]);
    await cli.seen("Start the stack");
    await container(app);
    cli.child.kill(signal);
    expect(await cli.ended).toBe(130);
    expect(JSON.parse(cli.stdout())).toMatchObject({ outcome: "interrupted", code: "INTERRUPTED" });
    expect(present()).toEqual([]);
    expect(folders(app)).toEqual([]);
  });

  it("while the images are built", async () => {
    const { root, app, write, commit, present } = await project({});
    await write("Dockerfile", `FROM debian:trixie-slim\nRUN echo ${app} && sleep 60\n`);
    commit();
    const cli = spawnCli(root, ["smoke"]);
    await cli.seen("Build the images");
    cli.child.kill("SIGINT");
    expect(await cli.ended).toBe(130);
    expect(present()).toEqual([]);
    expect(folders(app)).toEqual([]);
  });

  it("while the suites run", async () => {
    const { root, app, present } = await project({ suite: "echo begun; sleep 60" });
    const cli = spawnCli(root, ["test"]);
    await cli.seen("begun");
    cli.child.kill("SIGINT");
    expect(await cli.ended).toBe(130);
    expect(present()).toEqual([]);
    expect(folders(app)).toEqual([]);
  });

  it("twice: ends at once, and names the command that removes the rest", async () => {
    // A service that does not hear TERM: taking it down takes the full ten seconds.
    const deaf = `    entrypoint: ["sh", "-c", "trap '' TERM; sleep 600"]\n${neverHealthy}`;
    const { root, app, present } = await project({ worker: deaf });
    const cli = spawnCli(root, ["smoke"]);
    await cli.seen("Start the stack");
    await container(app);
    cli.child.kill("SIGINT");
    await cli.seen("Take the stack down");
    await new Promise((resolve) => setTimeout(resolve, twoWishesApartMs));
    cli.child.kill("SIGINT");
    expect(await cli.ended).toBe(130);
    const command = /docker compose -p \S+ down -v --remove-orphans -t 2/.exec(cli.stderr())?.[0] ?? "";
    expect(command).toContain(`${app}-smoke-`);
    expect(present()).not.toEqual([]);
    execSync(command, { cwd: "/", stdio: "ignore" });
    expect(present().filter((name) => !name.includes(":"))).toEqual([]);
    expect(folders(app)).toEqual([]);
  });

  it("and TERM after it, as a cancelled job gets them: taken down all the same", async () => {
    const deaf = `    entrypoint: ["sh", "-c", "trap '' TERM; sleep 600"]\n${neverHealthy}`;
    const { root, app, present } = await project({ worker: deaf });
    const cli = spawnCli(root, ["smoke"]);
    await cli.seen("Start the stack");
    await container(app);
    cli.child.kill("SIGINT");
    await cli.seen("Take the stack down");
    cli.child.kill("SIGTERM");
    expect(await cli.ended).toBe(130);
    expect(cli.stderr()).not.toContain("still there");
    expect(present()).toEqual([]);
    expect(folders(app)).toEqual([]);
  });

  it("instead of it, a terminal that is closed: taken down all the same", async () => {
    const { root, app, present } = await project({ suite: "echo begun; sleep 60" });
    // `script` gives it a terminal of its own; killing `script` is closing the window.
    const log = join(root, ".git", "typescript");
    const cli = `${process.execPath} ${fileURLToPath(new URL("../../bin/run.js", import.meta.url))} test`;
    const window = spawn("script", ["-qfec", cli, log], { cwd: root, stdio: ["ignore", "ignore", "ignore"] });
    await until(() => existsSync(log) && readFileSync(log, "utf8").includes("begun"));
    window.kill("SIGKILL");
    await until(() => present().length === 0 && folders(app).length === 0);
    expect([...present(), ...folders(app)]).toEqual([]);
  });
});

/** The test's own time-out is the deadline. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 100));
}
