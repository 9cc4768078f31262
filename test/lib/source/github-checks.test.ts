import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Processes } from "../../../src/lib/process/processes.ts";
import { githubChecks } from "../../../src/lib/source/github-checks.ts";
import { type FakeGithub, fakeGithub, type Run } from "../../fakes/github.ts";

const revision = "a".repeat(40);
let github: FakeGithub;
beforeEach(async () => {
  github = await fakeGithub("acme/shop", revision);
});
afterEach(() => github[Symbol.asyncDispose]());

/** Programs that answer by their first words; others are not there. */
const programs = (answers: Readonly<Record<string, string>>): Processes => ({
  run: async ({ file, args }) => {
    const found = Object.entries(answers).find(([words]) => [file, ...args].join(" ").startsWith(words));
    if (found === undefined) throw new Error(`${file} is not there`);
    return { exitCode: 0, stdout: `${found[1]}\n`, stderr: "" };
  },
});
const checksOf = (env: Record<string, string> = {}, answers = {}, signal = new AbortController().signal) =>
  githubChecks({
    env: { GITHUB_API_URL: github.url, GITHUB_REPOSITORY: "acme/shop", ...env },
    processes: programs(answers),
    root: "/repository",
    signal,
  }).checksOf(revision);
const run = (name: string, change: Partial<Run> = {}): Run => ({
  id: 1,
  name,
  status: "completed",
  conclusion: "success",
  html_url: `https://github.example/${name}`,
  app: { id: 7 },
  ...change,
});

describe("the checks of a commit", () => {
  test.each([
    ["completed", "success", "passed", "success"],
    ["completed", "neutral", "passed", "neutral"],
    ["completed", "skipped", "passed", "skipped"],
    ["completed", "failure", "failed", "failure"],
    ["completed", "cancelled", "failed", "cancelled"],
    ["completed", "timed_out", "failed", "timed_out"],
    ["completed", "stale", "failed", "stale"],
    ["completed", null, "failed", "without a conclusion"],
    ["queued", null, "pending", "queued"],
    ["in_progress", null, "pending", "in_progress"],
  ])("a run that is %s with %s has %s", async (status, conclusion, state, word) => {
    github.runs = [run("test", { status, conclusion })];
    expect(await checksOf()).toEqual([{ name: "test", state, word, url: "https://github.example/test" }]);
  });

  test("statuses of a commit are checks too", async () => {
    github.statuses = [
      { context: "ci", state: "success", target_url: null },
      { context: "lint", state: "pending", target_url: "https://ci.example/1" },
      { context: "scan", state: "error", target_url: null },
    ];
    expect(await checksOf()).toMatchObject([{ state: "passed" }, { state: "pending" }, { state: "failed", url: "" }]);
  });

  test("of one that ran again the last run counts, whatever the order; another app's is another check", async () => {
    const again = run("test", { id: 9 });
    const before = run("test", { id: 3, conclusion: "failure" });
    github.runs = [again, before, run("test", { id: 2, app: { id: 8 }, conclusion: "failure" })];
    expect(await checksOf()).toMatchObject([{ state: "passed" }, { state: "failed" }]);
  });

  test("are read to the last page", async () => {
    github.runs = Array.from({ length: 230 }, (_, id) => run(`job ${id}`, { id }));
    expect(await checksOf()).toHaveLength(230);
  });
});

