import { invalidParameter, read } from "./parts.ts";

/** Without maxResults ECR gives up to 100 results; the most is 1,000 (API reference). */
const defaultSize = 100;
const largestSize = 1000;

export interface EcrPage<T> {
  readonly items: readonly T[];
  readonly nextToken?: string;
}

/** The page of `all` that `nextToken` and `maxResults` ask for. `all` must be in a stable order. The token is opaque. */
export function page<T>(
  input: Readonly<Record<string, unknown>>,
  all: readonly T[],
  key: (item: T) => string,
): EcrPage<T> {
  const size = read.optionalNumber(input, "maxResults", { min: 1, max: largestSize }) ?? defaultSize;
  const token = read.optionalString(input, "nextToken");
  const after = token === undefined ? undefined : decode(token);
  // By key, not by position: what is deleted between two pages must not make the next one skip an image.
  const rest = after === undefined ? all : all.filter((item) => key(item) > after);
  const items = rest.slice(0, size);
  const last = items.at(-1);
  return rest.length > size && last !== undefined ? { items, nextToken: encode(key(last)) } : { items };
}

function encode(key: string): string {
  return Buffer.from(JSON.stringify({ after: key })).toString("base64url");
}

function decode(token: string): string {
  try {
    const { after } = JSON.parse(Buffer.from(token, "base64url").toString("utf8")) as { readonly after?: unknown };
    if (typeof after === "string") return after;
  } catch {
    // The same answer as for a token without a key.
  }
  throw invalidParameter("nextToken", "must be a token that this operation returned");
}
