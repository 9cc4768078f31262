import { authorText } from "../../ledger/author.ts";
import type { ShownLease } from "../../ledger/lease.ts";
import { shortRevision } from "../../release/revision.ts";
import { span } from "../../text/words.ts";
import type { Paint } from "../paint.ts";

/** Who is at work, since when, at what, and when they last said so. */
export function leaseLines(lease: ShownLease | null, paint: Paint): string[] {
  if (lease === null) return [];
  const { kind, number, revision, by, heldAt, beatAt, quietMs, step, state } = lease;
  const held = span(Date.parse(beatAt) - Date.parse(heldAt) + quietMs);
  const quiet = span(quietMs);
  return [
    paint.warn(`${authorText(by)} has the lease for ${held}: ${kind} ${shortRevision(revision)} (#${number})`),
    state === "alive" ? paint.dim(`${step}, ${quiet} ago`) : paint.bad(`no sign of life for ${quiet} (then: ${step})`),
  ];
}
