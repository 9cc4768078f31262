import { hostText } from "./hosts.ts";
import { dockerTells } from "./judge.ts";
import type { Member, Observed } from "./target.ts";

/** A host that a deployment or a rollback goes on without. */
export interface LeftOut {
  readonly id: string;
  readonly name: string;
  /** Completes "is left out: …". */
  readonly why: string;
}

/** The hosts that a command is about. */
export interface FoundHosts {
  readonly hosts: readonly Member[];
  /** Those of the environment that it goes on without by its user's word. */
  readonly leftOut: readonly LeftOut[];
}

/** Those that can be told to go back, and those that cannot: who is dead must not stand in the way of the others. */
export function byReach(observed: readonly Observed[]): {
  readonly reached: readonly Observed[];
  readonly leftOut: readonly LeftOut[];
} {
  const reached: Observed[] = [];
  const leftOut: LeftOut[] = [];
  for (const one of observed) {
    const why = whyNot(one);
    if (why === undefined) reached.push(one);
    else leftOut.push({ id: one.host.id, name: one.host.name, why });
  }
  return { reached, leftOut };
}

function whyNot({ summary, silence }: Observed): string | undefined {
  if (summary === undefined) return silence ?? "no answer";
  if (dockerTells(summary)) return undefined;
  return summary.message === "" ? "Docker does not answer there" : summary.message;
}

/** What a person must know of a host that was left out. */
export function leftOutText(host: LeftOut): string {
  return `${hostText(host)} is left out: ${host.why}`;
}
