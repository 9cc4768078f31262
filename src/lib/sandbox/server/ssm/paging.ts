import { ServiceError } from "../protocol.ts";

export interface SsmPage<T> {
  readonly items: readonly T[];
  /** Absent on the last page. */
  readonly nextToken: string | undefined;
}

/** A page that starts after the item whose key the token names, so that items which come or go meanwhile are neither repeated nor lost. */
export function page<T>(
  items: readonly T[],
  request: { readonly size: number; readonly token: string | undefined; readonly key: (item: T) => string },
): SsmPage<T> {
  const start = request.token === undefined ? 0 : startAfter(items, request.key, request.token);
  const end = start + request.size;
  const last = items[end - 1];
  const more = end < items.length && last !== undefined;
  return { items: items.slice(start, end), nextToken: more ? encode(request.key(last)) : undefined };
}

function startAfter<T>(items: readonly T[], key: (item: T) => string, token: string): number {
  const wanted = decode(token);
  const at = items.findIndex((item) => key(item) === wanted);
  if (wanted === undefined || at < 0) throw new ServiceError("InvalidNextToken", "The specified token is not valid.");
  return at + 1;
}

function encode(key: string): string {
  return Buffer.from(JSON.stringify({ after: key })).toString("base64url");
}

function decode(token: string): string | undefined {
  try {
    const parsed = JSON.parse(Buffer.from(token, "base64url").toString("utf8")) as { after?: unknown };
    return typeof parsed.after === "string" ? parsed.after : undefined;
  } catch {
    return undefined;
  }
}
