import { isDeepStrictEqual } from "node:util";
import { blockIn, decodeDeployment } from "./deployment.ts";
import { blockSize, type DeploymentNames, firstOfBlock } from "./deployment-names.ts";
import { fold } from "./folded.ts";
import type { Deployment, FoldedDeployment } from "./ledger.ts";
import { isLongPast } from "./long-past.ts";
import { releases, saysStanding, type Standing, standing } from "./standing.ts";
import type { Reading } from "./store.ts";

/** Ten deployments to keep in one record. */
export interface Fold {
  /** Of the record. */
  readonly name: string;
  /** What it must hold before anything is deleted. */
  readonly deployments: readonly FoldedDeployment[];
  /** An earlier run has written it. */
  readonly isWritten: boolean;
  /** Intents, deleted first: an outcome or a part alone is nothing to anybody, an intent alone would be a deployment that never ended. */
  readonly intents: readonly string[];
  readonly others: readonly string[];
}

export interface FoldPlan {
  /** Oldest first. */
  readonly folds: readonly Fold[];
  /** Parameter because of which nothing above it is folded: it is no record. */
  readonly stoppedBy: string | undefined;
}

/** As many releases as a host and doctor keep for rollbacks, and the one that runs. */
const keptReleases = 4;

/**
 * What may be folded of an environment's deployments: blocks of ten that are a year old by the server's clock, from the oldest
 * on, below all that its standing and the next rollbacks hang on. What an earlier run has left half done is finished.
 */
export function planFolds(
  { found, serverTime }: Reading,
  { names, version }: { readonly names: DeploymentNames; readonly version: string },
): FoldPlan {
  const numbers = [...found.keys()].flatMap((name) => names.numberIn(name) ?? []);
  const decoded = numbers.flatMap((number) => decodeDeployment(number, { names, found, version }) ?? []);
  const deployments = decoded
    .flatMap(({ deployment }) => deployment ?? [])
    .toSorted((one, other) => other.intent.number - one.intent.number);
  const unreadable = new Set(decoded.flatMap((one) => one.unreadable));
  const keep = keptFrom(deployments, serverTime);
  const folds: Fold[] = [];
  for (const first of firstsOf(found, names)) {
    if (first + blockSize > keep) break;
    const inBlock = (number: number): boolean => firstOfBlock(number) === first;
    const own = deployments.filter(({ intent }) => inBlock(intent.number));
    if (!own.every((one) => isOld(one, serverTime))) break;
    const name = names.block(first);
    const block = Array.from({ length: blockSize }, (_, index) => first + index);
    const intents = block.map((number) => names.intent(number)).filter((one) => found.has(one));
    const outcomes = block.map((number) => names.outcome(number)).filter((one) => found.has(one));
    const parts = [...found.keys()].filter((one) => block.includes(names.partOf(one) ?? 0));
    const stoppedBy = [...intents, ...outcomes].find((one) => unreadable.has(one));
    if (stoppedBy !== undefined) return { folds, stoppedBy };
    const text = found.get(name)?.text;
    const written = text === undefined ? undefined : blockIn(name, text, version);
    const folded = own.map(fold);
    if (text !== undefined && !holds(written, folded)) return { folds, stoppedBy: name };
    // Outcomes whose intents nobody has folded were left by somebody else.
    const others = [...outcomes, ...parts];
    if (intents.length > 0 || (written !== undefined && others.length > 0))
      folds.push({ name, deployments: folded, isWritten: text !== undefined, intents, others });
  }
  return { folds, stoppedBy: undefined };
}

/** The blocks in which something lies, from the oldest on. */
function firstsOf(found: Reading["found"], names: DeploymentNames): readonly number[] {
  const firsts = [...found.keys()].flatMap((name) => {
    const number = names.partOf(name) ?? names.numberIn(name.replace(/\/outcome$/, ""));
    return number === undefined ? [] : [firstOfBlock(number)];
  });
  return [...new Set(firsts)].toSorted((one, other) => one - other);
}

/** Whether a record tells all of these; names of people may be cut in it. */
export function holds(
  record: readonly FoldedDeployment[] | undefined,
  deployments: readonly FoldedDeployment[],
): boolean {
  return deployments.every((wanted) => {
    const there = record?.find(({ number }) => number === wanted.number);
    return there !== undefined && isDeepStrictEqual({ ...there, by: undefined }, { ...wanted, by: undefined });
  });
}

function isOld({ recordedAt, outcome, endedAt }: Deployment, now: number): boolean {
  const times = outcome === undefined ? [recordedAt] : [recordedAt, endedAt];
  return times.every((time) => isLongPast(time, now));
}

/** The lowest number that standing and rollbacks hang on: without what lies below it they are the same. */
function keptFrom(newestFirst: readonly Deployment[], now: number): number {
  const whole = standing(newestFirst, now);
  const isDecided = saysStanding({ deployments: newestFirst });
  const needed = [...hangsOn(whole), ...releases(newestFirst).slice(0, keptReleases)];
  const least = Math.min(...needed.map((intent) => intent?.number ?? Infinity));
  const from = newestFirst.map(({ intent }) => intent.number).filter((number) => number <= least);
  const suffices = (lowest: number): boolean => {
    const deployments = newestFirst.filter(({ intent }) => intent.number >= lowest);
    const isSame = isDeepStrictEqual(hangsOn(standing(deployments, now)), hangsOn(whole));
    return isSame && (!isDecided || saysStanding({ deployments }));
  };
  return from.find(suffices) ?? 0;
}

function hangsOn({ latest, current, previous, underWay, unsettled }: Standing): readonly Standing["current"][] {
  return [latest?.intent, current, previous, underWay, unsettled?.intent];
}
