import { createSocket } from "node:dgram";
import { connect } from "node:net";
import { finished } from "node:stream/promises";

/**
 * Hands lines to CloudWatch's agent, or to whatever else takes the embedded metric format there: over TCP a stream of lines, over
 * UDP a datagram each, as the agent reads them. @param endpoint `tcp://host:port` or `udp://host:port`
 * @throws Error where nobody takes them; over UDP nobody tells
 */
export async function sendMetrics(lines: readonly string[], endpoint: string, signal: AbortSignal): Promise<void> {
  const { protocol, hostname, port } = addressIn(endpoint);
  const texts = lines.map((line) => `${line}\n`);
  await (protocol === "tcp:" ? overTcp(texts, { hostname, port, signal }) : overUdp(texts, { hostname, port, signal }));
}

interface Address {
  readonly hostname: string;
  readonly port: number;
  readonly signal: AbortSignal;
}

function addressIn(endpoint: string): { readonly protocol: string; readonly hostname: string; readonly port: number } {
  const url = URL.parse(endpoint);
  if (url === null || !["tcp:", "udp:"].includes(url.protocol) || url.hostname === "" || url.port === "")
    throw new Error(`AWS_EMF_AGENT_ENDPOINT is "${endpoint}", and no tcp://HOST:PORT or udp://HOST:PORT`);
  return { protocol: url.protocol, hostname: url.hostname.replaceAll(/[[\]]/g, ""), port: Number(url.port) };
}

async function overTcp(texts: readonly string[], { hostname, port, signal }: Address): Promise<void> {
  const socket = connect({ host: hostname, port, signal });
  await finished(socket.end(texts.join("")), { readable: false, signal });
  // The other side closes when it likes.
  socket.unref();
}

async function overUdp(texts: readonly string[], { hostname, port, signal }: Address): Promise<void> {
  const socket = createSocket({ type: hostname.includes(":") ? "udp6" : "udp4", signal });
  try {
    for (const line of texts)
      await new Promise<void>((resolve, reject) =>
        socket.send(line, port, hostname, (error) => (error === null ? resolve() : reject(error))),
      );
  } finally {
    socket.close();
  }
}
