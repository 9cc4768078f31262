import { type Exchange, readBody, reply } from "./exchange.ts";
import { ServiceError } from "./protocol.ts";
import type { RequestLog } from "./request-log.ts";
import { changeSettings, type Settings, showSettings } from "./settings.ts";
import type { AccessControl, SandboxRole } from "./iam/access-control.ts";
import type { GithubOidc } from "./iam/github-oidc.ts";
import type { Upstream } from "./upstream.ts";

export interface Control {
  readonly sandboxId: string;
  readonly settings: Settings;
  readonly log: RequestLog;
  readonly upstream: Upstream;
  readonly access: AccessControl;
  readonly github: GithubOidc;
  /** `host:port` as clients know it. */
  readonly endpoint: string;
}

const largestChange = 1024 * 1024;

/**
 * The sandbox's own pages, without authentication: `/_sandbox/health`, `/_sandbox/settings` and `/_sandbox/roles` (GET, PUT),
 * `/_sandbox/log?since=N`. Whoever asks must name this machine: a page of the web whose name leads here has one of its own.
 * And what GitHub is to a job that wants a token, which each want a key: `/_sandbox/github/job` the sandbox's, `…/token` a job's.
 */
export async function answerControl(exchange: Exchange, control: Control): Promise<void> {
  const { request } = exchange;
  const url = new URL(request.url ?? "/", "http://sandbox");
  if (!isOwnName(request.headers.host, control))
    return json(exchange, 403, { message: `These pages are at http://${control.endpoint}/_sandbox/ only` });
  switch (`${request.method} ${url.pathname}`) {
    case "GET /_sandbox/health":
      return health(exchange, control);
    case "GET /_sandbox/settings":
      return json(exchange, 200, showSettings(control.settings));
    case "PUT /_sandbox/settings":
      return answerTo(exchange, (wanted) => {
        changeSettings(control.settings, wanted);
        return showSettings(control.settings);
      });
    case "GET /_sandbox/roles":
      return json(exchange, 200, { roles: control.access.roles });
    case "PUT /_sandbox/roles":
      return answerTo(exchange, async (wanted) => {
        await control.access.replace(rolesIn(wanted));
        return { roles: control.access.roles };
      });
    case "POST /_sandbox/github/job":
      return answerTo(exchange, (job) => control.github.jobOf(job, request.headers.authorization));
    case "GET /_sandbox/github/token":
      return githubToken(exchange, url.searchParams.get("audience") ?? undefined, control);
    case "GET /_sandbox/log": {
      const since = Number(url.searchParams.get("since") ?? 0) || 0;
      return json(exchange, 200, { last: control.log.last, entries: control.log.since(since) });
    }
    default:
      return json(exchange, 404, { message: `There is no ${request.method} ${url.pathname}` });
  }
}

async function health(exchange: Exchange, { upstream, sandboxId }: Control): Promise<void> {
  const registry = await upstream.send({ method: "GET", path: "/v2/" }).then(
    ({ status }) => status === 200,
    () => false,
  );
  return json(exchange, registry ? 200 : 503, {
    status: registry ? "ok" : "unavailable",
    sandbox: sandboxId,
    registry,
  });
}

/** As GitHub answers a job (GitHub docs, OpenID Connect reference, "Methods for requesting the OIDC token"). */
async function githubToken(exchange: Exchange, audience: string | undefined, { github }: Control): Promise<void> {
  const [, given = ""] = /^bearer (.+)$/i.exec(exchange.request.headers.authorization ?? "") ?? [];
  const value = await github.tokenOf(given, audience);
  return value === undefined
    ? json(exchange, 401, { message: "this is no job's token" })
    : json(exchange, 200, { value });
}

/** By the name alone: behind which port it is published is docker's choice. */
function isOwnName(host: string | undefined, { endpoint }: Control): boolean {
  const name = withoutPort(host?.toLowerCase() ?? "");
  return [withoutPort(endpoint), "127.0.0.1", "localhost", "[::1]"].includes(name);
}

function withoutPort(host: string): string {
  return host.replace(/:\d+$/, "");
}

function rolesIn(input: unknown): readonly SandboxRole[] {
  const { roles } = (input ?? {}) as { readonly roles?: unknown };
  if (Array.isArray(roles) && roles.every(isRole)) return roles;
  throw new ServiceError("ValidationException", "roles must be a list, each with name, policy and trust");
}

function isRole(value: unknown): value is SandboxRole {
  const { name, policy, trust } = (value ?? {}) as Partial<Record<keyof SandboxRole, { readonly Statement?: unknown }>>;
  return typeof name === "string" && [policy, trust].every((one) => Array.isArray(one?.Statement));
}

/** @param act makes the answer of what was sent */
async function answerTo(exchange: Exchange, act: (sent: unknown) => unknown): Promise<void> {
  try {
    const sent: unknown = JSON.parse((await readBody(exchange.request, largestChange)).toString("utf8"));
    return json(exchange, 200, await act(sent));
  } catch (error) {
    if (error instanceof ServiceError || error instanceof SyntaxError)
      return json(exchange, error instanceof ServiceError ? error.status : 400, { message: error.message });
    throw error;
  }
}

function json(exchange: Exchange, status: number, body: unknown): void {
  reply(exchange, { status, headers: { "content-type": "application/json" }, body: `${JSON.stringify(body)}\n` });
}
