import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A registry in memory that `docker push` and `docker pull` are content with; docker itself is its test. */
export interface TinyRegistry {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  stop(): void;
}

interface Stored {
  readonly type: string;
  readonly bytes: Buffer;
}

export async function startTinyRegistry(): Promise<TinyRegistry> {
  const stored = new Map<string, Stored>();
  const server = createServer((request, response) => void answer(stored, request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answer(stored: Map<string, Stored>, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://registry");
  const reply = (status: number, headers: Record<string, string> = {}, body?: Buffer): void =>
    void response
      .writeHead(status, { "content-length": body?.length ?? 0, ...headers })
      .end(request.method === "HEAD" ? undefined : body);
  const [, repository, kind, rest = ""] = /^\/v2\/(.+)\/(blobs|manifests)\/(.*)$/.exec(pathname) ?? [];
  if (repository === undefined) return reply(200);
  if (request.method === "GET" || request.method === "HEAD") {
    const found = stored.get(`${repository}@${rest}`);
    if (found === undefined) return reply(404);
    return reply(200, { "content-type": found.type, "docker-content-digest": digest(found.bytes) }, found.bytes);
  }
  if (kind === "manifests") {
    const type = request.headers["content-type"] ?? "";
    for (const name of [rest, digest(bytes)]) stored.set(`${repository}@${name}`, { type, bytes });
    return reply(201, { "docker-content-digest": digest(bytes) });
  }
  const mounted = stored.get(`${searchParams.get("from")}@${searchParams.get("mount")}`);
  if (request.method === "POST" && mounted !== undefined) {
    stored.set(`${repository}@${searchParams.get("mount")}`, mounted);
    return reply(201, { "docker-content-digest": digest(mounted.bytes) });
  }
  const upload = request.method === "POST" ? `uploads/${randomUUID()}` : rest;
  const soFar = Buffer.concat([stored.get(upload)?.bytes ?? Buffer.alloc(0), bytes]);
  stored.set(upload, { type: "", bytes: soFar });
  const location = `/v2/${repository}/blobs/${upload}`;
  if (request.method !== "PUT") return reply(202, { location, range: `0-${Math.max(0, soFar.length - 1)}` });
  stored.delete(upload);
  stored.set(`${repository}@${searchParams.get("digest")}`, { type: "application/octet-stream", bytes: soFar });
  return reply(201, { location, "docker-content-digest": digest(soFar) });
}

function digest(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
