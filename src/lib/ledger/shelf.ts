import { type DeploymentNames, deploymentNames } from "./deployment-names.ts";
import { headIn } from "./head.ts";
import { boundsOf, firstProbes, hinted, probes, window } from "./search.ts";
import { findParameters, readPage, type Reading, type Stored, type StorePorts } from "./store.ts";

/** The newest of an environment's deployments, as they lie in Parameter Store. */
export interface Shelf {
  readonly names: DeploymentNames;
  readonly found: ReadonlyMap<string, Stored>;
  /** The number of the newest; 0 where there is none. */
  readonly newest: number;
  /** Everything is here that lies in the folder. */
  readonly isWhole: boolean;
  /** Milliseconds since the epoch, by the server's clock. */
  readonly serverTime: number;
}

/** A shelf while it is being filled. */
interface Filling {
  readonly names: DeploymentNames;
  readonly found: Map<string, Stored>;
  /** Numbers that were looked for, and whether they are there. */
  readonly answers: Map<number, boolean>;
  /** Those that were read with their outcome. */
  readonly whole: Set<number>;
  serverTime: number;
}

/**
 * Finds the newest deployment and reads it with those before it. A young ledger is one round of calls beside each other; where
 * the head tells the newest number it is two, and otherwise four at most up to 8,191 deployments.
 * @param back how many are wanted at least
 */
export async function readNewest(
  { environment, back }: { readonly environment: string; readonly back: number },
  ports: StorePorts,
): Promise<Shelf> {
  const names = deploymentNames(ports.app, environment);
  const [page, hints] = await Promise.all([
    readPage({ folder: names.folder, token: undefined }, ports),
    findParameters([names.head, ...firstProbes.map((number) => names.intent(number))], ports),
  ]);
  const filling: Filling = { names, found: new Map(), answers: new Map(), whole: new Set(), serverTime: 0 };
  take(filling, page);
  const isWhole = page.nextToken === undefined;
  if (!isWhole) {
    take(filling, hints, firstProbes);
    await findNewest(filling, { back, token: page.nextToken, hint: headIn(hints.found.get(names.head)) }, ports);
  }
  const { found, answers, serverTime } = filling;
  return { names, found, newest: boundsOf(answers).low, isWhole, serverTime };
}

interface Search {
  readonly back: number;
  readonly token: string | undefined;
  readonly hint: number;
}

/** Doubles and halves until the newest deployment and those before it are read; each turn is one round of calls. */
async function findNewest(filling: Filling, search: Search, ports: StorePorts): Promise<void> {
  const { answers, whole, names } = filling;
  let { hint, token } = search;
  for (;;) {
    const bounds = hinted(answers, hint);
    const close = window(bounds, search.back).filter((number) => !whole.has(number) && answers.get(number) !== false);
    // A hint is nearly always right: then the next numbers show that it is.
    const far = hint > 0 ? [] : probes(bounds).filter((number) => !answers.has(number));
    if (close.length + far.length > 0) {
      const wanted = [...wholeNames(close, names), ...far.map((number) => names.intent(number))];
      take(filling, await findParameters(wanted, ports), [...close, ...far]);
      for (const number of close) whole.add(number);
    } else if (boundsOf(answers).low > 0 || token === undefined) return;
    else {
      // Nothing is where it was looked for: after the first records were lost, the folder alone tells where the others are.
      const page = await readPage({ folder: names.folder, token }, ports);
      take(filling, page);
      token = page.nextToken;
    }
    // Once looked up it has said all that it can say.
    hint = 0;
  }
}

function take(filling: Filling, { found, serverTime }: Reading, asked: readonly number[] = []): void {
  const { answers, names } = filling;
  for (const number of asked) answers.set(number, answers.get(number) ?? false);
  for (const [name, stored] of found) {
    filling.found.set(name, stored);
    const number = names.numberIn(name);
    if (number !== undefined) answers.set(number, true);
  }
  filling.serverTime = Math.max(filling.serverTime, serverTime);
}

/** Everything that tells of these deployments. */
export function wholeNames(numbers: readonly number[], names: DeploymentNames): readonly string[] {
  // Beside each other, so that one call has both: an outcome is never older than its intent.
  const own = numbers.flatMap((number) => [names.intent(number), names.outcome(number)]);
  return [...own, ...blockNames(numbers, names)];
}

/** What has folded these deployments. */
export function blockNames(numbers: readonly number[], names: DeploymentNames): readonly string[] {
  return [...new Set(numbers.map((number) => names.block(number)))];
}