describe("the repository", () => {
  test.each([
    "git@github.com:acme/shop.git",
    "git@github.com:/acme/shop.git",
    "https://github.com/acme/shop",
    "https://GitHub.com/acme/shop/",
    "https://www.github.com/acme/shop.git",
    "ssh://git@github.com/acme/shop.git",
    "ssh://git@ssh.github.com:443/acme/shop.git",
  ])("is that of origin where GitHub does not say: %s", async (url) => {
    github.runs = [run("test")];
    expect(await checksOf({ GITHUB_REPOSITORY: "" }, { "git remote get-url origin": url })).toHaveLength(1);
  });

  test.each([
    ["an alias of ssh's configuration", "git@github.com-work:acme/shop.git", {}],
    [
      "the server that the environment names",
      "git@git.acme.example:acme/shop.git",
      { GITHUB_SERVER_URL: "https://git.acme.example" },
    ],
  ])("may be behind %s", async (_, url, env) => {
    github.runs = [run("test")];
    expect(await checksOf({ GITHUB_REPOSITORY: "", ...env }, { "git remote get-url origin": url })).toHaveLength(1);
  });

  test.each(["git@gitlab.com:acme/shop.git", "https://github.com.acme.example/acme/shop", "/srv/git/acme/shop"])(
    "is none of GitHub's where origin is elsewhere, whatever has its name there: %s",
    async (url) => {
      github.runs = [run("test")];
      expect(await checksOf({ GITHUB_REPOSITORY: "" }, { "git remote get-url origin": url })).toMatchObject({
        unknown: expect.stringContaining("GITHUB_REPOSITORY"),
      });
      expect(github.asked).toEqual([]);
    },
  );

  test("that nobody names cannot be asked for: whoever reads that is told to name it", async () => {
    expect(await checksOf({ GITHUB_REPOSITORY: "" })).toEqual({
      unknown: expect.stringContaining("GITHUB_REPOSITORY"),
      advice: [expect.stringContaining("set GITHUB_REPOSITORY to OWNER/NAME")],
    });
  });
});

describe("the token", () => {
  beforeEach(() => {
    github.token = "t0ken";
    github.runs = [run("test")];
  });

  test.each([
    ["GH_TOKEN", { GH_TOKEN: "t0ken", GITHUB_TOKEN: "other" }, {}],
    ["GITHUB_TOKEN", { GITHUB_TOKEN: "t0ken" }, {}],
    ["what gh is signed in with", {}, { "gh auth token": "t0ken" }],
  ])("is %s", async (_, env, answers) => {
    expect(await checksOf(env, answers)).toHaveLength(1);
  });

  test.each([
    ["is not accepted", { GITHUB_TOKEN: "old" }, "HTTP 401: the token is not accepted"],
    ["is not there", {}, "HTTP 404: no such repository or commit without a token"],
  ])("%s: nothing can be told, and it is not shown", async (_, env, says) => {
    expect(await checksOf(env)).toEqual({ unknown: `GitHub does not tell (${says})` });
  });

  test("does not follow a redirect", async () => {
    await using other = await fakeGithub("acme/shop", revision);
    github.broken = { status: 302, body: "", headers: { location: `${other.url}/repos/acme/shop` } };
    expect(await checksOf({ GITHUB_TOKEN: "t0ken" })).toMatchObject({ unknown: expect.any(String) });
    expect(other.asked).toEqual([]);
  });
});

describe("nothing can be told, which is not the same as nothing there, where", () => {
  test.each([
    ["it is down", { status: 503, body: "later" }, "HTTP 503"],
    ["it asks for patience", { status: 403, body: "{}" }, "HTTP 403: not allowed, or asked too often, without a token"],
    [
      "somebody else answers",
      { status: 200, body: JSON.stringify({ check_runs: [], statuses: [] }) },
      "the answer is none of GitHub's",
    ],
    ["it says a page that is none", { status: 200, body: "<html>" }, "JSON"],
  ])("%s", async (_, broken, says) => {
    github.broken = broken;
    expect(await checksOf()).toEqual({ unknown: expect.stringContaining(says) });
  });

  test("nobody is there", async () => {
    expect(await checksOf({ GITHUB_API_URL: "http://127.0.0.1:9" })).toEqual({
      unknown: expect.stringMatching(/^GitHub does not tell \(.+\)$/),
    });
  });
});

test("Ctrl-C ends the question, and is no answer", async () => {
  const stop = new AbortController();
  stop.abort(new Error("interrupted"));
  await expect(checksOf({}, {}, stop.signal)).rejects.toThrow("interrupted");
});
