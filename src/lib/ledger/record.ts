import type { Next } from "../errors/next.ts";
import { ThreadsError } from "../errors/threads-error.ts";

/** A standard parameter holds 4 KB; advanced ones cost money and cannot go back (Systems Manager, quotas). */
const longest = 4096;

/**
 * Compact JSON for a parameter.
 * @param what names the record in the refusal. @param next what makes it smaller. @throws ThreadsError RECORD_TOO_LARGE
 */
export function encodeRecord(record: object, what: string, way: Partial<Next>): string {
  const text = compactRecord(record);
  if (Buffer.byteLength(text) <= longest) return text;
  throw tooLarge(text, what, way);
}

export function tooLarge(text: string, what: string, way: Partial<Next>): ThreadsError {
  const bytes = Buffer.byteLength(text);
  return new ThreadsError("RECORD_TOO_LARGE", {
    message: `${what} would be ${bytes} bytes, for which Parameter Store has no room`,
    ...way,
  });
}

/** The first of several forms of a record for which a parameter has room; the last where it has for none. */
export function firstFitting<T extends object>(forms: readonly [T, ...T[]]): T {
  return forms.find(recordFits) ?? forms.at(-1) ?? forms[0];
}

/** Whether a parameter has room for it. */
export function recordFits(record: object): boolean {
  return Buffer.byteLength(compactRecord(record)) <= longest;
}

/** As it is written. */
export function compactRecord(record: object): string {
  // Parameter Store takes no double braces; JSON of objects has them inside strings only.
  return JSON.stringify(record).replaceAll("{{", String.raw`{\u007b`);
}

/**
 * @param own version of this threads. @returns undefined where the text is no record
 * @throws ThreadsError LEDGER_UNREADABLE where a newer threads wrote it
 */
export function recordIn(name: string, text: string, own: string): object | undefined {
  const record = parse(text);
  if (record?.schema === 1) return record;
  if (typeof record?.schema !== "number") return undefined;
  const { schema, version } = record;
  const isKnown = typeof version === "string" && versionPattern.test(version);
  throw unreadable(
    name,
    `was written by ${isKnown ? `threads ${version}` : "a newer threads"} (schema ${schema}); this is threads ${own}`,
    { next: [`npm install threads@${isKnown ? version : "latest"}`] },
  );
}

/** The version of the threads that wrote a record, where that is not this one. */
export function versionIn(record: Marked | undefined, own: string): string | undefined {
  const { version } = record ?? {};
  return typeof version === "string" && versionPattern.test(version) && version !== own ? version : undefined;
}

/** What a record says of itself is typed into a shell: only what is a version. */
const versionPattern = /^\d{1,6}\.\d{1,6}\.\d{1,6}(?:-[0-9A-Za-z.-]{1,40})?$/;

/** What stands in the way of everything else, and how to look at it and be rid of it. */
export function notARecord(name: string): ThreadsError {
  return unreadable(name, "is not a record", {
    next: [`aws ssm get-parameter --name ${name}`, `aws ssm delete-parameter --name ${name}`],
    advice: ["delete the parameter only once you know that nobody needs it"],
  });
}

/** @param how completes "the ledger's parameter … " */
export function unreadable(
  name: string,
  how: string,
  { code = "LEDGER_UNREADABLE", ...way }: Partial<Next> & { readonly code?: "LEDGER_UNREADABLE" | "POLICY_UNREADABLE" },
): ThreadsError {
  const message = `the ledger's parameter ${name} ${how}`;
  return new ThreadsError(code, { message, ...way });
}

interface Marked {
  readonly schema?: unknown;
  readonly version?: unknown;
}

function parse(text: string): Marked | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
