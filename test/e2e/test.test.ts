import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, describe, expect, it } from "vitest";
import { test } from "../../src/lib/actions/test/run.ts";
import { inProcess } from "./in-process.ts";
import { makeSmallProject, type SmallProject, type Traits } from "./small-project.ts";
import { spawnCli } from "./spawned-cli.ts";

const made: SmallProject[] = [];
afterEach(async () => {
  await Promise.all(made.splice(0).map((project) => project.remove()));
});

async function project(traits: Traits = {}): Promise<SmallProject> {
  const one = await makeSmallProject(traits);
  made.push(one);
  return one;
}

describe("suites that pass", () => {
  it("show their output line by line and leave nothing", async () => {
    const { root, app, revision, present } = await project();
    const { ports, lines, warnings } = inProcess(root);
    const result = await test({ args: ["-k", "two words", "it's"], dryRun: false }, ports);
    expect(result).toMatchObject({ outcome: "passed", service: "web-test", revision, dirty: false, leftovers: [] });
    expect(lines).toEqual(expect.arrayContaining(["one", "args: -k 'two words' 'it'\\''s'", "two"]));
    expect(warnings).toEqual([]);
    expect(present()).toEqual([]);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith(`${app}-`))).toEqual([]);
  });

  it("run with uncommitted changes, with a warning, and one of what makes them slow", async () => {
    const { root, revision, write } = await project();
    const text = readFileSync(`${root}/test.yml`, "utf8");
    await write("test.yml", text.replace("interval: 30s, start_period: 20s,", "interval: 1s,"));
    const { ports, warnings } = inProcess(root);
    expect(await test({ args: [], dryRun: false }, ports)).toMatchObject({
      dirty: true,
      revision: `${revision}-dirty`,
    });
    expect(warnings).toEqual([
      "1 uncommitted change is tested too",
      expect.stringMatching(/^docker ignores start_interval in the health check of db, .* after 1 s$/),
    ]);
  });
});

it("suites in a service behind a profile run, with what they need", async () => {
  const { root, write, present } = await project();
  await write(
    "test.yml",
    `services:
  web-test:
    image: "\${WEB_TEST_IMAGE}"
    build: .
    profiles: [test]
    command: ["sh", "-c", "echo one"]
    depends_on: { db: { condition: service_started } }
  db: { image: debian:trixie-slim, profiles: [test], init: true, command: ["sleep", "60"] }
  lint: { image: "no/such", profiles: [test] }`,
  );
  const { ports, lines } = inProcess(root);
  // What is built from is not committed: it has changed, although the service is behind a profile.
  await write("Dockerfile", `${readFileSync(`${root}/Dockerfile`, "utf8")}\n`);
  await expect(test({ args: [], changedSince: "HEAD", dryRun: false }, ports)).resolves.toMatchObject({
    outcome: "passed",
    service: "web-test",
    since: { changed: ["Dockerfile", "test.yml"] },
  });
  expect(lines).toContain("one");
  expect(present()).toEqual([]);
});

it("suites of which nothing has changed are not run", async () => {
  const { root, revision } = await project();
  const { ports, lines } = inProcess(root);
  expect(await test({ args: [], changedSince: "HEAD", dryRun: false }, ports)).toMatchObject({
    outcome: "unchanged",
    since: { name: "HEAD", from: revision, changed: [] },
    next: ["threads test"],
  });
  expect(lines).toEqual([]);
});

it("suites leave reports: what failed is named, all is brought out, and nothing of it stays", async () => {
  const junit = `<testsuite><testcase name="adds"/><testcase classname="sums" name="carries"><failure message="9 is not 10"/></testcase></testsuite>`;
  const { root, present, write } = await project({
    suite: `mkdir -p /tmp/out/unit && echo '${junit}' > /tmp/out/unit/junit.xml && echo TN > /tmp/out/lcov.info; exit $$ARGS`,
  });
  const config = readFileSync(`${root}/threads.yml`, "utf8");
  await write("threads.yml", config.replace("service: web-test,", "service: web-test, reports: /tmp/out,"));
  const failing = spawnCli(root, ["test", "--json", "--reports", "out", "--", "3"]);
  expect(await failing.ended).toBe(5);
  expect(JSON.parse(failing.stdout())).toMatchObject({
    code: "SUITES_FAILED",
    message: "the suites in web-test failed: 1 of 2 tests, exit code 3",
    details: ["sums carries: 9 is not 10"],
    next: [`threads test --reports ${root}/out -- 3`],
  });
  expect(readdirSync(`${root}/out`, { recursive: true, encoding: "utf8" }).toSorted()).toEqual([
    ".gitignore",
    "lcov.info",
    "unit",
    "unit/junit.xml",
  ]);
  const { ports, warnings } = inProcess(root);
  // The exit code is the verdict.
  expect(await test({ args: ["0"], dryRun: false }, ports)).toMatchObject({ tests: { run: 2, skipped: 0 } });
  await write("test.yml", readFileSync(`${root}/test.yml`, "utf8").replaceAll("/tmp/out", "/tmp/elsewhere"));
  expect(await test({ args: ["0"], dryRun: false }, ports)).toMatchObject({ tests: null });
  expect(warnings).toContain("the suites left nothing in /tmp/out of web-test; a tmpfs goes with its container");
  expect(present()).toEqual([]);
});

describe("suites that fail", () => {
  it("are exit 5 with the command to see it again; --json keeps stdout for the result", async () => {
    const { root, present } = await project({ suite: "echo planted failure; exit 3" });
    const cli = spawnCli(root, ["test", "--json", "--", "-k", "planted"]);
    expect(await cli.ended).toBe(5);
    expect(JSON.parse(cli.stdout())).toMatchObject({
      code: "SUITES_FAILED",
      message: "the suites in web-test failed: exit code 3",
      next: ["threads test -- -k planted"],
    });
    expect(cli.stderr()).toContain("\nplanted failure\n");
    expect(present()).toEqual([]);
  });
});

describe("suites that never run", () => {
  it("are not called failed when what they need does not come up", async () => {
    const { root, write, present } = await project();
    await write(
      "test.yml",
      `services:
  web-test: { image: "\${WEB_TEST_IMAGE}", build: ., depends_on: { db: { condition: service_healthy } } }
  db: { image: debian:trixie-slim, entrypoint: ["sh", "-c", "echo no disk; exit 7"] }`,
    );
    await expect(test({ args: [], dryRun: false }, inProcess(root).ports)).rejects.toMatchObject({
      code: "SERVICE_FAILED",
      message: "db ended with exit code 7",
      details: ["db | no disk"],
    });
    expect(present()).toEqual([]);
  });

  it("because the service is not there: a mistake in threads.yml", async () => {
    const { root, write } = await project();
    await write("test.yml", "services: { other: { image: debian:trixie-slim } }");
    await expect(test({ args: [], dryRun: false }, inProcess(root).ports)).rejects.toMatchObject({
      code: "COMPOSE_FILE",
      exitCode: 2,
      advice: ["set test.service to one of: other"],
    });
  });
});
