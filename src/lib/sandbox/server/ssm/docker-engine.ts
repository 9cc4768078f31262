import { request } from "node:http";
import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders } from "node:http";
import type { Duplex } from "node:stream";
import { attached, demultiplex } from "./attached.ts";

/** The Docker Engine's API over its unix socket: just the calls that SSM's hosts need. */
export interface DockerEngine {
  /** Containers that carry all the labels (`key` or `key=value`), running or not. */
  list(labels: readonly string[]): Promise<readonly ContainerSummary[]>;
  inspect(id: string): Promise<ContainerDetails>;
  /** Runs argv in a running container, with those variables (`NAME=value`) beside its own; the exit code is null when the engine does not know it (the container died). */
  exec(id: string, argv: readonly string[], env?: readonly string[]): Promise<ExecEnd>;
  /** Starts argv in a running container, and is connected to its input and output for as long as it runs. */
  dial(id: string, argv: readonly string[]): Promise<Duplex>;
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
      const created = await json<{ Id: string }>(creation(id, argv, { Env: env }));
      const streams = demultiplex(await send(socketPath, start(created.Id)));
      const end = await json<{ ExitCode: number | null }>({ method: "GET", path: `/exec/${created.Id}/json` });
      return { exitCode: end.ExitCode, ...streams };
    },
    async dial(id, argv) {
      const created = await json<{ Id: string }>(creation(id, argv, { AttachStdin: true }));
      return upgrade(socketPath, start(created.Id));
    },
    async restart(id, graceSeconds) {
      await send(socketPath, { method: "POST", path: `/containers/${id}/restart?t=${graceSeconds}` });
    },
  };
}

function creation(id: string, argv: readonly string[], more: object): Ask {
  const attach = { AttachStdin: false, AttachStdout: true, AttachStderr: true, Tty: false };
  return { method: "POST", path: `/containers/${id}/exec`, body: { ...attach, User: "0", Cmd: argv, ...more } };
}

function start(exec: string): Ask {
  return { method: "POST", path: `/exec/${exec}/start`, body: { Detach: false, Tty: false } };
}

async function send(socketPath: string, ask: Ask): Promise<Buffer> {
  const reply = await new Promise<IncomingMessage>((resolve, reject) => {
    begin(socketPath, ask).on("response", resolve).on("error", reject);
  });
  return accepted(ask, reply);
}

/** The connection itself, once the engine has nothing more to say on it. */
function upgrade(socketPath: string, ask: Ask): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    begin(socketPath, ask, { connection: "Upgrade", upgrade: "tcp" })
      .on("upgrade", (_, socket: Duplex, head) => {
        if (head.length > 0) socket.unshift(head);
        resolve(attached(socket));
      })
      .on("response", (reply) => void accepted(ask, reply).then(() => reject(new Error("no upgrade")), reject))
      .on("error", reject);
  });
}

function begin(socketPath: string, { method, path, body }: Ask, more: OutgoingHttpHeaders = {}): ClientRequest {
  const text = body === undefined ? "" : JSON.stringify(body);
  const length = Buffer.byteLength(text);
  const headers = { host: "docker", "content-type": "application/json", "content-length": length, ...more };
  // No pooled sockets: an attached exec keeps its connection for as long as the script runs.
  const sent = request({ socketPath, method, path, headers, agent: false });
  sent.end(text);
  return sent;
}

/** What it answers. @throws Error with the engine's own message where that is no success */
async function accepted(ask: Ask, reply: IncomingMessage): Promise<Buffer> {
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
