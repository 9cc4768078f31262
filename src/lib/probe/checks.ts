import type { Clock } from "../clock/clock.ts";
import type { CheckConfig } from "../config/config.ts";
import type { GetAsset } from "./check-assets.ts";
import type { HttpGet, Reply } from "./http-get.ts";

export interface CheckResult {
  readonly path: string;
  /** HTTP status, or 0 where there was no answer. */
  readonly status: number;
  readonly ok: boolean;
  /** What was right, or the first thing that was wrong. */
  readonly detail: string;
  readonly tookMs: number;
}

export interface CheckOptions {
  /** `http://127.0.0.1:PORT`. */
  readonly base: string;
  readonly checks: readonly CheckConfig[];
  /** What X-Release must be. */
  readonly revision: string;
  /** For all checks together, in milliseconds. */
  readonly timeoutMs: number;
}

export interface ProbePorts {
  readonly get: HttpGet;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** One request may take this long. */
const requestMs = 15_000;
const pauseMs = 100;
/** So long a proxy may say that what is behind it is not there yet. */
const gatewayMs = 10_000;
const notYet = new Set([502, 503, 504]);

/**
 * Runs all checks at the same time, and all of each page's assets.
 * Tried again are a connection that nobody accepts, until the first answer ever, and for a moment a proxy that does not
 * reach what is behind it: without a health check nobody has waited for that one.
 * @returns one result a check, in their order; a check that fails does not reject
 */
export async function runChecks(options: CheckOptions, ports: ProbePorts): Promise<CheckResult[]> {
  const deadline = ports.clock.now() + options.timeoutMs;
  const door = { opened: false };
  const patient = ports.clock.now() + Math.min(gatewayMs, options.timeoutMs);
  const get: Get = async (url, headers, most) => {
    for (;;) {
      const left = deadline - ports.clock.now();
      try {
        const timeoutMs = Math.max(1, Math.min(requestMs, left));
        const reply = await ports.get(url, {
          signal: ports.signal,
          timeoutMs,
          headers,
          ...(most !== undefined && { most }),
        });
        door.opened = true;
        if (!notYet.has(reply.status) || ports.clock.now() >= patient) return reply;
      } catch (error) {
        ports.signal.throwIfAborted();
        if (door.opened || !isNotOpen(error) || left <= pauseMs) throw error;
      }
      await ports.clock.sleep(pauseMs, ports.signal);
    }
  };
  return Promise.all(
    options.checks.map(async (check) => {
      const startedAt = ports.clock.now();
      const seen = await runCheck(check, options, get);
      ports.signal.throwIfAborted();
      return { path: check.path, ...seen, tookMs: ports.clock.now() - startedAt };
    }),
  );
}

type Get = (url: string, headers: Readonly<Record<string, string>>, most?: number) => Promise<Reply>;
type Seen = Pick<CheckResult, "status" | "ok" | "detail">;

/** The published port accepts and drops connections while nothing listens behind it, so a reset counts as refused. */
function isNotOpen(error: unknown): boolean {
  return ["ECONNREFUSED", "ECONNRESET", "EPIPE"].includes(String((error as NodeJS.ErrnoException).code));
}

async function runCheck(check: CheckConfig, options: CheckOptions, get: Get): Promise<Seen> {
  const page = new URL(check.path, options.base).href;
  let reply: Reply;
  try {
    reply = await get(page, ownHeaders(check));
  } catch (error) {
    return { status: 0, ok: false, detail: `no answer: ${wordsOf(error)}` };
  }
  const wrong = whatIsWrong(reply, check, options.revision);
  if (wrong !== undefined) return { status: reply.status, ok: false, detail: wrong };
  if (!check.assets)
    return { status: reply.status, ok: true, detail: namesRelease(reply, check) ? "release matches" : "as expected" };
  return { status: reply.status, ...(await assets(reply.body, check, { ...options, get })) };
}

/** The application may name its files by its own name, which is the one that it is asked by. */
async function assets(
  html: string,
  check: CheckConfig,
  { base, revision, get }: CheckOptions & { readonly get: Get },
): Promise<Pick<Seen, "ok" | "detail">> {
  const { checkAssets } = await import("./check-assets.ts");
  const { host = new URL(base).host, forwardedProto = "http" } = check;
  const getAsset: GetAsset = (url, most) => {
    const { pathname, search } = new URL(url);
    return get(new URL(`${pathname}${search}`, base).href, ownHeaders(check), most);
  };
  const page = { url: new URL(check.path, `${forwardedProto}://${host}`).href, html, hashed: check.hashed };
  return checkAssets({ ...page, revision: check.release === false ? undefined : revision }, getAsset);
}

/** By whose name, and as if by which scheme, the application is asked. */
function ownHeaders({ host, forwardedProto }: CheckConfig): Readonly<Record<string, string>> {
  return {
    ...(host !== undefined && { host }),
    ...(forwardedProto !== undefined && { "x-forwarded-proto": forwardedProto }),
  };
}

/** Whether a good reply has proved whose it is. */
function namesRelease({ headers }: Reply, { release }: CheckConfig): boolean {
  return headers["x-release"] !== undefined && release !== false;
}

/** @returns the first thing that differs from what was expected of a reply, or undefined */
function whatIsWrong(reply: Reply, check: CheckConfig, revision: string): string | undefined {
  const location = reply.headers["location"];
  if (reply.status !== check.status)
    return `status ${reply.status}${location === undefined ? "" : ` (redirects to ${location})`}, expected ${check.status}`;
  const release = reply.headers["x-release"];
  if (release === undefined && check.release === true) return `X-Release is missing, expected ${revision}`;
  if (release !== undefined && check.release !== false && release !== revision)
    return `X-Release is ${release}, expected ${revision}: another build answers`;
  if (check.contains !== undefined && !reply.body.includes(check.contains))
    return `the body does not contain ${JSON.stringify(check.contains)}`;
  return undefined;
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
