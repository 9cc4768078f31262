import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { deploy } from "../../src/lib/actions/deploy/run.ts";
import { type SpawnedCli, spawnCli } from "../e2e/spawned-cli.ts";
import { Fleet, sha } from "../fakes/fleet.ts";
import { credentials, region } from "../lib/sandbox/server/open-sandbox.ts";
import { requireBuild } from "./built.ts";

requireBuild();

// What has no end of its own, in its own process: it ends by Ctrl-C, or when nobody reads it any more.

const home = mkdtempSync(join(tmpdir(), "threads-following-"));
let fleet: Fleet;
beforeAll(() => writeFileSync(join(home, "threads.yml"), readFileSync(new URL("../../threads.yml", import.meta.url))));
afterAll(() => rmSync(home, { recursive: true }));
beforeEach(async () => {
  fleet = await Fleet.open(2);
  fleet.publish("one");
  const options = { environment: "prod", release: sha("one"), dryRun: false, force: false, supersede: undefined };
  await deploy(options, fleet.ports());
  fleet.hosts[0]!.logs.said.set("web", [["2026-11-22T10:00:00.000000001Z", "hello"]]);
});
afterEach(() => fleet.close());

function start(line: string): SpawnedCli {
  return spawnCli(home, line.split(" "), {
    entry: "run",
    env: {
      AWS_ENDPOINT_URL_SSM: fleet.ssm.url,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_REGION: region,
      GITHUB_ACTIONS: undefined,
    },
  });
}

it.each([
  ["logs -e prod --follow", "web | hello"],
  ["status -e prod --watch", ": as deployed"],
  ["board -e prod", "http://127.0.0.1:"],
])("Ctrl-C ends %s, and says nothing of it", async (line, shows) => {
  const cli = start(line);
  await expect.poll(() => cli.stdout(), { timeout: 60_000 }).toContain(shows);
  cli.child.kill("SIGINT");
  expect(await cli.ended).toBe(130);
  expect(cli.stderr()).not.toMatch(/✖|interrupted/);
});

it.each(["logs -e prod --follow", "status -e prod --watch", "logs -e prod --follow --json"])(
  "%s ends when its reader goes away, which is no failure",
  async (line) => {
    const cli = start(line);
    await expect.poll(() => cli.stdout(), { timeout: 60_000 }).not.toBe("");
    cli.child.stdout?.destroy();
    const { logs, containers } = fleet.hosts[0]!;
    // Whoever has nothing to write does not hear of it.
    logs.said.set("web", [...(logs.said.get("web") ?? []), ["2026-11-22T10:59:59.000000001Z", "more"]]);
    containers[0]!.health = "unhealthy";
    expect(await cli.ended).toBe(0);
    expect(cli.stderr()).not.toContain("✖");
  },
);

it("logs --follow --json is an object a line, and a failure is one too", async () => {
  const cli = start("logs -e prod --follow --json");
  await expect.poll(() => cli.stdout(), { timeout: 60_000 }).toContain("hello");
  fleet.ssm.fail("SendCommand", {
    type: "AccessDeniedException",
    message: "not authorized to perform: ssm:SendCommand",
  });
  expect(await cli.ended).toBe(3);
  const [first, ...rest] = cli.stdout().split("\n");
  expect(JSON.parse(first ?? "")).toEqual({
    loggedAt: "2026-11-22T10:00:00.000000001Z",
    host: fleet.hosts[0]!.id,
    service: "web",
    container: "threads-web-1",
    text: "hello",
  });
  expect(JSON.parse(rest.join("\n"))).toMatchObject({ outcome: "refused", code: "ACCESS_DENIED" });
});
