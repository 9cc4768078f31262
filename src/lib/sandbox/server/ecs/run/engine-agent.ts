import { Agent, type ClientRequestArgs, type IncomingMessage, request } from "node:http";
import type { Duplex } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { DockerEngine } from "../../ssm/docker-engine.ts";

type Dialled = (error: Error | null, stream?: Duplex) => void;

/**
 * Connections to the engine inside of a machine: each is one process there that passes on what it is told, kept for the next
 * request. A process for each would fill the cores where many tasks are looked at.
 * @param reference the machine's container
 */
export function engineAgent(reference: string, docker: DockerEngine): Agent {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 4 });
  const dial = async (done: Dialled): Promise<void> => {
    try {
      done(null, await docker.dial(reference, ["docker", "system", "dial-stdio"]));
    } catch (error) {
      done(error as Error);
    }
  };
  return Object.assign(agent, {
    createConnection: (_: ClientRequestArgs, done: Dialled) => void dial(done),
    // What Node does here is for sockets of the network.
    keepSocketAlive: () => true,
    reuseSocket: () => undefined,
  });
}

interface Ask {
  readonly method: string;
  readonly path: string;
  /** Goes out as JSON; it may hold secrets, and is part of no command line. */
  readonly body: unknown;
}

/** One request of the Engine's API, and its answer. */
export async function askEngine(
  agent: Agent,
  { method, path, body }: Ask,
): Promise<{ readonly status: number; readonly content: Buffer }> {
  const text = body === undefined ? "" : JSON.stringify(body);
  const headers = { host: "docker", "content-type": "application/json", "content-length": Buffer.byteLength(text) };
  const reply = await new Promise<IncomingMessage>((resolve, reject) => {
    request({ agent, method, path, headers }, resolve).on("error", reject).end(text);
  });
  return { status: reply.statusCode ?? 0, content: await buffer(reply) };
}
