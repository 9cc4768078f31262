import type { Agent } from "node:http";
import { demultiplex } from "../../ssm/attached.ts";
import type { DockerEngine } from "../../ssm/docker-engine.ts";
import { askEngine } from "./engine-agent.ts";

export interface Reply {
  readonly status: number;
  readonly body: string;
}

export interface Output {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The Docker engine of one machine on which tasks run. */
export interface TaskEngine {
  /** `i-…` of a host. */
  readonly id: string;
  /** Where the ports are that its containers publish; undefined where nobody else reaches them. */
  readonly address?: string | undefined;
  /** One request of the Engine's API; a body may hold secrets, and never becomes part of a command line. */
  api(method: "GET" | "POST" | "DELETE", path: string, body?: unknown): Promise<Reply>;
  /** What a container has said, each line behind its time, from that of a line on; undefined where it is not there. */
  lines(container: string, since: string | undefined): Promise<readonly string[] | undefined>;
  /** The docker client, which knows how to log in to the registry. */
  docker(words: readonly string[]): Promise<Output>;
  /** A line for the machine's shell. */
  shell(script: string): Promise<Output>;
}

/** The engine inside of a host or a machine. @param where `i-…`, its container, and its address in the sandbox's network */
export function hostEngine(
  { id, reference, address }: { readonly id: string; readonly reference: string; readonly address: string | undefined },
  agent: Agent,
  docker: DockerEngine,
): TaskEngine {
  const ask = (method: string, path: string, body?: unknown) => askEngine(agent, { method, path, body });
  return {
    id,
    address,
    api: async (method, path, body) => {
      const { status, content } = await ask(method, path, body);
      return { status, body: content.toString("utf8") };
    },
    async lines(container, since) {
      const { status, content } = await ask("GET", logsPath(container, since));
      return status === 200 ? linesIn(content) : undefined;
    },
    docker: (words) => run(docker, reference, ["docker", ...words]),
    shell: (script) => run(docker, reference, ["/bin/sh", "-ec", script]),
  };
}

/** @param since time of a line: RFC 3339, with nanoseconds, which the API takes as seconds */
function logsPath(container: string, since: string | undefined): string {
  const [, second = "", fraction = "0"] = /^(.*?)(?:\.(\d+))?Z$/.exec(since ?? "") ?? [];
  const from = since === undefined ? "" : `&since=${Date.parse(`${second}Z`) / 1_000}.${fraction}`;
  return `/containers/${container}/logs?stdout=1&stderr=1&timestamps=1${from}`;
}

/** A container with a terminal has one stream, whose first byte is one of a time; a frame begins with its stream's number. */
function linesIn(content: Buffer): readonly string[] {
  const isFramed = (content[0] ?? 0) <= 2;
  const { stdout, stderr } = isFramed ? demultiplex(content) : { stdout: content.toString("utf8"), stderr: "" };
  return `${stdout}\n${stderr}`.split("\n").filter((line) => line !== "");
}

async function run(docker: DockerEngine, reference: string, argv: readonly string[]): Promise<Output> {
  const { exitCode, stdout, stderr } = await docker.exec(reference, argv, ["HOME=/root"]);
  // The machine went away.
  return { exitCode: exitCode ?? 125, stdout, stderr };
}

/** The engine's own words of a reply that says no. */
export function said(body: string): string {
  try {
    return (JSON.parse(body) as { readonly message?: string }).message ?? body;
  } catch {
    return body;
  }
}
