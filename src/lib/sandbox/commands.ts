import * as docker from "../docker/commands.ts";
import type { CommandLine } from "../process/processes.ts";

/** The label that every object of a sandbox carries. */
const sandboxLabel = "threads.sandbox";
/** Fingerprint of what a container was started with: another one means it has to be replaced. */
const specLabel = "threads.spec";

const columns = ["{{.Names}}", "{{.State}}", `{{.Label "${specLabel}"}}`, "{{.Networks}}", "{{.Status}}"];

/** Every container of the sandbox, running or not, as tab-separated lines: name, state, fingerprint, networks, status. */
export function listContainers(id: string): CommandLine {
  return docker.list("container", { labels: [ofSandbox(id)], format: columns.join("\t") });
}

/** Names of its networks or volumes. */
export function listNames(kind: "network" | "volume", id: string): CommandLine {
  return docker.list(kind, { labels: [ofSandbox(id)], format: "{{.Name}}" });
}

export function createNetwork(id: string, name: string): CommandLine {
  return docker.createNetwork(name, [ofSandbox(id)]);
}

/** @param container its `spec` is the fingerprint of all the rest */
export function runContainer(
  id: string,
  { spec, ...container }: Omit<docker.ContainerToRun, "labels"> & { readonly spec: string },
): CommandLine {
  return docker.runContainer({ ...container, labels: [ofSandbox(id), `${specLabel}=${spec}`] });
}

/** A named volume with our label, made by the engine when the container is. */
export function volume(mount: { id: string; name: string; target: string }): string[] {
  return ["--mount", `type=volume,source=${mount.name},target=${mount.target},volume-label=${ofSandbox(mount.id)}`];
}

function ofSandbox(id: string): string {
  return `${sandboxLabel}=${id}`;
}
