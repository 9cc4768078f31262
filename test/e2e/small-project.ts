import { execFileSync } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** A repository with two tiny services made from `debian:trixie-slim`: a web server in Perl, and a worker that sleeps. */
export interface SmallProject {
  readonly root: string;
  /** Name that all of its stacks and images begin with. */
  readonly app: string;
  readonly revision: string;
  readonly write: (path: string, text: string) => Promise<void>;
  readonly commit: () => string;
  /** Containers, networks, volumes and images of it that are there now. */
  readonly present: () => string[];
  /** Removes the folder and every image, whatever is left of the rest too. */
  readonly remove: () => Promise<void>;
}

export interface Traits {
  /** Lines of YAML for the services, indented by four. */
  readonly web?: string;
  readonly worker?: string;
  readonly checks?: string;
  readonly timeout?: number;
  /** What the suite of `threads test` runs. */
  readonly suite?: string;
}

const files = fileURLToPath(new URL("small-project", import.meta.url));

export async function makeSmallProject(traits: Traits = {}): Promise<SmallProject> {
  const root = await mkdtemp(join(tmpdir(), "small-project-"));
  const app = `e2e-${root
    .slice(-6)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, "x")}`;
  const write = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  };
  await cp(files, root, { recursive: true });
  await write("threads.yml", threadsYaml(app, traits));
  await write("smoke.yml", smokeYaml(traits));
  await write("test.yml", testYaml(traits));
  const git = (...args: string[]): string => execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();
  const commit = (): string => {
    git("add", "-A");
    git("-c", "user.name=e2e", "-c", "user.email=e2e@example.com", "commit", "-qm", "Small project");
    return git("rev-parse", "HEAD");
  };
  git("init", "-q");
  const revision = commit();
  return { root, app, revision, write, commit, present: () => present(app), remove: () => remove(root, app) };
}

function docker(...args: string[]): string[] {
  const out = execFileSync("docker", args, { encoding: "utf8" });
  return out.split("\n").filter((line) => line !== "");
}

function present(app: string): string[] {
  const named = (line: string): boolean => line.startsWith(`${app}-`) || line.startsWith(`${app}_`);
  return [
    ...docker("ps", "-a", "--format", "{{.Names}}"),
    ...docker("network", "ls", "--format", "{{.Name}}"),
    ...docker("volume", "ls", "--format", "{{.Name}}"),
    ...docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}"),
  ].filter(named);
}

async function remove(root: string, app: string): Promise<void> {
  const own = (...list: string[]): string[] =>
    docker(...list).filter((line) => line.split(" ")[0]?.startsWith(`${app}-`));
  const away = (found: string[], ...verb: string[]): void => {
    if (found.length > 0) docker(...verb, ...found);
  };
  away(own("ps", "-a", "--format", "{{.Names}}"), "rm", "-fv");
  away(own("network", "ls", "--format", "{{.Name}}"), "network", "rm");
  away(own("volume", "ls", "--format", "{{.Name}}"), "volume", "rm");
  away(own("image", "ls", "--format", "{{.Repository}}:{{.Tag}}"), "image", "rm");
  await rm(root, { recursive: true, force: true });
}

function threadsYaml(app: string, traits: Traits): string {
  return `app: ${app}
services: [web, worker]
test: { compose: test.yml, service: web-test, timeout: 60 }
smoke:
  compose: smoke.yml
  env: { template: env.example, generate: [SECRET] }
  entry: { service: web, port: 8080 }
  timeout: ${traits.timeout ?? 60}
  checks:
${traits.checks ?? "    - path: /healthz\n    - { path: /, assets: true }\n    - { path: /env, contains: it's $fine }"}
runtime: { compose: smoke.yml, strategy: recreate }
environments: { dev: {} }
`;
}

const well = `    healthcheck: { test: ["CMD", "true"], interval: 30s, start_period: 20s, start_interval: 100ms }`;

function smokeYaml(traits: Traits): string {
  return `x-build: &build { context: ., args: { REVISION: "\${REVISION:-dev}", TREE: "\${TREE:-none}" } }
services:
  web:
    image: \${WEB_IMAGE:-small-web:dev}
    build: *build
    init: true
    env_file: \${ENV_FILE:-.env}
    volumes: ["data:/data"]
    depends_on: { setup: { condition: service_completed_successfully } }
${traits.web ?? `    ports: ["127.0.0.1:\${HTTP_PORT:-0}:8080"]\n    healthcheck: { test: ["CMD", "perl", "/srv/ask.pl"], interval: 30s, start_period: 20s, start_interval: 100ms }`}
  worker:
    image: \${WORKER_IMAGE:-small-worker:dev}
    build: *build
    init: true
    command: ["sleep", "600"]
${traits.worker ?? well}
  setup:
    image: \${WEB_IMAGE:-small-web:dev}
    command: ["true"]
    restart: "no"
volumes: { data: {} }
`;
}

function testYaml(traits: Traits): string {
  return `services:
  web-test:
    image: \${WEB_TEST_IMAGE:-small-web-test:dev}
    build: .
    init: true
    environment: { ARGS: "\${TEST_ARGS:-}" }
    command: ["bash", "-c", ${JSON.stringify(traits.suite ?? "echo one; echo args: $$ARGS; echo two >&2")}]
    depends_on: { db: { condition: service_healthy } }
  db:
    image: debian:trixie-slim
    init: true
    command: ["sleep", "600"]
${well}
`;
}
