import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Processes } from "../../../src/lib/process/processes.ts";
import { systemClock } from "../../../src/lib/clock/clock.ts";
import {
  type BegunDeployment,
  type EndedDeployment,
  githubDeployments,
} from "../../../src/lib/source/github-deployments.ts";
import { manualClock } from "../../fakes/manual-clock.ts";
import { type FakeGithub, fakeGithub } from "../../fakes/github.ts";

const revision = "a".repeat(40);
let github: FakeGithub;
beforeEach(async () => {
  github = await fakeGithub("acme/shop", revision);
  github.token = "t0ken";
});
afterEach(() => github[Symbol.asyncDispose]());

const none: Processes = { run: ({ file }) => Promise.reject(new Error(`${file} is not there`)) };
const ports = {
  env: { GITHUB_API_URL: "", GITHUB_REPOSITORY: "acme/shop", GITHUB_TOKEN: "t0ken" },
  processes: none,
  root: "/repository",
  clock: systemClock,
  detach: new AbortController().signal,
};
const begun: BegunDeployment = {
  app: "shop",
  environment: "prod",
  number: 12,
  revision,
  bundle: `sha256:${"b".repeat(64)}`,
  description: "deployment 12",
  environmentUrl: "https://shop.example",
  logUrl: "https://github.example/acme/shop/actions/runs/7",
};
const succeeded: EndedDeployment = { state: "success", description: "deployment 12 is on 3 hosts" };
const begin = (change: Partial<BegunDeployment> = {}, env = {}, others: Partial<typeof ports> = {}) =>
  githubDeployments({ ...ports, ...others, env: { ...ports.env, GITHUB_API_URL: github.url, ...env } }).begin({
    ...begun,
    ...change,
  });
const states = () => github.deployments.all.map(({ statuses }) => statuses.map(({ state }) => state));

describe("a deployment, by GitHub's documentation of its API", () => {
  test("is of the release's commit, under way and then ended, with its page and its address", async () => {
    expect(await begin()(succeeded)).toEqual({ deployment: 4_700, ended: true, says: "" });
    expect(github.deployments.all).toMatchObject([
      {
        sha: revision,
        environment: "prod",
        payload: { threads: { app: "shop", number: 12, bundle: begun.bundle } },
        statuses: [
          { ...succeeded, log_url: begun.logUrl, environment_url: begun.environmentUrl },
          { state: "in_progress", description: "deployment 12" },
        ],
      },
    ]);
  });

  test("merges nothing, and asks for no check: the gates have spoken", async () => {
    github.deployments.pendingContexts = ["ci"];
    expect(await begin()(succeeded)).toEqual({ deployment: 4_700, ended: true, says: "" });
  });

  test("leaves out what is not known, as of a laptop", async () => {
    await begin({ logUrl: undefined, environmentUrl: undefined })(succeeded);
    expect(github.deployments.all).toMatchObject([{ statuses: [{ log_url: null, environment_url: null }, {}] }]);
  });

  test.each(["failure", "error", "in_progress"] as const)(
    "ends as %s, in no more words than there is room for",
    async (state) => {
      expect(await begin()({ state, description: "x".repeat(400) })).toMatchObject({ says: "" });
      expect(states()).toEqual([[state, "in_progress"]]);
    },
  );

  test("takes the place of the one before", async () => {
    await begin({ number: 11 })(succeeded);
    await begin()(succeeded);
    expect(states().map(([last]) => last)).toEqual(["inactive", "success"]);
  });

  test("closes what was left open before: nobody goes on with that", async () => {
    await begin({ number: 11 })({ state: "in_progress", description: "waits" });
    await begin()(succeeded);
    expect(states().map(([last]) => last)).toEqual(["inactive", "success"]);
  });

  test("closes nothing that is not its own, or another environment's", async () => {
    github.deployments.addOfJob(revision, "prod", "https://github.example/acme/shop/actions/runs/1");
    await begin({ number: 11, environment: "staging" })({ state: "in_progress", description: "waits" });
    await begin()(succeeded);
    expect(states().map(([last]) => last)).toEqual(["in_progress", "in_progress", "success"]);
  });
});

describe("of two applications in one repository, whose environments have the same name", () => {
  const waits: EndedDeployment = { state: "in_progress", description: "waits" };
  const last = () => states().map(([state]) => state);

  test("none closes what the other has left open, whatever its number", async () => {
    await begin({ app: "admin", number: 11 })(waits);
    await begin()(succeeded);
    expect(last()).toEqual(["in_progress", "success"]);
    await begin({ app: "admin", number: 12 })(succeeded);
    expect(last()).toEqual(["inactive", "success", "success"]);
  });

  test("each takes the place of its own alone, as GitHub itself would not", async () => {
    const failed: EndedDeployment = { state: "failure", description: "deployment 3 failed" };
    for (const [app, end] of [
      ["shop", succeeded],
      ["admin", succeeded],
      ["shop", failed],
      ["shop", succeeded],
    ] as const)
      await begin({ app, environment: "staging", number: github.deployments.all.length })(end);
    expect(last()).toEqual(["inactive", "success", "failure", "success"]);
  });

  test("what the other has made in this run is not GitHub's own of the job", async () => {
    const job = { GITHUB_ACTIONS: "true", GITHUB_RUN_ID: "7", GITHUB_SHA: revision };
    await begin({ app: "admin" }, job)(waits);
    expect(await begin({}, job)(succeeded)).toEqual({ deployment: 4_701, ended: true, says: "" });
  });
});

