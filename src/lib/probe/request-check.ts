import type { RequestCheck } from "../config/config.ts";
import { wordsOf } from "../errors/words-of.ts";
import type { Seen, Tries } from "./check.ts";
import type { GetAsset } from "./check-assets.ts";
import type { Reply } from "./http-get.ts";

/** Asks once, and with `assets` for all that the page names. */
export async function tryRequest(check: RequestCheck, tries: Tries): Promise<Seen> {
  let reply: Reply;
  try {
    reply = await tries.get(new URL(check.path, tries.base).href, asked(check));
  } catch (error) {
    return { status: 0, ok: false, detail: `no answer: ${wordsOf(error)}` };
  }
  const wrong = replyFault(reply, check, tries.revision);
  if (wrong !== undefined) return { status: reply.status, ok: false, detail: wrong };
  if (check.assets) return { status: reply.status, ...(await assets(reply.body, check, tries)) };
  return { status: reply.status, ok: true, detail: namesRelease(reply, check) ? "release matches" : "as expected" };
}

/** What goes over the wire beside the path. */
export function asked(check: Pick<RequestCheck, "method" | "body" | "headers" | "host" | "forwardedProto">) {
  const { method, body } = check;
  const isText = typeof body === "string";
  const type = body === undefined || isText ? {} : { "content-type": "application/json" };
  return {
    method,
    headers: { ...type, ...lowerCase(check.headers), ...ownHeaders(check) },
    ...(body !== undefined && { body: isText ? body : JSON.stringify(body) }),
  };
}

function lowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** By whose name, and as if by which scheme, the application is asked. */
function ownHeaders({
  host,
  forwardedProto,
}: Pick<RequestCheck, "host" | "forwardedProto">): Readonly<Record<string, string>> {
  return {
    ...(host !== undefined && { host }),
    ...(forwardedProto !== undefined && { "x-forwarded-proto": forwardedProto }),
  };
}

/** Whether a good reply has proved whose it is. */
function namesRelease({ headers }: Reply, { release }: RequestCheck): boolean {
  return headers["x-release"] !== undefined && release !== false;
}

/** Pure: the first thing that differs from what was expected of a reply, or undefined. */
function replyFault(reply: Reply, check: RequestCheck, revision: string): string | undefined {
  const { location, "x-release": release } = reply.headers;
  if (reply.status !== check.status)
    return `status ${reply.status}${location === undefined ? "" : ` (redirects to ${location})`}, expected ${check.status}${reasonIn(reply, check)}`;
  if (check.location !== undefined && location !== check.location)
    return location === undefined
      ? "no Location in the answer"
      : `redirects to ${location}, expected ${check.location}`;
  if (release === undefined && check.release === true) return `X-Release is missing, expected ${revision}`;
  if (release !== undefined && check.release !== false && release !== revision)
    return `X-Release is ${release}, expected ${revision}: another build answers`;
  if (check.contains !== undefined && !reply.body.includes(check.contains))
    return `the body does not contain ${JSON.stringify(check.contains)}`;
  return jsonFault(reply.body, check.json);
}

/** What a health page says of itself, where somebody has named it: it tells more than its status. */
function reasonIn({ headers, body }: Reply, { json }: RequestCheck): string {
  if (headers["content-type"]?.includes("json") !== true) return "";
  const fault = jsonFault(body, json);
  return fault === undefined ? "" : `: ${fault}`;
}

function jsonFault(body: string, wanted: RequestCheck["json"]): string | undefined {
  const paths = Object.entries(wanted);
  if (paths.length === 0) return undefined;
  let read: unknown;
  try {
    read = JSON.parse(body);
  } catch {
    return "the body is no JSON";
  }
  for (const [path, value] of paths) {
    const found = at(read, path.split("."));
    if (found === value) continue;
    return `${path} is ${found === undefined ? "missing" : JSON.stringify(found).slice(0, 80)}, expected ${JSON.stringify(value)}`;
  }
  return undefined;
}

function at(value: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined) return value;
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
  return at((value as Readonly<Record<string, unknown>>)[key], rest);
}

/** The application may name its files by its own name, which is the one that it is asked by. */
async function assets(
  html: string,
  check: RequestCheck,
  { base, revision, get }: Tries,
): Promise<Pick<Seen, "ok" | "detail">> {
  const { checkAssets } = await import("./check-assets.ts");
  const { host = new URL(base).host, forwardedProto = "http" } = check;
  const getAsset: GetAsset = (url, most) => {
    const { pathname, search } = new URL(url);
    const own = { headers: ownHeaders(check), ...(most !== undefined && { most }) };
    return get(new URL(`${pathname}${search}`, base).href, own);
  };
  const page = { url: new URL(check.path, `${forwardedProto}://${host}`).href, html, hashed: check.hashed };
  return checkAssets({ ...page, revision: check.release === false ? undefined : revision }, getAsset);
}
