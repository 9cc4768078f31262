import { describe, expect, it } from "vitest";
import { judgeDocker } from "../../../../src/lib/actions/doctor/checks/docker.ts";
import { judgeGit } from "../../../../src/lib/actions/doctor/checks/git.ts";
import { judgeGithub } from "../../../../src/lib/actions/doctor/checks/github.ts";
import { judgeHosts } from "../../../../src/lib/actions/doctor/checks/hosts.ts";
import { judgeLifecycle } from "../../../../src/lib/actions/doctor/checks/lifecycle.ts";
import { judgeLedger } from "../../../../src/lib/actions/doctor/checks/ledger.ts";
import { judgeParameters } from "../../../../src/lib/actions/doctor/checks/parameters.ts";
import { judgeMutability, judgeScanning } from "../../../../src/lib/actions/doctor/checks/repositories.ts";
import { compareVersions, judgeRuntime } from "../../../../src/lib/actions/doctor/checks/runtime.ts";
import { type NeededImage, neededImages, saysNeeded } from "../../../../src/lib/actions/doctor/protected.ts";
import { digestOf } from "../../../../src/lib/image/digest.ts";
import type { Deployment, DeploymentResult } from "../../../../src/lib/ledger/ledger.ts";
import type { LifecycleWarning } from "../../../../src/lib/registry/lifecycle/warnings.ts";
import type { RepositorySettings } from "../../../../src/lib/registry/ecr/repository-settings.ts";
import type { Host } from "../../../../src/lib/remote/remote.ts";
import type { HostedEnvironment } from "../../../../src/lib/fleet/hosts.ts";

const now = Date.parse("2026-11-22T12:00:00Z");

function deployment(
  number: number,
  release: string,
  result: DeploymentResult | undefined,
  rollbackOf?: number,
): Deployment {
  const images = { web: { repository: "threads/web", digest: digestOf(`web ${release}`) } };
  const intent = {
    schema: 1 as const,
    number,
    kind: rollbackOf === undefined ? ("deploy" as const) : ("rollback" as const),
    revision: release.repeat(40),
    tree: release.repeat(40),
    bundle: { repository: "threads/bundle", digest: digestOf(release) },
    images,
    hosts: ["i-1"],
    by: { user: "ada", host: "laptop" },
    startedAt: "2026-11-22T11:55:00Z",
    deadline: "2026-11-22T12:10:00Z",
    nonce: "n",
    ...(rollbackOf === undefined ? {} : { rollbackOf }),
  };
  if (result === undefined) return { intent, outcome: undefined };
  const state = result === "partial" ? "unknown" : result === "failed" ? "old" : "new";
  const hosts = [{ id: "i-1", state } as const];
  return { intent, outcome: { schema: 1, number, nonce: "n", result, hosts, finishedAt: "2026-11-22T11:59:00Z" } };
}

describe("what an environment needs", () => {
  const reasons = (deployments: readonly Deployment[]): string[] =>
    neededImages("prod", { deployments, serverTime: now })
      .filter(({ repository }) => repository === "threads/bundle")
      .map(
        ({ because, digest, vital }) =>
          `${"abcdefg".split("").find((name) => digestOf(name) === digest)} ${because}${vital ? "" : " (spare)"}`,
      );

  it("is what runs, three releases below it, and what is being deployed, each once", () => {
    const succeeded = ["a", "b", "c", "d", "e"].map((name, index) => deployment(index + 1, name, "succeeded"));
    const again = deployment(6, "e", "succeeded");
    const failed = deployment(7, "f", "failed");
    const open = deployment(8, "g", undefined);
    expect(reasons([open, failed, again, ...succeeded.toReversed()])).toEqual([
      "g is being deployed to prod",
      "e runs in prod",
      "d rollback target of prod",
      "c ran in prod before (spare)",
      "b ran in prod before (spare)",
    ]);
  });

  it("after a rollback is the target, what lies below that, and the release that was left", () => {
    const history = [
      deployment(1, "a", "succeeded"),
      deployment(2, "b", "succeeded"),
      deployment(3, "c", "succeeded"),
      deployment(4, "b", "succeeded", 3),
    ];
    expect(reasons(history.toReversed())).toEqual([
      "b runs in prod",
      "a rollback target of prod",
      "c ran in prod before (spare)",
    ]);
  });

  it("is known once a release to roll back to and four releases in all were read", () => {
    const says = (...names: string[]): boolean => {
      const deployments = names.map((name, index) => deployment(index + 1, name, "succeeded")).toReversed();
      return saysNeeded({ deployments, folded: [] });
    };
    expect([says("a", "b", "c", "d"), says("a", "b", "c"), says("a", "b", "b", "c")]).toEqual([true, false, false]);
  });

  it("is nothing where nothing was ever deployed, and covers every image of a release", () => {
    expect(neededImages("prod", { deployments: [], serverTime: now })).toEqual([]);
    const deployments = [deployment(1, "a", "succeeded")];
    expect(neededImages("prod", { deployments, serverTime: now }).map(({ repository }) => repository)).toEqual([
      "threads/web",
      "threads/bundle",
    ]);
  });
});

