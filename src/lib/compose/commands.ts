import { docker, filters, type Kind, list } from "../docker/commands.ts";
import type { CommandLine } from "../process/processes.ts";

/** What every compose call names explicitly, so that no file or variable of the caller's folder is found by chance. */
export interface Project {
  readonly name: string;
  /** Absolute paths; the first one's folder is where relative paths in it start. */
  readonly files: readonly string[];
  /** Files that compose interpolates from; later ones win. Given even if empty: otherwise `.env` beside the file is read. */
  readonly envFiles: readonly string[];
}

/** A project and the variables that its files define: the shell's own values of these never count. */
export interface Stack extends Project {
  readonly keys: readonly string[];
}

/** Seconds between TERM and KILL when a throw-away stack is taken down: nothing in it is worth more, and what is deaf to TERM has everybody wait. */
const downSeconds = "2";

function compose(project: Project, words: readonly string[]): CommandLine {
  const files = project.files.flatMap((file) => ["-f", file]);
  const env = project.envFiles.flatMap((file) => ["--env-file", file]);
  return docker("compose", "--ansi", "never", "--progress", "plain", "-p", project.name, ...files, ...env, ...words);
}

export function composeBuild(project: Project, services: readonly string[]): CommandLine {
  return compose(project, ["build", ...services]);
}

/** Never `--wait`: it may exit 0 when its time is up (docker/compose, every version before 06f4f9d62). */
export function composeUp(project: Project, services: readonly string[] = []): CommandLine {
  const flags = ["-d", "--no-build", "--pull", "missing", "--quiet-pull", "--remove-orphans"];
  return compose(project, ["up", ...flags, ...services]);
}

/** How one service is run. */
export interface OneOff {
  /** None: its own. */
  readonly command?: readonly string[] | undefined;
  /** Of its container, which then stays until the project goes. */
  readonly name?: string | undefined;
}

/** One service in the foreground without a terminal; what it depends on is up already. */
export function composeRun(project: Project, service: string, { command = [], name }: OneOff = {}): CommandLine {
  const stays = name === undefined ? ["--rm"] : ["--name", name];
  return compose(project, ["run", ...stays, "-T", "--no-deps", service, ...command]);
}

export function composeDown(project: Project): CommandLine {
  return compose(project, ["down", "-v", "--remove-orphans", "-t", downSeconds]);
}

/** Prints secrets too: read by the program, never shown. */
export function composeConfig(project: Project): CommandLine {
  return compose(project, ["config", "--format", "json"]);
}

/** Only whether it can be read. */
export function composeCheck(project: Project): CommandLine {
  return compose(project, ["config", "--quiet"]);
}

/** The files as one model, variables and paths as they were written and every profile in: needs no environment, prints no secret of one. */
export function composeOpenConfig(name: string, files: readonly string[]): CommandLine {
  const open = ["--no-interpolate", "--no-path-resolution", "--format", "json"];
  return compose({ name, files, envFiles: ["/dev/null"] }, ["--profile", "*", "config", ...open]);
}

/** Takes a project down by its labels alone, when its files are gone; also what a person types. */
export function cleanUp(name: string): CommandLine {
  return docker("compose", "-p", name, "down", "-v", "--remove-orphans", "-t", downSeconds);
}

/** The end of what each container of a project has said, one-offs left out; its name in the project stands before each line. */
export function composeLogs(name: string, lines: number): CommandLine {
  return docker("compose", "--ansi", "never", "-p", name, "logs", "--no-color", "--tail", String(lines));
}

const projectLabel = "com.docker.compose.project";

/**
 * Labels of what compose itself has made. A container has all labels of its image too, and images that compose built, or that were
 * committed for it, name projects: only compose's own containers carry the hash of their configuration.
 */
function madeByCompose(kind: Kind, project?: string): string[] {
  const own = kind === "container" ? ["com.docker.compose.config-hash"] : [];
  const label = project === undefined ? projectLabel : `${projectLabel}=${project}`;
  return [label, ...own];
}

/** Ids of everything that a project has left: containers, networks or volumes. */
export function listOf(kind: Kind, project: string): CommandLine {
  return list(kind, { labels: madeByCompose(kind, project) });
}

/** One JSON line for each container or network that belongs to any compose project. */
export function listLabelled(kind: "container" | "network"): CommandLine {
  const fields = [projectLabel, labels.owner, labels.started, labels.smoke, labels.test, labels.keep].map(
    (label) => `{{json (.Label "${label}")}}`,
  );
  return list(kind, { labels: madeByCompose(kind), format: `[${fields.join(",")}]` });
}

/** Labels that `threads` puts on all that it starts for a while. */
export const labels = {
  smoke: "threads.smoke",
  test: "threads.test",
  /** `<host>:<pid>`. */
  owner: "threads.owner",
  /** Seconds since the epoch. */
  started: "threads.started",
  /** It stays when its run is over, until a person takes it down. */
  keep: "threads.keep",
} as const;

/** Only what changes a verdict: health checks run as `exec` and would flood the stream. */
export function containerEvents(project: string): CommandLine {
  const own = filters("label", madeByCompose("container", project));
  const only = [...filters("type", ["container"]), ...own, ...filters("event", eventsWatched)];
  return docker("events", ...only, "--format", "{{json .}}");
}

const eventsWatched = ["start", "die", "oom", "health_status"];
