import type { ThreadsError } from "../errors/threads-error.ts";
import { type Listener, listenerOn } from "../process/listener.ts";
import { commandText, type CommandLine, type Processes } from "../process/processes.ts";
import { docker } from "./commands.ts";
import { portLooks } from "./failure.ts";

export interface PortOwnerPorts {
  readonly processes: Processes;
  /** Who listens on this machine; the real one where it is left out. */
  readonly listener?: (port: number) => Listener | undefined;
}

/** Whose a port is, as a person knows it. */
export interface PortOwner {
  readonly says: string;
  /** What shows it, or makes room, and can be undone. */
  readonly next: string;
}

/**
 * PORT_TAKEN with whoever has the port, where that can be seen: docker says no more than that it is taken.
 * @param error whose message begins with the port
 */
export async function withPortOwner(error: ThreadsError, ports: PortOwnerPorts): Promise<ThreadsError> {
  const [before = "", port = ""] = takenPort.exec(error.message)?.slice(1) ?? [];
  const owner = port === "" ? undefined : await portOwner(Number(port), ports);
  if (owner === undefined) return error;
  const message = error.message.replace(takenPort, () => `port ${before}${port} is taken by ${owner.says}`);
  const next = [...new Set([owner.next, ...error.next.filter((one) => !portLooks.includes(one))])];
  return error.with({ message, next, advice: [makeRoom, ...error.advice] });
}

const takenPort = /^port (\S*:)?(\d+) is taken by another program/;
const makeRoom = "stop it, or give one of the two another port";

/** Who has a TCP port of this machine, as far as docker and this user can see. @returns undefined where nobody can be named */
export async function portOwner(
  port: number,
  { processes, listener = listenerOn }: PortOwnerPorts,
): Promise<PortOwner | undefined> {
  // Of a container that publishes a port, docker itself listens.
  const [published] = await namesOf(docker("ps", "--filter", `publish=${port}`, "--format", listFormat), processes);
  if (published !== undefined) return containerOwner(published);
  const program = listener(port);
  if (program === undefined) return undefined;
  // One in the machine's own network listens by itself. Where this machine is a container, its own id stands there, too.
  for (const id of program.containers) {
    const inspect = docker("container", "inspect", "--format", inspectFormat, id);
    const [own] = await namesOf(inspect, processes);
    if (own !== undefined) return containerOwner(own);
  }
  const { name, pid } = program;
  return { says: `${name} (process ${pid})`, next: `ps -fp ${pid}` };
}

const project = "com.docker.compose.project";
const listFormat = `{{.Names}}|{{.Label "${project}"}}`;
const inspectFormat = `{{.Name}}|{{index .Config.Labels "${project}"}}`;

/** Lines of an answer; a docker that gives none keeps nobody from being told the rest. */
async function namesOf(command: CommandLine, processes: Processes): Promise<readonly string[]> {
  try {
    const { exitCode, stdout } = await processes.run(command, { allowFailure: true, timeoutMs: 10_000 });
    return exitCode === 0 ? stdout.split("\n").filter((line) => line !== "") : [];
  } catch {
    return [];
  }
}

/** @param line `NAME|PROJECT`, of which the second may be empty */
function containerOwner(line: string): PortOwner {
  const [name = "", owner = ""] = line.replace(/^\//, "").split("|");
  if (owner === "") return { says: `the container ${name}`, next: commandText(docker("stop", name)) };
  const says = `the container ${name} of the compose project ${owner}`;
  return { says, next: commandText(docker("compose", "-p", owner, "stop")) };
}
