import { ThreadsError } from "../errors/threads-error.ts";
import type { Intent, Outcome } from "./ledger.ts";

/** A standard parameter holds 4 KB; advanced ones cost money and cannot go back (Systems Manager, quotas). */
const longest = 4096;

/** Compact JSON for a parameter. @throws ThreadsError RECORD_TOO_LARGE; RangeError for what Parameter Store refuses */
export function encodeRecord(record: Intent | Outcome): string {
  const text = JSON.stringify(record);
  if (Buffer.byteLength(text) > longest)
    throw new ThreadsError("refused", {
      code: "RECORD_TOO_LARGE",
      message: `the record of deployment ${record.number} would be ${Buffer.byteLength(text)} bytes, and Parameter Store takes ${longest}`,
      next: ["deploy to fewer hosts at a time"],
    });
  if (text.includes("{{")) throw new RangeError("Parameter Store takes no double braces");
  return text;
}

/** @throws ThreadsError LEDGER_UNREADABLE where the text is no record, or one of a newer threads */
export function decodeIntent(name: string, text: string): Intent {
  return decode(name, text) as unknown as Intent;
}

/** @throws ThreadsError LEDGER_UNREADABLE where the text is no record, or one of a newer threads */
export function decodeOutcome(name: string, text: string): Outcome {
  return decode(name, text) as unknown as Outcome;
}

function decode(name: string, text: string): Schemed {
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
