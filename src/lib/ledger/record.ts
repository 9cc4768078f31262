import { ThreadsError } from "../errors/threads-error.ts";

/** A standard parameter holds 4 KB; advanced ones cost money and cannot go back (Systems Manager, quotas). */
const longest = 4096;

/**
 * Compact JSON for a parameter.
 * @param what names the record in the refusal. @param next what makes it smaller. @throws ThreadsError RECORD_TOO_LARGE
 */
export function encodeRecord(record: object, what: string, next: readonly string[]): string {
  const text = compact(record);
  if (Buffer.byteLength(text) <= longest) return text;
  throw new ThreadsError("RECORD_TOO_LARGE", {
    message: `${what} would be ${Buffer.byteLength(text)} bytes, and Parameter Store takes ${longest}`,
    next: [...next],
  });
}

/** Whether a parameter has room for it. */
export function recordFits(record: object): boolean {
  return Buffer.byteLength(compact(record)) <= longest;
}

function compact(record: object): string {
  // Parameter Store takes no double braces; JSON of objects has them inside strings only.
  return JSON.stringify(record).replaceAll("{{", String.raw`{\u007b`);
}

/** @throws ThreadsError LEDGER_UNREADABLE where the text is no record, or one of a newer threads */
export function decodeRecord(name: string, text: string): object {
  const record = recordIn(name, text);
  if (record !== undefined) return record;
  throw unreadable(name, "is not a record", `aws ssm get-parameter --name ${name}`);
}

/** @returns undefined where the text is no record. @throws ThreadsError LEDGER_UNREADABLE where a newer threads wrote it */
export function recordIn(name: string, text: string): object | undefined {
  const record = parse(text);
  if (record?.schema === 1) return record;
  if (typeof record?.schema !== "number") return undefined;
  throw unreadable(
    name,
    `was written by a newer threads (schema ${String(record.schema)})`,
    "npm install threads@latest",
  );
}

/** @param how completes "the ledger's parameter … " */
export function unreadable(name: string, how: string, next: string): ThreadsError {
  const message = `the ledger's parameter ${name} ${how}`;
  return new ThreadsError("LEDGER_UNREADABLE", { message, next: [next] });
}

interface Schemed {
  readonly schema?: unknown;
}

function parse(text: string): Schemed | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
