import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const checkout = fileURLToPath(new URL("../..", import.meta.url));

/** What is planted into the real backend: lines of a compose file that is merged over its own, or another source. */
export interface Plant {
  /** Services, as YAML indented by two. */
  readonly services?: string;
  /** A file below backend, what stands in it, and what stands there instead. */
  readonly source?: readonly [file: string, from: string, to: string];
}

/** A copy of the backend and its threads.yml under another name, in a repository of its own. */
export interface BackendProject {
  readonly root: string;
  /** Plants it, and takes out what was planted before. */
  plant(what: Plant): void;
  /** Containers, networks, volumes, images and folders of it that are there now. */
  present(): string[];
  remove(): void;
}

/** How busy this machine is decides nothing. */
const patient = `services:
${["web", "celery", "celery-beat", "nginx", "postgres", "redis"].map((name) => `  ${name}: { healthcheck: { start_period: 900s, timeout: 60s } }`).join("\n")}
`;

/** Copies what git tracks, so that a stray file of the working tree cannot change the images. */
export function makeBackendProject(): BackendProject {
  const root = mkdtempSync(join(tmpdir(), "threads-backend-"));
  const app = `defects-${root
    .slice(-6)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, "x")}`;
  const git = (cwd: string, ...args: string[]): string => execFileSync("git", args, { cwd, encoding: "utf8" });
  for (const file of git(checkout, "ls-files", "backend", "threads.yml").trim().split("\n")) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    cpSync(join(checkout, file), join(root, file));
  }
  const smokeFile = "compose: backend/docker-compose-smoke-test.yml";
  change(join(root, "threads.yml"), "app: threads\n", `app: ${app}\n`);
  change(
    join(root, "threads.yml"),
    smokeFile,
    `compose: [${smokeFile.slice(9)}, backend/patient.yml, backend/planted.yml]`,
  );
  change(join(root, "threads.yml"), "  timeout: 180\n", "  timeout: 900\n");
  writeFileSync(join(root, "backend/patient.yml"), patient);
  writeFileSync(join(root, "backend/planted.yml"), "services: {}\n");
  git(root, "init", "-q");
  git(root, "add", "-A");
  git(root, "-c", "user.name=e2e", "-c", "user.email=e2e@example.com", "commit", "-qm", "The backend");
  return {
    root,
    plant: ({ services, source }) => {
      git(root, "checkout", "-q", ".");
      if (services !== undefined) writeFileSync(join(root, "backend/planted.yml"), `services:\n${services}\n`);
      if (source !== undefined) change(join(root, "backend", source[0]), source[1], source[2]);
    },
    present: () => present(app),
    remove: () => {
      const images = present(app).filter((name) => name.includes(":"));
      if (images.length > 0) execFileSync("docker", ["image", "rm", ...images], { stdio: "ignore" });
      rmSync(root, { recursive: true });
    },
  };
}

function change(file: string, from: string, to: string): void {
  const text = readFileSync(file, "utf8");
  if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
  writeFileSync(file, text.replace(from, to));
}

function present(app: string): string[] {
  const docker = (...args: string[]): string[] => execFileSync("docker", args, { encoding: "utf8" }).split("\n");
  return [
    ...docker("ps", "-a", "--format", "{{.Names}}"),
    ...docker("network", "ls", "--format", "{{.Name}}"),
    ...docker("volume", "ls", "--format", "{{.Name}}"),
    ...docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}"),
    ...readdirSync(tmpdir()),
  ]
    .filter((name) => name.startsWith(`${app}-`) || name.startsWith(`${app}_`))
    .toSorted();
}