describe("versions", () => {
  it("are compared by their numbers", () => {
    expect(compareVersions("22.9.0", "22.13")).toBeLessThan(0);
    expect(compareVersions("v22.13.0", "22.13")).toBe(0);
    expect(compareVersions("26.1.5+dfsg1", "26")).toBeGreaterThan(0);
  });

  it.each([
    ["24.21.0", "ok"],
    ["22.13.0", "ok"],
    ["22.12.9", "fail"],
    ["20.20.2", "fail"],
  ])("Node %s is %s for >=22.13", (node, state) => {
    expect(judgeRuntime({ node, wanted: ">=22.13", threads: "0.1.0" }).state).toBe(state);
  });

  it.each([
    [
      "26.1.5+dfsg1",
      "github.com/docker/buildx 0.13.1+ds1 0.13.1+ds1-3",
      "ok",
      "engine 26.1.5+dfsg1, compose 2.26.1, buildx 0.13.1+ds1",
    ],
    ["29.0.0", "github.com/docker/buildx v0.30.0 0123abc", "ok", "engine 29.0.0, compose 2.26.1, buildx v0.30.0"],
    ["20.10.24", "github.com/docker/buildx v0.13.1 0123abc", "warn", "threads is tested with engine 26 and newer"],
    ["26.1.5", undefined, "warn", "no buildx: images cannot be built"],
  ])("engine %s with buildx %s is %s", (engine, buildx, state, says) => {
    const finding = judgeDocker({ engine, compose: "2.26.1" }, buildx);
    expect(finding.state).toBe(state);
    expect(finding.says).toContain(says);
  });
});

describe("git", () => {
  const head = {
    revision: "3f9c2ab01234".padEnd(40, "0"),
    tree: "b",
    committedAt: "",
    branch: "dev",
    dirty: [],
    shallow: false,
    upstream: "origin/dev",
    pushed: true,
  };

  it("is well though the tree is dirty or unpushed, and not when the clone is shallow", () => {
    expect(judgeGit(head)).toMatchObject({ state: "ok", says: "dev at 3f9c2ab01234" });
    expect(judgeGit({ ...head, dirty: ["a"], pushed: false, branch: undefined })).toMatchObject({
      state: "ok",
      says: "detached HEAD at 3f9c2ab01234, 1 uncommitted file, not pushed to origin/dev",
    });
    expect(judgeGit({ ...head, shallow: true })).toMatchObject({
      state: "warn",
      next: expect.arrayContaining(["git fetch --unshallow"]) as unknown,
    });
  });
});

describe("a repository's tags", () => {
  const web = (mutability: RepositorySettings["mutability"], ...exclusions: string[]): RepositorySettings => ({
    repository: "threads/web",
    mutability,
    exclusions,
    scanOnPush: true,
  });

  const fixed = ["0123456789abcdef", "prod-0123456789abcdef"];
  it.each([
    [web("IMMUTABLE"), "ok"],
    [web("IMMUTABLE_WITH_EXCLUSION", "cache-*", "dev-latest"), "ok"],
    [web("IMMUTABLE_WITH_EXCLUSION", "prod-*"), "warn"],
    [web("IMMUTABLE_WITH_EXCLUSION", "*"), "warn"],
    [web("MUTABLE"), "warn"],
    [web("MUTABLE_WITH_EXCLUSION", "prod-*"), "warn"],
    [web("MUTABLE_WITH_EXCLUSION", "*"), "ok"],
  ])("%o is %s: a build's tag and a promotion's may not move", (settings, state) => {
    const fix = "aws ecr put-image-tag-mutability --repository-name threads/web --image-tag-mutability IMMUTABLE";
    const { state: found, next = [] } = judgeMutability([settings], fixed);
    expect([found, next]).toEqual([state, state === "ok" ? [] : [fix]]);
  });

  it("are one thing, scanning is another", () => {
    expect(judgeScanning([web("IMMUTABLE")]).state).toBe("ok");
    expect(judgeScanning([{ ...web("IMMUTABLE"), scanOnPush: false }])).toMatchObject({
      state: "warn",
      next: expect.arrayContaining([expect.stringContaining("scanOnPush=true")]) as unknown,
    });
  });
});

describe("what lifecycle policies take", () => {
  const image = (name: string, vital: boolean): NeededImage => ({
    repository: "threads/web",
    digest: digestOf(name),
    because: name,
    vital,
  });
  const warning = (name: string, urgent: boolean): LifecycleWarning => ({
    repository: "threads/web",
    digest: digestOf(name),
    because: [name],
    kind: "expire",
    urgent,
    rule: 1,
    at: undefined,
    pushesLeft: undefined,
    text: `${name} expires`,
    next: [`save ${name}`, "otherwise"],
    advice: [],
  });
  const needed = [image("runs", true), image("spare", false)];

  it.each([
    ["nothing", [], "ok", []],
    ["what is spare, at once", [warning("spare", true)], "warn", ["save spare"]],
    ["what runs, one day", [warning("runs", false)], "warn", ["save runs"]],
    ["what runs, at once", [warning("spare", false), warning("runs", true)], "fail", ["save runs"]],
  ])("%s", (_, warnings, state, next) => {
    const finding = judgeLifecycle(needed, warnings);
    expect([finding.state, finding.next ?? [], finding.details]).toEqual([
      state,
      next,
      warnings.map(({ text }) => text),
    ]);
  });
});

