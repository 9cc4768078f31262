import { request } from "node:http";
import type { IncomingMessage } from "node:http";

/** The Docker Engine's API over its unix socket: just the calls that SSM's hosts need. */
export interface DockerEngine {
  /** Containers that carry all the labels (`key` or `key=value`), running or not. */
  list(labels: readonly string[]): Promise<readonly ContainerSummary[]>;
  inspect(id: string): Promise<ContainerDetails>;
  /** Runs argv in a running container, with those variables (`NAME=value`) beside its own; the exit code is null when the engine does not know it (the container died). */
  exec(id: string, argv: readonly string[], env?: readonly string[]): Promise<ExecEnd>;
  /** `graceSeconds`: how long an orderly stop may take. */
  restart(id: string, graceSeconds: number): Promise<void>;
}

export interface ContainerSummary {
  readonly Id: string;
  readonly State: string;
  readonly Created: number;
  readonly Labels: Readonly<Record<string, string>>;
  readonly NetworkSettings?: { readonly Networks?: Readonly<Record<string, { readonly IPAddress?: string }>> };
}

export interface ContainerDetails {
  readonly Config: { readonly Hostname: string };
}

export interface ExecEnd {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Ask {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: unknown;
}

/** @param socketPath e.g. /var/run/docker.sock. Errors name the call and carry the engine's own message. */
export function dockerEngine(socketPath: string): DockerEngine {
  const json = async <T>(ask: Ask): Promise<T> => JSON.parse((await send(socketPath, ask)).toString("utf8")) as T;
  return {
    list: (labels) => {
      const filters = encodeURIComponent(JSON.stringify({ label: labels }));
      return json({ method: "GET", path: `/containers/json?all=1&filters=${filters}` });
    },
    inspect: (id) => json({ method: "GET", path: `/containers/${id}/json` }),
    async exec(id, argv, env = []) {
      const created = await json<{ Id: string }>({
        method: "POST",
        path: `/containers/${id}/exec`,
        body: {
          AttachStdin: false,
          AttachStdout: true,
          AttachStderr: true,
          Tty: false,
          User: "0",
          Cmd: argv,
          Env: env,
        },
      });
      const body = { Detach: false, Tty: false };
      const streams = demultiplex(await send(socketPath, { method: "POST", path: `/exec/${created.Id}/start`, body }));
      const end = await json<{ ExitCode: number | null }>({ method: "GET", path: `/exec/${created.Id}/json` });
      return { exitCode: end.ExitCode, ...streams };
    },
    async restart(id, graceSeconds) {
      await send(socketPath, { method: "POST", path: `/containers/${id}/restart?t=${graceSeconds}` });
    },
  };
}

/**
 * Splits the engine's attach stream: frames of an 8-byte header (stream 1 = stdout, 2 = stderr; big-endian length) and a payload
 * (Docker Engine API, "Attach to a container", stream format). A frame that was cut off is kept as far as it came.
 */
export function demultiplex(raw: Buffer): { readonly stdout: string; readonly stderr: string } {
  const parts: Record<"stdout" | "stderr", Buffer[]> = { stdout: [], stderr: [] };
  let at = 0;
  while (at + 8 <= raw.length) {
    const length = raw.readUInt32BE(at + 4);
    parts[raw[at] === 2 ? "stderr" : "stdout"].push(raw.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  return { stdout: Buffer.concat(parts.stdout).toString("utf8"), stderr: Buffer.concat(parts.stderr).toString("utf8") };
}

async function send(socketPath: string, ask: Ask): Promise<Buffer> {
  const body = ask.body === undefined ? "" : JSON.stringify(ask.body);
  const headers = { host: "docker", "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  const reply = await new Promise<IncomingMessage>((resolve, reject) => {
    // No pooled sockets: an attached exec keeps its connection for as long as the script runs.
    const options = { socketPath, method: ask.method, path: ask.path, headers, agent: false };
    request(options, resolve).on("error", reject).end(body);
  });
  const content = await collect(reply);
  const status = reply.statusCode ?? 0;
  if (status >= 200 && status < 300) return content;
  throw new Error(`${ask.method} ${ask.path.split("?")[0]}: HTTP ${status} ${content.toString("utf8")}`);
}

async function collect(reply: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of reply) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
