import type { CommandLine } from "../process/processes.ts";

/** The label that every object of a sandbox carries. */
const sandboxLabel = "threads.sandbox";
/** Fingerprint of what a container was started with: another one means it has to be replaced. */
const specLabel = "threads.spec";

const columns = ["{{.Names}}", "{{.State}}", `{{.Label "${specLabel}"}}`, "{{.Networks}}", "{{.Status}}"];

/** Every container of the sandbox, running or not, as tab-separated lines: name, state, fingerprint, networks, status. */
export function listContainers(id: string): CommandLine {
  return docker("ps", "--all", "--no-trunc", ...ofSandbox(id), "--format", columns.join("\t"));
}

export function listNetworks(id: string): CommandLine {
  return docker("network", "ls", ...ofSandbox(id), "--format", "{{.Name}}");
}

export function listVolumes(id: string): CommandLine {
  return docker("volume", "ls", ...ofSandbox(id), "--format", "{{.Name}}");
}

/** Every image that has a name: one process tells of all that we need. */
export function listImages(): CommandLine {
  return docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}");
}

export function createNetwork(id: string, name: string): CommandLine {
  return docker("network", "create", "--label", `${sandboxLabel}=${id}`, name);
}

export function buildImage(build: { tag: string; dockerfile: string; context: string }): CommandLine {
  return docker("build", "--tag", build.tag, "--file", build.dockerfile, build.context);
}

export function pullImage(reference: string): CommandLine {
  return docker("pull", reference);
}

export interface RunWords {
  readonly id: string;
  readonly name: string;
  readonly network: string;
  readonly spec: string;
  readonly image: string;
  /** Further options of `docker run`. */
  readonly options: readonly string[];
  /** Names only: docker takes the values from its own environment, so that none shows in a process list. */
  readonly env: readonly string[];
  readonly command: readonly string[];
}

export function runContainer(words: RunWords): CommandLine {
  return docker(
    "run",
    "--detach",
    "--name",
    words.name,
    "--label",
    `${sandboxLabel}=${words.id}`,
    "--label",
    `${specLabel}=${words.spec}`,
    "--network",
    words.network,
    ...words.options,
    ...words.env.flatMap((name) => ["--env", name]),
    words.image,
    ...words.command,
  );
}

/** A named volume with our label, made by the engine when the container is. */
export function volume(mount: { id: string; name: string; target: string }): string[] {
  return [
    "--mount",
    `type=volume,source=${mount.name},target=${mount.target},volume-label=${sandboxLabel}=${mount.id}`,
  ];
}

/** Runs a script of sh in the container, with our stdin. */
export function execScript(container: string, script: string): CommandLine {
  return docker("exec", "--interactive", container, "sh", "-c", script);
}

/** One process asks all of them at once, and waits; each is killed after `seconds`. */
export function stopContainers(names: readonly string[], seconds: number): CommandLine {
  return docker("stop", "--time", String(seconds), ...names);
}

/** Removes them in whatever state, with the volumes that have no name. */
export function removeContainers(names: readonly string[]): CommandLine {
  return docker("rm", "--force", "--volumes", ...names);
}

export function removeNetworks(names: readonly string[]): CommandLine {
  return docker("network", "rm", ...names);
}

export function removeVolumes(names: readonly string[]): CommandLine {
  return docker("volume", "rm", "--force", ...names);
}

export function tailLogs(container: string, lines: number): CommandLine {
  return docker("logs", "--tail", String(lines), container);
}

export function memoryOf(names: readonly string[]): CommandLine {
  return docker("stats", "--no-stream", "--format", "{{.Name}}\t{{.MemUsage}}", ...names);
}

function ofSandbox(id: string): string[] {
  return ["--filter", `label=${sandboxLabel}=${id}`];
}

function docker(...args: string[]): CommandLine {
  return { file: "docker", args };
}
