import { inspectContainers } from "../docker/commands.ts";
import { outputLines, type Run } from "../docker/run.ts";
import { listOf } from "./commands.ts";
import { type Container, parseContainers } from "./containers.ts";

interface ContainerPorts {
  readonly docker: Run;
  readonly signal: AbortSignal;
}

/** Everything of a project that exists, in two processes however many there are. */
export async function containersOf(project: string, { docker, signal }: ContainerPorts): Promise<Container[]> {
  const ids = await outputLines(docker, listOf("container", project), { signal });
  if (ids.length === 0) return [];
  // One that vanishes between the two calls makes inspect fail, yet the others are printed.
  const inspected = await docker(inspectContainers(ids), { signal, allowFailure: true });
  return parseContainers(inspected.stdout);
}
