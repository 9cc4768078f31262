import { ThreadsError } from "../errors/threads-error.ts";

/** A standard parameter holds 4 KB; advanced ones cost money and cannot go back (Systems Manager, quotas). */
const longest = 4096;

/**
 * Compact JSON for a parameter.
 * @param what names the record in the refusal. @throws ThreadsError RECORD_TOO_LARGE
 */
export function encodeRecord(record: object, what: string): string {
  // Parameter Store takes no double braces; JSON of objects has them inside strings only.
  const text = JSON.stringify(record).replaceAll("{{", String.raw`{\u007b`);
  if (Buffer.byteLength(text) <= longest) return text;
  throw new ThreadsError("refused", {
    code: "RECORD_TOO_LARGE",
    message: `${what} would be ${Buffer.byteLength(text)} bytes, and Parameter Store takes ${longest}`,
    next: ["deploy to fewer hosts at a time", "give a shorter reason"],
  });
}

/** @throws ThreadsError LEDGER_UNREADABLE where the text is no record, or one of a newer threads */
export function decodeRecord(name: string, text: string): object {
  const record = parse(text);
  if (record?.schema === 1) return record;
  throw new ThreadsError("refused", {
    code: "LEDGER_UNREADABLE",
    message:
      record === undefined
        ? `the ledger's parameter ${name} is not a record`
        : `the ledger's parameter ${name} was written by a newer threads (schema ${String(record.schema)})`,
    next: [record === undefined ? `aws ssm get-parameter --name ${name}` : "npm install threads@latest"],
  });
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
