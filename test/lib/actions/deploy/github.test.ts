import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deploy } from "../../../../src/lib/actions/deploy/run.ts";
import { rollback } from "../../../../src/lib/actions/rollback/run.ts";
import { systemClock } from "../../../../src/lib/clock/clock.ts";
import { githubDeployments } from "../../../../src/lib/source/github-deployments.ts";
import { type FakeGithub, fakeGithub } from "../../../fakes/github.ts";
import { Fleet, sha } from "../../../fakes/fleet.ts";

let fleet: Fleet;
let github: FakeGithub;
let known: Set<string>;
beforeEach(async () => {
  fleet = await Fleet.open();
  github = await fakeGithub("acme/shop", sha("one"));
  github.token = "t0ken";
  known = new Set(["one", "two"].map(sha));
  github.deployments.hasCommit = (commit) => known.has(commit);
  for (const word of ["one", "two"]) fleet.publish(word);
});
afterEach(async () => {
  await fleet.close();
  await github[Symbol.asyncDispose]();
});

const ports = (change: Parameters<Fleet["ports"]>[0] = {}) => {
  const env = { GITHUB_API_URL: github.url, GITHUB_REPOSITORY: "acme/shop", GITHUB_TOKEN: "t0ken" };
  const processes = { run: () => Promise.reject(new Error("no program")) };
  const detach = fleet.detach.signal;
  const config = fleet.config();
  const { prod } = config.environments;
  const environments = { ...config.environments, prod: { ...prod!, url: "https://shop.example" } };
  return fleet.ports({
    config: { ...config, environments },
    author: { user: "ada", host: "laptop", runUrl: "https://github.example/acme/shop/actions/runs/7" },
    github: githubDeployments({ env, processes, root: "/repository", clock: systemClock, detach }),
    ...change,
  });
};
const put = (word: string, change: Parameters<Fleet["ports"]>[0] = {}, dryRun = false) =>
  deploy({ environment: "prod", release: sha(word), dryRun, force: false, supersede: undefined }, ports(change));
const shown = () =>
  github.deployments.all.map(({ sha: commit, description, statuses }) => [
    commit === sha("one") ? "one" : "two",
    description,
    ...statuses.map(({ state }) => state).toReversed(),
  ]);

test("a deployment, and the rollback after it, stand on GitHub's page with the commit that runs", async () => {
  expect(await put("one")).toMatchObject({ outcome: "deployed", github: { deployment: 4_700, ended: true, says: "" } });
  await put("two");
  const back = await rollback({ environment: "prod", dryRun: false, supersede: undefined }, ports());
  expect(back.github).toEqual({ deployment: 4_702, ended: true, says: "" });
  expect(shown()).toEqual([
    ["one", "deployment 1", "in_progress", "success", "inactive"],
    ["two", "deployment 2", "in_progress", "success", "inactive"],
    ["one", "rollback 3, of deployment 2", "in_progress", "success"],
  ]);
  expect(github.deployments.all.at(-1)?.statuses[0]).toEqual({
    state: "success",
    description: "rollback 3 is on 3 hosts",
    environment_url: "https://shop.example",
    log_url: "https://github.example/acme/shop/actions/runs/7",
  });
  expect(fleet.warnings.filter((says) => says.includes("GitHub"))).toEqual([]);
});

test("one that failed says so there, and names no host", async () => {
  await put("one");
  fleet.hosts[1]!.behaviours.push({ code: 15, serves: "old", message: "celery is unhealthy" });
  await expect(put("two")).rejects.toMatchObject({ code: "ROLLED_BACK" });
  expect(shown().at(-1)).toEqual(["two", "deployment 2", "in_progress", "failure"]);
  expect(github.deployments.all.at(-1)?.statuses[0]?.description).toBe(
    "deployment 2 failed, and prod is back on what it ran before",
  );
});

test("one that was interrupted is in error there: nobody can say what runs", async () => {
  await put("one");
  fleet.hosts[0]!.onDeploy = () => fleet.press();
  await expect(put("two")).rejects.toMatchObject({ code: "INTERRUPTED" });
  expect(shown().at(-1)).toEqual(["two", "deployment 2", "in_progress", "error"]);
});

test("one that waits for a person is under way there, and no failure", async () => {
  for (const word of ["one", "two"]) fleet.publish(word, true, word, true);
  await put("one");
  for (const host of fleet.hosts) host.weights.perLook = 1;
  const options = { environment: "prod", release: sha("two"), dryRun: false, force: false, supersede: undefined };
  await expect(deploy({ ...options, pace: { weights: [5, 100] } }, ports())).rejects.toMatchObject({
    code: "STEP_PAUSED",
  });
  expect(github.deployments.all.at(-1)?.statuses[0]).toMatchObject({
    state: "in_progress",
    description: "deployment 2 waits for somebody to approve its next step",
  });
});

describe("nothing stands there of what never was", () => {
  test("a plan, and what runs already", async () => {
    await put("one");
    expect((await put("two", {}, true)).github).toBeNull();
    expect(await put("one")).toMatchObject({ outcome: "already-running", github: null });
    expect(shown()).toHaveLength(1);
  });

  test("a refusal", async () => {
    fleet.publish("three", false);
    known.add(sha("three"));
    await expect(put("three")).rejects.toMatchObject({ code: "NOT_PROMOTED" });
    expect(github.asked).toEqual([]);
  });
});

describe("GitHub stands in nobody's way", () => {
  test("what it does not take is one warning, and the deployment a success", async () => {
    known.clear();
    expect(await put("one")).toMatchObject({
      outcome: "deployed",
      github: { deployment: null, ended: false, says: `HTTP 422: No ref found for: ${sha("one")}` },
    });
    expect(fleet.warnings).toEqual([`GitHub was not told of deployment 1: HTTP 422: No ref found for: ${sha("one")}`]);
  });

  test("what it has taken, and then not the end of, is one warning with another word", async () => {
    const author = { user: "ada", host: "laptop", runUrl: "no address" };
    const says = "HTTP 422: Validation Failed: no address";
    expect((await put("one", { author })).github).toEqual({ deployment: 4_700, ended: false, says });
    expect(fleet.warnings).toEqual([`GitHub was not told what became of deployment 1: ${says}`]);
  });

  test("no host waits for its answer", async () => {
    github.isSilent = true;
    const clock = { sleep: () => Promise.resolve() };
    const env = { GITHUB_API_URL: github.url, GITHUB_REPOSITORY: "acme/shop", GITHUB_TOKEN: "t0ken" };
    const processes = { run: () => Promise.reject(new Error("no program")) };
    const silent = githubDeployments({ env, processes, root: "/", clock, detach: fleet.detach.signal });
    expect(await put("one", { github: silent })).toMatchObject({ outcome: "deployed", github: { deployment: null } });
    expect(fleet.revisions("one")).toEqual(["one", "one", "one"]);
    expect(github.deployments.all).toEqual([]);
  });
});
