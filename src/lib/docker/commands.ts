import type { CommandLine } from "../process/processes.ts";

/** Words for docker, as one command line: nothing here runs, and no secret is ever among them. */
export function docker(...args: readonly string[]): CommandLine {
  return { file: "docker", args };
}

export const engineVersion = docker("version", "--format", "{{.Server.Version}}");
export const composeVersion = docker("compose", "version", "--short");
export const buildxVersion = docker("buildx", "version");

/** What the engine keeps under a name. */
export type Kind = "container" | "network" | "volume";

/** What carries all these labels, containers in whatever state; ids (of volumes, names) where no format is given. */
export function list(kind: Kind, by: { readonly labels: readonly string[]; readonly format?: string }): CommandLine {
  const all = kind === "container" ? ["--all", "--no-trunc"] : [];
  const format = by.format === undefined ? ["--quiet"] : ["--format", by.format];
  return docker(kind, "ls", ...all, ...filters("label", by.labels), ...format);
}

/** `--filter label=a --filter label=b`: of labels all must be there, of events any is enough. */
export function filters(key: string, values: readonly string[]): string[] {
  return values.flatMap((value) => ["--filter", `${key}=${value}`]);
}

/** Containers go in whatever state, with the volumes that have no name. */
export function remove(kind: Kind, names: readonly string[]): CommandLine {
  const flags = { container: ["--force", "--volumes"], network: [], volume: ["--force"] };
  return docker(kind, "rm", ...flags[kind], ...names);
}

export function createNetwork(name: string, labels: readonly string[]): CommandLine {
  return docker("network", "create", ...labelled(labels), name);
}

export interface ContainerToRun {
  readonly name: string;
  /** `key=value`. */
  readonly labels: readonly string[];
  readonly network: string;
  readonly image: string;
  /** Further options of `docker run`. */
  readonly options: readonly string[];
  /** Names only: docker takes the values from its own environment, so that none shows in a process list. */
  readonly env: readonly string[];
  readonly command: readonly string[];
}

export function runContainer(container: ContainerToRun): CommandLine {
  const { name, labels, network, image, options, env, command } = container;
  const place = ["--name", name, ...labelled(labels), "--network", network];
  return docker("run", "--detach", ...place, ...options, ...env.flatMap((key) => ["--env", key]), image, ...command);
}

/** What lies in a folder of a container, running or not, and not the folder itself. */
export function copyContents(container: string, from: string, to: string): CommandLine {
  return docker("cp", `${container}:${from.replace(/\/+$/, "")}/.`, to);
}

export interface OneRun {
  readonly image: string;
  /** Names only, as above. */
  readonly env: readonly string[];
  readonly command: readonly string[];
}

/** A command in an image by itself, in the foreground: no network, and nothing is left. With an init it obeys TERM. */
export function runAlone({ image, env, command }: OneRun): CommandLine {
  const alone = ["--rm", "--init", "--network", "none", "--pull", "never"];
  return docker("run", ...alone, ...env.flatMap((key) => ["--env", key]), image, ...command);
}

/** A container that is only looked into: what it would run need not be there. */
export function createUnstarted(image: string): CommandLine {
  return docker("container", "create", "--pull", "never", "--network", "none", image, "/none");
}

/** Files of a container below a path, a line each, below the path's last part; no more than so many. */
export function listFilesIn(container: string, path: string, most: number): CommandLine {
  const script = `docker container cp --follow-link "$1:$2" - | tar -tf - | grep -v '/$' | head -n "$3"`;
  return { file: "sh", args: ["-c", script, "sh", container, path, String(most)] };
}

function labelled(labels: readonly string[]): string[] {
  return labels.flatMap((label) => ["--label", label]);
}

export function inspectContainers(ids: readonly string[]): CommandLine {
  return docker("container", "inspect", ...ids);
}

/** Runs a script of sh in the container, with our stdin. */
export function execScript(container: string, script: string): CommandLine {
  return docker("exec", "--interactive", container, "sh", "-c", script);
}

/** One process asks all of them at once, and waits; each is killed after `seconds`. */
export function stopContainers(names: readonly string[], seconds: number): CommandLine {
  return docker("stop", "--time", String(seconds), ...names);
}

/** A command in a container that runs, without a terminal and without input. */
export function execIn(container: string, command: readonly string[]): CommandLine {
  return docker("exec", container, ...command);
}

export function containerLogs(container: string, lines: number): CommandLine {
  return docker("logs", "--tail", String(lines), container);
}

/** One line for each: its name, a tab, `23.4MiB / 7.6GiB`. */
export function containerMemory(names: readonly string[]): CommandLine {
  return docker("stats", "--no-stream", "--format", "{{.Name}}\t{{.MemUsage}}", ...names);
}

export function inspectImages(references: readonly string[]): CommandLine {
  return docker("image", "inspect", ...references);
}

/** Every image that has a name: one process tells of all that we need. */
export function listImages(): CommandLine {
  return docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}");
}

/** A line for each of the images that is there: when it last got a name, ISO 8601, and all its names after it. */
export function inspectTagTimes(names: readonly string[]): CommandLine {
  const time = '{{.Metadata.LastTagTime.UTC.Format "2006-01-02T15:04:05Z07:00"}}';
  return docker("image", "inspect", "--format", `${time}{{range .RepoTags}} {{.}}{{end}}`, ...names);
}

export function buildImage(build: { tag: string; dockerfile: string; context: string }): CommandLine {
  return docker("build", "--tag", build.tag, "--file", build.dockerfile, build.context);
}

export function pullImage(reference: string): CommandLine {
  return docker("pull", "--quiet", reference);
}

export function tagImage(image: string, tag: string): CommandLine {
  return docker("image", "tag", image, tag);
}

export function pushImage(reference: string): CommandLine {
  return docker("image", "push", reference);
}

export function removeImages(references: readonly string[]): CommandLine {
  return docker("image", "rm", ...references);
}

/** One file of an image as it is exported, on stdout: a line of JSON, where the image itself may be hundreds of megabytes. */
export function exportedFile(name: string, path: string): CommandLine {
  return { file: "sh", args: ["-c", 'docker image save "$1" | tar -xOf - "$2"', "sh", name, path] };
}

/**
 * Images unpacked into a folder as one OCI layout, in which what they share lies once. The archive itself is never kept.
 * A pipe's exit code is that of its last program, which ends well on what a failing docker leaves of an archive.
 */
export function exportImages(names: readonly string[], folder: string): CommandLine {
  const script = `folder=$1; shift
{ docker image save "$@" || touch "$folder/failed"; } | tar -xf - -C "$folder" && test ! -e "$folder/failed"`;
  return { file: "sh", args: ["-c", script, "sh", folder, ...names] };
}

/** One archive of them all; docker writes it under another name first. */
export function saveImages(names: readonly string[], file: string): CommandLine {
  return docker("image", "save", "--output", file, ...names);
}

export function loadImages(file: string): CommandLine {
  return docker("image", "load", "--quiet", "--input", file);
}

export function logIn(username: string, host: string): CommandLine {
  return docker("login", "--username", username, "--password-stdin", host);
}

export function currentContext(): CommandLine {
  return docker("context", "show");
}

export function exportContext(name: string, file: string): CommandLine {
  return docker("context", "export", name, file);
}

export function importContext(name: string, file: string): CommandLine {
  return docker("context", "import", name, file);
}

export function useContext(name: string): CommandLine {
  return docker("context", "use", name);
}
