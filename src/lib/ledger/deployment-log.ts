import { blockIn, decodeDeployment } from "./deployment.ts";
import { type DeploymentNames, deploymentNames } from "./deployment-names.ts";
import type { DeploymentLog, FoldedDeployment, HowFar } from "./ledger.ts";
import { wholeRecords } from "./long-record.ts";
import { notARecord } from "./record.ts";
import { blockNames, readNewest, type Shelf, wholeNames } from "./shelf.ts";
import { findParameters, type Stored, type StorePorts } from "./store.ts";

/** So many of the newest deployments nearly always say enough. */
const first = 20;

/** Where they do not, so many below them are read, and then all the others. */
const second = 160;

/** The deployments from the newest back, as far as needed. @throws ThreadsError LEDGER_UNREADABLE */
export async function readDeploymentLog(
  { environment, howFar }: { readonly environment: string; readonly howFar: HowFar },
  ports: StorePorts,
): Promise<DeploymentLog> {
  const back = typeof howFar === "number" ? Math.min(howFar, first) : first;
  const shelf = await readNewest({ environment, back }, ports);
  const found = await wholeRecords(shelf.found, ports);
  return readOn({ environment, deploymentLog: onShelf({ ...shelf, found }, back, ports), howFar }, ports);
}

/** So many numbers in a row of which nothing is there are no few that were lost: nothing lies below them. */
const gap = 20;

/** Reads on from where a deploymentLog ends, in chunks that are a round of calls each. */
export async function readOn(
  what: { readonly environment: string; readonly deploymentLog: DeploymentLog; readonly howFar: HowFar },
  ports: StorePorts,
): Promise<DeploymentLog> {
  const { environment, howFar } = what;
  const names = deploymentNames(ports.app, environment);
  let { deploymentLog } = what;
  for (let turn = 0; deploymentLog.unread > 0 && !isEnough(deploymentLog, howFar); turn += 1) {
    const above = Math.max(0, deploymentLog.unread - chunk(deploymentLog, howFar, turn));
    const numbers = Array.from({ length: deploymentLog.unread - above }, (_, index) => deploymentLog.unread - index);
    // Folding begins with the oldest: below what is folded everything is.
    const wanted = deploymentLog.folded.length > 0 ? blockNames(numbers, names) : wholeNames(numbers, names);
    const reading = await findParameters(wanted, ports);
    const { serverTime } = reading;
    const found = await wholeRecords(reading.found, ports);
    const read = decoded({ names, found, above }, ports);
    deploymentLog = joined(deploymentLog, {
      ...read,
      unread: lowestOf(read, found, names) - above > gap ? 0 : above,
      serverTime,
    });
  }
  return deploymentLog;
}

function lowestOf({ folded }: Decoded, found: ReadonlyMap<string, Stored>, names: DeploymentNames): number {
  const there = [...found.keys()].flatMap((name) => names.numberIn(name) ?? []);
  return Math.min(...there, ...folded.map(({ number }) => number));
}

function isEnough({ deployments, folded }: DeploymentLog, howFar: HowFar): boolean {
  return typeof howFar === "number" ? deployments.length + folded.length >= howFar : howFar({ deployments, folded });
}

function chunk({ deployments, folded }: DeploymentLog, howFar: HowFar, turn: number): number {
  if (typeof howFar === "number") return Math.max(first, howFar - deployments.length - folded.length);
  return turn === 0 ? second : Infinity;
}

/** What a shelf tells. @throws ThreadsError LEDGER_UNREADABLE where the newest is not a record: what stands cannot be told */
function onShelf({ names, found, newest, isWhole, serverTime }: Shelf, back: number, ports: StorePorts): DeploymentLog {
  const unread = isWhole ? 0 : Math.max(0, newest - back);
  const read = decoded({ names, found, above: unread }, ports);
  const bad = read.unreadable.find((name) => name === names.intent(newest) || name === names.outcome(newest));
  if (bad !== undefined) throw notARecord(bad);
  return { ...read, unread, serverTime };
}

type Decoded = Pick<DeploymentLog, "deployments" | "folded" | "unreadable">;

interface Undecoded {
  readonly names: DeploymentNames;
  readonly found: ReadonlyMap<string, Stored>;
  /** Numbers up to here are left for later. */
  readonly above: number;
}

function decoded({ names, found, above }: Undecoded, { version }: StorePorts): Decoded {
  const numbers = [...found.keys()].flatMap((name) => names.numberIn(name) ?? []).filter((number) => number > above);
  const live = newestFirst(numbers, (number) => number).flatMap(
    (number) => decodeDeployment(number, { names, found, version }) ?? [],
  );
  const blocks = [...found]
    .filter(([name]) => name.startsWith(`${names.folder}/folded/`))
    .map(([name, { text }]) => ({ name, folded: blockIn(name, text, version) }));
  const deployments = live.flatMap(({ deployment }) => deployment ?? []);
  return {
    deployments,
    folded: folded(
      blocks.flatMap((block) => block.folded ?? []).filter(({ number }) => number > above),
      deployments,
    ),
    unreadable: [
      ...live.flatMap(({ unreadable }) => unreadable),
      ...blocks.flatMap((block) => (block.folded === undefined ? [block.name] : [])),
    ],
  };
}

function joined(one: DeploymentLog, below: DeploymentLog): DeploymentLog {
  const deployments = [...one.deployments, ...below.deployments];
  return {
    deployments,
    folded: folded([...one.folded, ...below.folded], deployments),
    unread: below.unread,
    unreadable: [...new Set([...one.unreadable, ...below.unreadable])],
    serverTime: Math.max(one.serverTime, below.serverTime),
  };
}

/** While deployments are being folded, and where that was broken off, some are there in both forms: each counts once. */
function folded(
  all: readonly FoldedDeployment[],
  deployments: DeploymentLog["deployments"],
): readonly FoldedDeployment[] {
  const known = new Set(deployments.map(({ intent }) => intent.number));
  const once = new Map(all.filter(({ number }) => !known.has(number)).map((one) => [one.number, one]));
  return newestFirst([...once.values()], ({ number }) => number);
}

function newestFirst<T>(all: readonly T[], numberOf: (one: T) => number): readonly T[] {
  return all.toSorted((one, other) => numberOf(other) - numberOf(one));
}
