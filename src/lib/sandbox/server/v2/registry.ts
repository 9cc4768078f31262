import { isDigest } from "../../../image/digest.ts";
import type { RepositoryState } from "../ecr/index-state.ts";
import { type EcrParts, missingText, repositoryNamed } from "../ecr/parts.ts";
import { judgeToken } from "../ecr/tokens.ts";
import { complain, type Exchange, meetFault, reply } from "../exchange.ts";
import { ServiceError } from "../protocol.ts";
import { requireAccess } from "./accesses.ts";
import { asRegistryError, expiredToken, RegistryError, replyError } from "./errors.ts";
import { getManifest, putManifest } from "./manifests.ts";
import { listTags } from "./tags.ts";

interface Route {
  readonly repository: string;
  readonly kind: "manifests" | "blobs" | "tags";
  readonly rest: string;
}

const routePattern = /^\/v2\/(.+)\/(manifests|blobs|tags)\/(.*)$/;

/** Answers one request of the registry API (OCI distribution specification) below `/v2/`. */
export async function answerRegistry(parts: EcrParts, exchange: Exchange): Promise<void> {
  exchange.response.setHeader("docker-distribution-api-version", "registry/2.0");
  try {
    await perform(parts, exchange);
  } catch (error) {
    if (error instanceof RegistryError) return replyError(exchange, error);
    if (error instanceof ServiceError) return replyError(exchange, asRegistryError(error));
    complain(exchange, error);
    return replyError(exchange, new RegistryError("UNKNOWN", 500, "internal error"));
  }
}

async function perform(parts: EcrParts, exchange: Exchange): Promise<void> {
  const { request } = exchange;
  const verdict = judgeToken(parts, request.headers.authorization);
  if (verdict === "expired") throw expiredToken();
  if (verdict === "unknown") return challenge(parts, exchange);
  const url = new URL(request.url ?? "/", "http://sandbox");
  const route = parseRoute(url.pathname);
  const name = operationName(request.method ?? "GET", route);
  await meetFault(exchange, `v2:${name}`, parts.settings);
  if (route === undefined) {
    if (url.pathname === "/v2/") return reply(exchange, { status: 200, headers: json, body: "{}" });
    throw new RegistryError("UNSUPPORTED", 404, "not a route of this registry");
  }
  requireAccess(parts, exchange, { holder: verdict.holder, name, repository: route.repository });
  const repository = repositoryNamed(parts, route.repository);
  if (repository === undefined)
    throw new RegistryError("NAME_UNKNOWN", 404, missingText(route.repository, parts.account));
  const reference = { repository, reference: route.rest };
  if (name === "GetManifest") return getManifest(parts, exchange, reference);
  if (name === "PutManifest") return putManifest(parts, exchange, reference);
  if (name === "ListTags") return listTags(exchange, repository, url.searchParams);
  if (name === "Unsupported") throw new RegistryError("UNSUPPORTED", 405, "The operation is unsupported.");
  return parts.upstream.forward(exchange, blobPath(parts, repository, { url, rest: route.rest }));
}

const json = { "content-type": "application/json" };

function challenge(parts: EcrParts, exchange: Exchange): void {
  const realm = `Basic realm="http://${parts.endpoint}/",service="ecr.amazonaws.com"`;
  reply(exchange, {
    status: 401,
    headers: { "www-authenticate": realm, "content-type": "text/plain" },
    body: "Not Authorized\n",
  });
}

function parseRoute(path: string): Route | undefined {
  const match = routePattern.exec(path);
  if (match === null) return undefined;
  const [, repository = "", kind, rest = ""] = match;
  return { repository, kind: kind as Route["kind"], rest };
}

/** The name of the request in the log and for faults. Nothing is deleted here: ECR deletes through its own API. */
function operationName(method: string, route: Route | undefined): string {
  if (route === undefined) return "Base";
  const reads = method === "GET" || method === "HEAD";
  if (route.kind === "tags") return reads && route.rest === "list" ? "ListTags" : "Unsupported";
  if (route.kind === "manifests") return reads ? "GetManifest" : method === "PUT" ? "PutManifest" : "Unsupported";
  if (reads && isDigest(route.rest)) return method === "HEAD" ? "HeadBlob" : "GetBlob";
  const upload = route.rest.startsWith("uploads/");
  if (!upload) return "Unsupported";
  return method === "POST" ? "StartUpload" : "UploadBlob";
}

/** The same path upstream; a mount from another repository is dropped while the account does not allow it, and becomes an upload. */
function blobPath(
  parts: EcrParts,
  repository: RepositoryState,
  { url, rest }: { readonly url: URL; readonly rest: string },
): string {
  const { from } = Object.fromEntries(url.searchParams);
  const mountable = parts.settings.blobMounting && from !== undefined && repositoryNamed(parts, from) !== undefined;
  const kept = [...url.searchParams].filter(([name]) => mountable || !/^(?:mount|from)$/.test(name));
  const query = kept.length === 0 ? "" : `?${new URLSearchParams(kept).toString()}`;
  return `/v2/${repository.name}/blobs/${rest}${query}`;
}
