import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { foreignActions } from "../runner/foreign-actions.ts";
import { runJob } from "../runner/job.ts";
import { type Job, readWorkflow } from "../runner/workflow.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

it("what our workflows begin with makes the sources of a fresh clone the command threads", async () => {
  const folder = mkdtempSync(join(tmpdir(), "threads-own-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [clone, origin] = [join(folder, "sources"), join(folder, "origin.git")];
  const git = (...args: string[]): string => execFileSync("git", args, { cwd: clone, encoding: "utf8" }).trim();
  const listed = execFileSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" }).split("\0");
  for (const file of listed.filter((name) => existsSync(join(root, name)) && name !== "")) {
    mkdirSync(dirname(join(clone, file)), { recursive: true });
    cpSync(join(root, file), join(clone, file));
  }
  git("init", "-q", "-b", "dev");
  git("add", "-A");
  git("-c", "user.name=e2e", "-c", "user.email=e2e@example.com", "commit", "-qm", "These sources");
  git("clone", "-q", "--bare", ".", origin);
  const { steps = [] } =
    readWorkflow(execFileSync("git", ["show", "HEAD:.github/workflows/release.yml"], { cwd: clone, encoding: "utf8" }))
      .jobs["publish"] ?? {};
  const [checkout, setUp] = steps;
  expect(setUp?.uses).toBe("./.github/actions/setup");
  const job: Job = {
    permissions: { contents: "read", "id-token": "write" },
    steps: [checkout ?? {}, setUp ?? {}, { run: "exec threads --version" }, { run: "git status --porcelain" }],
  };
  const npm = dirname(execFileSync("sh", ["-c", "command -v npm"], { encoding: "utf8" }).trim());
  const inherited = Object.entries(process.env).filter(([name]) =>
    /^(?:https?_proxy|no_proxy|NODE_EXTRA_CA_CERTS)$/i.test(name),
  );
  const setting = (name: string): string =>
    execFileSync("npm", ["config", "get", name], { cwd: root, encoding: "utf8" }).trim();
  const machine = {
    folder,
    workspace: join(folder, "work"),
    temp: join(folder, "temp"),
    job,
    environment: "dev",
    github: { sha: git("rev-parse", "HEAD"), repository: "octocat/threads", run_id: "1" },
    workflow: "octocat/threads/.github/workflows/release.yml@refs/heads/dev",
  };
  const aws = { endpoint: "http://127.0.0.1:1", region: "eu-west-1" };
  const { result, log, scripts } = await runJob(
    machine,
    {},
    {
      actions: foreignActions({ origin, artifacts: folder, aws }),
      tokenRequest: () => Promise.resolve({}),
      env: {
        ...Object.fromEntries(inherited.map(([name, value]) => [name, value ?? ""])),
        HOME: folder,
        PATH: `${npm}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
        NPM_CONFIG_REGISTRY: setting("registry"),
        NPM_CONFIG_CACHE: setting("cache"),
      },
    },
  );
  expect({ result, log: result === "success" ? "" : log }).toEqual({ result: "success", log: "" });
  expect(log).toMatch(/@threads-release\/cli\/\d/);
  expect(scripts).toHaveLength(3);
  // A build that left something behind would make every release refuse: it is no commit's any more.
  expect(log.trim().split("\n").at(-1)).toMatch(/@threads-release\/cli\/\d/);
});
