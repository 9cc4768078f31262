import type { DockerEngine } from "../../ssm/docker-engine.ts";

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
  /** The docker client, which knows how to log in to the registry. */
  docker(words: readonly string[]): Promise<Output>;
  /** A line for the machine's shell. */
  shell(script: string): Promise<Output>;
}

const ask = [
  "set -e",
  `printf %s "$BODY" | curl -sS --unix-socket /run/docker.sock -X "$1" -H 'content-type: application/json' --data-binary @- -w '\\n%{http_code}' "http://docker$2"`,
].join("\n");

/** The engine inside of a host or a machine. @param where `i-…`, its container, and its address in the sandbox's network */
export function hostEngine(
  { id, reference, address }: { readonly id: string; readonly reference: string; readonly address: string | undefined },
  docker: DockerEngine,
): TaskEngine {
  return {
    id,
    address,
    api: async (method, path, body) => {
      const text = body === undefined ? "" : JSON.stringify(body);
      const { stdout, stderr, exitCode } = await docker.exec(
        reference,
        ["/bin/sh", "-c", ask, "ecs-agent", method, path],
        [`BODY=${text}`],
      );
      if (exitCode !== 0) throw new Error(`the engine of ${id} does not answer: ${stderr}`);
      const end = stdout.lastIndexOf("\n");
      return { status: Number(stdout.slice(end + 1)), body: stdout.slice(0, end) };
    },
    docker: (words) => run(docker, reference, ["docker", ...words]),
    shell: (script) => run(docker, reference, ["/bin/sh", "-ec", script]),
  };
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