describe("hosts", () => {
  const prod = { name: "prod", hosts: { tag: "threads-env", value: "prod", minimum: 2 } } as HostedEnvironment;
  const host = (id: string, change: Partial<Host> = {}): Host => ({
    id,
    name: id,
    online: true,
    agent: "3.3.40",
    ...change,
  });

  it.each([
    ["none", [], "fail", "no host with tag threads-env=prod is registered with SSM"],
    ["too few", [host("a")], "fail", "1 of at least 2"],
    ["one that is offline", [host("a"), host("b", { online: false }), host("c")], "fail", "b is not online in SSM"],
    [
      "agents of two versions",
      [host("a"), host("b", { agent: "3.2.1" })],
      "warn",
      "2 online (at least 2 wanted), with different SSM agents: 3.3.40, 3.2.1",
    ],
    ["as wanted", [host("a"), host("b")], "ok", "2 online (at least 2 wanted), agent 3.3.40"],
  ])("%s", (_, hosts, state, says) => {
    expect(judgeHosts(prod, hosts)).toMatchObject({ state, says, of: "prod" });
  });

  it.each([
    ["3.3.2746.0", "ok"],
    ["3.10.1.0", "ok"],
    ["3.3.2745.9", "fail"],
    ["3.2.9999.0", "fail"],
    ["", "fail"],
  ])("that take orders by documents: agent %j is %s", (agent, state) => {
    const documents = { ...prod, hosts: { ...prod.hosts, documents: true } };
    expect(judgeHosts(documents, [host("a", { agent }), host("b", { agent })])).toMatchObject({ state });
    expect(judgeHosts(prod, [host("a", { agent }), host("b", { agent })])).toMatchObject({ state: "ok" });
  });
});

describe("the ledger", () => {
  it.each([
    ["nothing", [], "ok", "readable; nothing was ever deployed"],
    ["a success", [deployment(1, "a", "succeeded")], "ok", "readable; the newest deployment (#1) succeeded"],
    [
      "one under way",
      [deployment(2, "b", undefined), deployment(1, "a", "succeeded")],
      "ok",
      "readable; the newest deployment (#2) running",
    ],
    [
      "one that was left in the middle",
      [deployment(1, "a", "partial")],
      "warn",
      "readable; the newest deployment (#1) partial; deployment 1 may have left hosts that differ",
    ],
    [
      "one that failed harmlessly after it",
      [deployment(2, "b", "failed"), deployment(1, "a", "partial")],
      "warn",
      "readable; the newest deployment (#2) failed; deployment 1 may have left hosts that differ",
    ],
  ])("with %s", (_, deployments, state, says) => {
    expect(judgeLedger("prod", { deployments, serverTime: now })).toMatchObject({ state, says });
  });
});

describe("Parameter Store", () => {
  it.each([
    [7_999, "ok", "7999 of 10000 parameters of the account are taken", []],
    [
      8_000,
      "warn",
      "8000 or more of 10000 parameters of the account are taken; when all are, nothing can be deployed or rolled back",
      ["threads history -e staging --compact", "threads history -e prod --compact"],
    ],
  ])("with %i parameters", (count, state, says, next) => {
    expect(judgeParameters(count, ["staging", "prod"])).toMatchObject({ state, says });
    expect(judgeParameters(count, ["staging", "prod"]).next ?? []).toEqual(next);
  });
});

describe("GitHub Actions", () => {
  const env = {
    GITHUB_ACTIONS: "true",
    GITHUB_REPOSITORY: "octo-org/octo-repo",
    GITHUB_REPOSITORY_OWNER_ID: "123456",
    GITHUB_REPOSITORY_ID: "789012",
  };

  it("is told both forms of the subject that a trust policy may meet", () => {
    expect(judgeGithub({ ...env, ACTIONS_ID_TOKEN_REQUEST_URL: "https://token" }, ["prod"])).toMatchObject({
      state: "ok",
      details: ["repo:octo-org/octo-repo:environment:prod or repo:octo-org@123456/octo-repo@789012:environment:prod"],
    });
  });

  it("needs the permission to ask for a token, unless there are credentials", () => {
    expect(judgeGithub(env, ["prod"])).toMatchObject({
      state: "warn",
      advice: [expect.stringContaining("id-token: write"), expect.anything()],
    });
    expect(judgeGithub({ ...env, AWS_ACCESS_KEY_ID: "AKIA" }, ["prod"]).state).toBe("ok");
  });
});