describe("in a job, whose environment makes GitHub tell of a deployment by itself", () => {
  const sha = "c".repeat(40);
  const job = { GITHUB_ACTIONS: "true", GITHUB_RUN_ID: "7", GITHUB_SHA: sha };
  const runUrl = (id: string): string => `https://github.example/acme/shop/actions/runs/${id}`;

  test("there is no second one", async () => {
    const { id } = github.deployments.addOfJob(sha, "prod", runUrl("7"));
    expect(await begin({}, job)(succeeded)).toEqual({
      deployment: id,
      ended: true,
      says: "GitHub has made it for this job, with the commit of the workflow",
    });
    expect(states()).toEqual([["in_progress"]]);
  });

  test.each([
    ["another run's", () => github.deployments.addOfJob(sha, "prod", runUrl("77"))],
    ["another environment's", () => github.deployments.addOfJob(sha, "staging", runUrl("7"))],
    ["one of another commit", () => github.deployments.addOfJob(revision, "prod", runUrl("7"))],
  ])("%s is not this job's", async (_, add) => {
    add();
    expect(await begin({}, job)(succeeded)).toEqual({ deployment: 4_701, ended: true, says: "" });
  });

  test("that of a job of this run which has ended is another job's", async () => {
    const { id } = github.deployments.addOfJob(sha, "prod", runUrl("7"));
    const body = { state: "success", log_url: `${runUrl("7")}/job/7` };
    const path = `/deployments/${id}/statuses`;
    github.deployments.answer({ method: "POST", path, query: new URLSearchParams(), body });
    expect(await begin({}, job)(succeeded)).toEqual({ deployment: 4_701, ended: true, says: "" });
  });

  test("the one that threads made in an earlier step of the run is not, either", async () => {
    await begin(
      { number: 11, revision },
      { ...job, GITHUB_SHA: revision },
    )({ state: "in_progress", description: "waits" });
    expect(await begin({}, { ...job, GITHUB_SHA: revision })(succeeded)).toEqual({
      deployment: 4_701,
      ended: true,
      says: "",
    });
  });
});

describe("nobody is told", () => {
  test.each([
    ["without a token", { GITHUB_TOKEN: "" }],
    ["where the repository is not on GitHub", { GITHUB_REPOSITORY: "" }],
  ])("%s, and nothing is said of it", async (_, env) => {
    const processes: Processes = {
      run: async ({ file, args }) => {
        if (file !== "git") throw new Error(`${file} is not there`);
        expect(args).toEqual(["remote", "get-url", "origin"]);
        return { exitCode: 0, stdout: "git@gitlab.com:acme/shop.git\n", stderr: "" };
      },
    };
    expect(await begin({}, env, { processes })(succeeded)).toBeNull();
    expect(github.asked).toEqual([]);
  });
});

describe("what GitHub does not take is a sentence, and no failure", () => {
  test.each<[string, () => void, string | RegExp]>([
    ["a token that only reads", () => (github.readOnly = true), /^HTTP 403: this token may not write deployments/],
    ["a token that is not accepted", () => (github.token = "other"), "HTTP 401: the token is not accepted"],
    [
      "a commit that was not pushed",
      () => (github.deployments.hasCommit = () => false),
      `HTTP 422: No ref found for: ${revision}`,
    ],
    ["an outage", () => (github.broken = { status: 503, body: "later" }), "HTTP 503"],
    ["a page that is none", () => (github.broken = { status: 200, body: "{}" }), "the answer is none of GitHub's"],
  ])("%s", async (_, change, says) => {
    change();
    const told = await begin()(succeeded);
    expect(told).toEqual({ deployment: null, ended: false, says: expect.stringMatching(says) });
  });

  test("nobody is there", async () => {
    expect(await begin({}, { GITHUB_API_URL: "http://127.0.0.1:9" })(succeeded)).toMatchObject({ deployment: null });
  });

  test("silence: the end of the work waits for seconds", async () => {
    github.isSilent = true;
    const { clock, tick } = manualClock();
    const told = begin({}, {}, { clock })(succeeded);
    await tick(8_000);
    expect(await told).toEqual({ deployment: null, ended: false, says: "no answer within 8 s" });
  });

  test.each(["before", "while"])("silence: whoever has to be gone waits less, told so %s it waits", async (when) => {
    github.isSilent = true;
    const { clock, tick } = manualClock();
    const detach = new AbortController();
    if (when === "before") detach.abort(new Error("TERM"));
    const told = begin({}, {}, { clock, detach: detach.signal })(succeeded);
    detach.abort(new Error("TERM"));
    await tick(0);
    await tick(1_500);
    expect(await told).toEqual({ deployment: null, ended: false, says: "no answer within 1.5 s" });
  });
});

describe("what GitHub has taken keeps its id, whatever becomes of its last state", () => {
  const begunThere = () => expect.poll(states).toEqual([["in_progress"]]);

  test("which is refused", async () => {
    const end = begin();
    await begunThere();
    github.readOnly = true;
    const says = expect.stringMatching(/^HTTP 403: /) as string;
    expect(await end(succeeded)).toEqual({ deployment: 4_700, ended: false, says });
  });

  test("to which there is no answer", async () => {
    const { clock, tick } = manualClock();
    const end = begin({}, {}, { clock });
    await begunThere();
    github.isSilent = true;
    const told = end(succeeded);
    await tick(8_000);
    expect(await told).toEqual({ deployment: 4_700, ended: false, says: "no answer within 8 s" });
  });

  test("before which GitHub has fallen silent, with the first one", async () => {
    const { clock, tick } = manualClock();
    github.silentAt = "/statuses";
    const end = begin({}, {}, { clock });
    await expect.poll(() => github.asked.at(-1)?.path).toMatch(/\/statuses$/);
    const told = end(succeeded);
    await tick(8_000);
    expect(await told).toEqual({ deployment: 4_700, ended: false, says: "no answer within 8 s" });
  });
});
