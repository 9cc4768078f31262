import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Digest, digestOf } from "../../src/lib/image/digest.ts";
import type { Upstream, UpstreamRequest } from "../../src/lib/sandbox/server/upstream.ts";

/** The part of Distribution that the ECR facade uses, in memory. The conformance suite runs over this and over the real one. */
export interface FakeDistribution {
  readonly url: string;
  /** The same without a socket, for whoever is not after connections. */
  readonly upstream: Upstream;
  /** Puts a blob there without a request, for tests that begin with many. @returns its digest */
  stock(repository: string, bytes: Uint8Array): Digest;
  stop(): Promise<void>;
}

interface Held {
  readonly blobs: Map<string, Buffer>;
  readonly manifests: Map<string, { readonly type: string; readonly body: Buffer }>;
  readonly uploads: Map<string, Buffer[]>;
}

interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: Buffer;
}

interface Ask {
  readonly method: string;
  readonly repository: string;
  readonly rest: string;
  readonly query: URLSearchParams;
  readonly type: string;
  readonly body: Buffer;
}

/** Listens on a free port of the loopback. */
export async function startFakeDistribution(): Promise<FakeDistribution> {
  const held: Held = { blobs: new Map(), manifests: new Map(), uploads: new Map() };
  // An idle connection stays: on a busy machine it would else be closed under a request that is on its way.
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    // A client that has gone away needs no answer.
    answer(held, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    upstream: directly(held),
    stock: (repository, bytes) => {
      held.blobs.set(`${repository}@${digestOf(bytes)}`, Buffer.from(bytes));
      return digestOf(bytes);
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(held: Held, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = "GET", url: path = "/", headers } = request;
  give(response, method, answerTo(held, { method, path, headers, body: await bodyOf(request) }));
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function give(response: ServerResponse, method: string, { status, headers, body = Buffer.alloc(0) }: Answer): void {
  response.writeHead(status, { "content-length": body.length, ...headers });
  response.end(method === "HEAD" ? undefined : body);
}

function directly(held: Held): Upstream {
  return {
    send: (asked) => {
      const { status, headers = {}, body = Buffer.alloc(0) } = answerTo(held, asked);
      const sent = asked.method === "HEAD" ? Buffer.alloc(0) : body;
      return Promise.resolve({ status, headers: { "content-length": String(body.length), ...headers }, body: sent });
    },
    forward: async ({ request, response, dropReply }, path) => {
      const { method = "GET", headers } = request;
      const answered = answerTo(held, { method, path, headers, body: await bodyOf(request) });
      if (dropReply === true) request.socket.destroy();
      else give(response, method, answered);
    },
    close: () => undefined,
  };
}

function answerTo(held: Held, { method, path, headers = {}, body = Buffer.alloc(0) }: UpstreamRequest): Answer {
  const { pathname, searchParams: query } = new URL(path, "http://registry");
  const match = /^\/v2\/(.+)\/(manifests|blobs)\/(.*)$/.exec(pathname);
  if (match === null) return { status: pathname === "/v2/" ? 200 : 404 };
  const [, repository = "", kind, rest = ""] = match;
  const type = headers["content-type"] ?? "";
  const ask = { method, repository, rest, query, type, body: Buffer.from(body) };
  return kind === "blobs" ? blob(held, ask) : manifest(held, ask);
}

function blob({ blobs, uploads }: Held, { method, repository, rest, query, body }: Ask): Answer {
  const upload = /^uploads\/(.*)$/.exec(rest)?.[1];
  if (upload === undefined) {
    const found = blobs.get(`${repository}@${rest}`);
    return found === undefined ? refused(404, "BLOB_UNKNOWN") : { status: 200, body: found };
  }
  if (method === "POST") {
    const from = blobs.get(`${query.get("from")}@${query.get("mount")}`);
    if (from !== undefined) {
      blobs.set(`${repository}@${query.get("mount")}`, from);
      return { status: 201 };
    }
  }
  const id = method === "POST" ? randomUUID() : upload;
  const parts = [...(uploads.get(id) ?? []), body];
  uploads.set(id, parts);
  if (method !== "PUT") return { status: 202, headers: { location: `/v2/${repository}/blobs/uploads/${id}?_state=x` } };
  const bytes = Buffer.concat(parts);
  if (digestOf(bytes) !== query.get("digest")) return refused(400, "DIGEST_INVALID");
  blobs.set(`${repository}@${digestOf(bytes)}`, bytes);
  return { status: 201 };
}

function manifest({ manifests, blobs }: Held, { method, repository, rest, type, body }: Ask): Answer {
  const key = `${repository}@${rest}`;
  if (method === "DELETE") return { status: manifests.delete(key) ? 202 : 404 };
  if (method !== "PUT") {
    const found = manifests.get(key);
    if (found === undefined) return refused(404, "MANIFEST_UNKNOWN");
    return { status: 200, headers: { "content-type": found.type }, body: found.body };
  }
  const { config, layers = [] } = JSON.parse(body.toString()) as {
    config?: { digest: string };
    layers?: { digest: string }[];
  };
  const needed = config === undefined ? layers : [config, ...layers];
  const lost = needed.find((each) => !blobs.has(`${repository}@${each.digest}`));
  if (lost !== undefined) return refused(400, "MANIFEST_BLOB_UNKNOWN", { digest: lost.digest });
  if (digestOf(body) !== rest) return refused(400, "DIGEST_INVALID");
  manifests.set(key, { type, body });
  return { status: 201 };
}

function refused(status: number, code: string, detail?: unknown): Answer {
  const errors = [{ code, message: code.toLowerCase(), detail }];
  return { status, body: Buffer.from(JSON.stringify({ errors })) };
}
