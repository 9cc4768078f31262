import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { utc } from "../text/words.ts";
import type { Exec } from "./execs.ts";
import { isLongPast } from "./long-past.ts";
import { recordFits, recordIn } from "./record.ts";
import { execBlockShape, execShape, type FoldedExec } from "./shapes.ts";
import type { Reading } from "./store.ts";

/** Commands to keep in one record. */
export interface ExecFold {
  /** Of the record. */
  readonly name: string;
  /** What it must hold before anything is deleted, oldest first. */
  readonly execs: readonly FoldedExec[];
  /** An earlier run has written it. */
  readonly isWritten: boolean;
  /** The parameters that it stands for. */
  readonly names: readonly string[];
}

interface Where {
  /** `/<app>/<environment>/execs`: older versions of threads pass over what is no record of one command there. */
  readonly folder: string;
  /** Of this threads. */
  readonly version: string;
}

/** As deployments: few enough to fit nearly always. */
const mostInBlock = 10;

/**
 * Commands that were written down a year ago, by the server's clock, oldest first, ten into one record or as many as fit.
 * A record that would not be full waits for more. What an earlier run has left half done is finished.
 */
export function planExecFolds({ found, serverTime }: Reading, { folder, version }: Where): readonly ExecFold[] {
  const old = liveIn(found, { folder, version }).filter(({ writtenAt }) => isLongPast(writtenAt, serverTime));
  const left = blocksIn(found, { folder, version }).flatMap(({ name, execs }) => {
    const held = old.filter(({ exec }) => execs.some((one) => isDeepStrictEqual(one, exec)));
    return held.length === 0 ? [] : [foldOf(held, name, true)];
  });
  const leftNames = new Set(left.flatMap(({ names }) => names));
  const waiting = old
    .filter(({ name }) => !leftNames.has(name))
    .toSorted(
      ({ exec: one }, { exec: other }) => one.at.localeCompare(other.at) || one.nonce.localeCompare(other.nonce),
    );
  const fresh = packed(waiting, version).map((group) => foldOf(group, `${folder}/folded/${blockName(group)}`, false));
  return [...left, ...fresh];
}

/** The commands below the folder, those that are folded too, each once; `at` by the server's clock. In no order. */
export function execsIn(found: Reading["found"], where: Where): readonly Exec[] {
  // Between the writing of a record and the deletion of what it holds a command lies there twice.
  const folded = blocksIn(found, where).flatMap(({ execs }) => execs);
  const live = liveIn(found, where).map(({ exec, at }) => ({ ...exec, at }));
  const byNonce = new Map([...folded, ...live].map((exec) => [exec.nonce, exec]));
  return [...byNonce.values()].map(({ host, service, command, by, at }) => ({ host, service, command, by, at }));
}

/** The text of a record before it is encoded. */
export function execBlock(execs: readonly FoldedExec[], version: string): object {
  return { schema: 1, version, execs };
}

/** What a record has folded; undefined where it is none. @throws ThreadsError LEDGER_UNREADABLE where a newer threads wrote it */
export function execBlockIn(name: string, text: string, version: string): readonly FoldedExec[] | undefined {
  return execBlockShape.safeParse(recordIn(name, text, version)).data?.execs;
}

/** Whether a record tells all of these. */
export function holdsExecs(record: readonly FoldedExec[] | undefined, execs: readonly FoldedExec[]): boolean {
  return execs.every((wanted) => record?.some((one) => isDeepStrictEqual(one, wanted)) === true);
}

interface Live {
  readonly name: string;
  /** As it is folded. */
  readonly exec: FoldedExec;
  /** ISO 8601, to the millisecond. */
  readonly at: string;
  readonly writtenAt: string | undefined;
}

function liveIn(found: Reading["found"], { version }: Where): Live[] {
  return [...found].flatMap(([name, { text, writtenAt }]) => {
    const { data } = execShape.safeParse(recordIn(name, text, version));
    if (data === undefined) return [];
    const { nonce, host, service, command, by } = data;
    const at = writtenAt ?? data.at;
    return [{ name, at, writtenAt, exec: { nonce, host, service, command, by, at: utc(Date.parse(at)) } }];
  });
}

function blocksIn(found: Reading["found"], { folder, version }: Where) {
  return [...found].flatMap(([name, { text }]) => {
    const execs = name.startsWith(`${folder}/folded/`) ? execBlockIn(name, text, version) : undefined;
    return execs === undefined ? [] : [{ name, execs }];
  });
}

/** Groups that are full; a record for one alone would free nothing. */
function packed(waiting: readonly Live[], version: string): Live[][] {
  const groups: Live[][] = [];
  let open: Live[] = [];
  for (const one of waiting) {
    const isFull = open.length === mostInBlock || !fits([...open, one], version);
    if (isFull) {
      groups.push(open);
      open = [];
    }
    open.push(one);
  }
  if (open.length === mostInBlock) groups.push(open);
  return groups.filter(({ length }) => length > 1);
}

function fits(group: readonly Live[], version: string): boolean {
  return recordFits(
    execBlock(
      group.map(({ exec }) => exec),
      version,
    ),
  );
}

function foldOf(group: readonly Live[], name: string, isWritten: boolean): ExecFold {
  return { name, isWritten, execs: group.map(({ exec }) => exec), names: group.map((one) => one.name) };
}

/** Two that fold the same at once write the same record. */
function blockName(group: readonly Live[]): string {
  const nonces = group.map(({ exec }) => exec.nonce).join(" ");
  return createHash("sha256").update(nonces).digest("hex").slice(0, 16);
}
