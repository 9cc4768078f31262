import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type SpawnedCli, spawnCli } from "./spawned-cli.ts";

const checkout = fileURLToPath(new URL("../..", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A repository of its own with the real backend, on which the built CLI is used as a person would use it. */
export interface TrainProject {
  readonly root: string;
  readonly sha: string;
  /** Runs `threads …` to its end. */
  threads(args: readonly string[], env?: Readonly<Record<string, string | undefined>>): Promise<Ended>;
  /** Starts `threads …`; the caller signals it and waits for `ended`. */
  start(args: readonly string[], env?: Readonly<Record<string, string | undefined>>): SpawnedCli;
  git(...args: string[]): string;
  /** Takes down its sandbox, and every image that has one of its revisions for a tag: built, pushed and promoted. */
  remove(): Promise<void>;
}

/** Copies what git tracks of the backend, so that a stray file of the working tree cannot change the images. */
export function makeTrainProject(): TrainProject {
  const tracked = execFileSync("git", ["ls-files", "backend", "threads.yml", ".gitignore"], {
    cwd: checkout,
    encoding: "utf8",
  });
  return makeProject("threads-train-", (root) => {
    for (const file of tracked.trim().split("\n")) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      cpSync(join(checkout, file), join(root, file));
    }
  });
}

/** Two services of somebody else, who has never heard of threads. */
export function makeForeignProject(): TrainProject {
  return makeProject("threads-foreign-", (root) =>
    cpSync(join(checkout, "test", "e2e", "foreign-project"), root, { recursive: true }),
  );
}

/** An application for two slots, small enough to be switched often. */
export function makeSlotsProject(): TrainProject {
  return makeProject("threads-slots-", (root) =>
    cpSync(join(checkout, "test", "e2e", "slots-project"), root, { recursive: true }),
  );
}

/** The same application, for tasks of ECS behind a target group. */
export function makeEcsProject(): TrainProject {
  return makeProject("threads-ecs-", (root) => {
    for (const folder of ["slots-project", "ecs-project"])
      cpSync(join(checkout, "test", "e2e", folder), root, { recursive: true });
  });
}

/** Posts in PostgreSQL, with migrations: what a release does to the one before it. */
export function makeRehearsalProject(): TrainProject {
  return makeProject("threads-rehearsal-", (root) =>
    cpSync(join(checkout, "test", "e2e", "rehearsal-project"), root, { recursive: true }),
  );
}

function makeProject(prefix: string, fill: (root: string) => void): TrainProject {
  const root = mkdtempSync(join(tmpdir(), prefix));
  fill(root);
  const git = (...args: string[]): string =>
    execFileSync("git", ["-c", "user.name=Train", "-c", "user.email=train@example.com", ...args], {
      cwd: root,
      encoding: "utf8",
    }).trim();
  git("init", "-q", "-b", "dev");
  git("add", "-A");
  git("commit", "-qm", "The application");
  const sha = git("rev-parse", "HEAD");
  const start: TrainProject["start"] = (args, env = {}) =>
    spawnCli(root, args, { entry: "run", env: { NO_COLOR: "1", ...env } });
  const threads: TrainProject["threads"] = async (args, env) => {
    const cli = start(args, env);
    const code = await cli.ended;
    return { code, stdout: cli.stdout(), stderr: cli.stderr() };
  };
  return {
    root,
    sha,
    git,
    start,
    threads,
    remove: async () => {
      const { code, stderr } = await threads(["sandbox", "down", "--purge"]);
      removeImages(git("rev-list", "--all").split("\n"));
      rmSync(root, { recursive: true, force: true });
      if (code !== 0) throw new Error(`threads sandbox down: exit ${String(code)}\n${stderr}`);
    },
  };
}

function removeImages(revisions: readonly string[]): void {
  const listed = execFileSync("docker", ["image", "ls", "--format", "{{.Repository}}:{{.Tag}}"], { encoding: "utf8" });
  const own = listed.split("\n").filter((image) => revisions.some((revision) => image.endsWith(revision)));
  if (own.length > 0) execFileSync("docker", ["image", "rm", ...own], { stdio: ["ignore", "ignore", "inherit"] });
}
