import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requireResult } from "../fakes/results.ts";
import { requireBuild } from "./built.ts";

// The package as npm packs it, installed into an empty project without any network.

requireBuild();

const root = fileURLToPath(new URL("../..", import.meta.url));
const { name, version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Record<string, string>;
const home = mkdtempSync(join(tmpdir(), "threads-package-"));
const project = join(home, "shop");
const installed = join(project, "node_modules", name ?? "");
afterAll(() => rmSync(home, { recursive: true }));

const files: Readonly<Record<string, string>> = {
  "package.json": '{ "private": true }',
  ".gitignore": "node_modules\n",
  "compose.yaml": "services:\n  web: { build: ., ports: ['8080:3000'] }\n",
  "server.js": 'app.get("/healthz", ok);\n',
};

/** A folder that npm does not take for this repository, with none of the settings that `npm test` hands down. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(([key]) => !/^npm_|^VITEST|^NODE_OPTIONS$/i.test(key)),
);

const npm = (...args: string[]): string =>
  execFileSync("npm", [...args, "--offline", "--no-audit", "--no-fund", "--cache", join(home, "cache")], {
    cwd: project,
    env,
    encoding: "utf8",
  });

function threads(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const how = { cwd: project, env, encoding: "utf8" } as const;
  const ended = spawnSync("npx", ["--offline", "--no", "--", "threads", ...args], how);
  requireResult(args, ended.stdout);
  return ended;
}

beforeAll(() => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    writeFileSync(join(project, path), text);
  }
  execFileSync("git", ["init", "-q"], { cwd: project });
  npm("pack", root, "--ignore-scripts", "--pack-destination", home);
  const tarball = readdirSync(home).find((file) => file.endsWith(".tgz")) ?? "";
  npm("install", "--save-dev", join(home, tarball));
});

describe("the installed package", () => {
  it("is alone: the bundle carries what it needs", () => {
    expect(readdirSync(join(project, "node_modules")).filter((one) => !one.startsWith("."))).toEqual([
      "@threads-release",
    ]);
  });

  it("brings the JSON Schema, the annotated example and all that the sandbox is built from", () => {
    const brought = [
      "threads.yml",
      "dist/lib/config/threads.schema.json",
      "dist/lib/help/gates.md",
      "dist/lib/help/results.schema.json",
      "dist/lib/sandbox/server/main.js",
      "dist/lib/sandbox/images/host/Dockerfile",
      "dist/lib/script/deploy.sh",
    ];
    expect(brought.filter((file) => statSync(join(installed, file), { throwIfNoEntry: false }) === undefined)).toEqual(
      [],
    );
  });

  it("shows the pages that it brought", () => {
    expect(threads("help", "application")).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("compose.yml") as string,
    });
  });

  it("answers npx by its own name", () => {
    expect(threads("--version")).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(`${name}/${version} `) as string,
      stderr: "",
    });
  });

  it("takes a repository from nothing to a plan, with nothing but what it brought", () => {
    expect(threads("init", "--yes", "--workflows", "--json")).toMatchObject({ status: 0 });
    const shown = JSON.parse(threads("config", "--json").stdout) as { values: { key: string; value: unknown }[] };
    expect(shown.values).toContainEqual(expect.objectContaining({ key: "runtime.health", value: "/healthz" }));
    const git = ["-c", "user.name=a", "-c", "user.email=a@b"];
    execFileSync("git", ["add", "-A"], { cwd: project });
    execFileSync("git", [...git, "commit", "-qm", "x"], { cwd: project });
    const plan = threads("smoke", "--dry-run");
    expect(plan).toMatchObject({ status: 0, stderr: "" });
    expect(plan.stdout).toContain("build from compose.yaml: web");
  });

  it("sends a person nowhere that only a checkout of threads has", () => {
    const noDocker = spawnSync("npx", ["--offline", "--no", "threads", "sandbox", "up"], {
      cwd: project,
      env: { ...env, DOCKER_HOST: "unix:///nowhere.sock" },
      encoding: "utf8",
    });
    expect(noDocker.status).toBe(3);
    expect(noDocker.stderr).not.toContain("bin/setup");
  });
});
