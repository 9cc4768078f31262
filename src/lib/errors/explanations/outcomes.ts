import type { Outcome } from "../exit-codes.ts";

/** What was changed and what was not, by how a command ended: where a code says no more of itself. */
export const changedBy: Readonly<Record<Outcome, string>> = {
  done: "What was asked for is so: threads has read it back.",
  bug: "Not known. Every command can be run again: it finds what is there and goes on from it.",
  usage: "Nothing was changed.",
  refused:
    "Nothing was changed. Where something may have been written before, the exit code is 7 instead, and the message lists what is done, what is in doubt and what is not done.",
  conflict: "Nothing of the other's was overwritten. What the command wrote before it met the other stays.",
  checks: "What was tested has been taken down again, and nothing was published, promoted or switched.",
  partial: "Some hosts serve the new release and others do not, or do not say: the message lists each.",
  unknown:
    "Something may have been written, or a host may be at work; a code of exit code 3 that comes after that has 7, too. The message lists what is done, what is in doubt and what is not done; the first of its commands finds out or goes on. Nothing is published before the bundle is, and nothing is promoted before the bundle has its tag.",
  interrupted:
    "threads stopped at the next safe point and cleaned up. A host that was at work finished by itself or was brought back: the message lists each.",
};
