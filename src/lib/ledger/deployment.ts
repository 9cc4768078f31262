import type { DeploymentNames } from "./deployment-names.ts";
import type { Deployment, FoldedDeployment, Intent, DeploymentOutcome } from "./ledger.ts";
import { notARecord, recordIn } from "./record.ts";
import { blockShape, intentShape, outcomeShape } from "./shapes.ts";
import type { Stored } from "./store.ts";

/** A deployment as it was read: without an intent that is one there is nothing to tell of it. */
export interface Decoded {
  readonly deployment: Deployment | undefined;
  /** Names of parameters that are no records. */
  readonly unreadable: readonly string[];
}

interface Read {
  readonly names: DeploymentNames;
  readonly found: ReadonlyMap<string, Stored>;
  /** Of this threads. */
  readonly version: string;
}

/** @returns undefined where there is no such intent. @throws ThreadsError LEDGER_UNREADABLE where a newer threads wrote it */
export function decodeDeployment(number: number, { names, found, version }: Read): Decoded | undefined {
  const [name, outcomeName] = [names.intent(number), names.outcome(number)];
  const [stored, end] = [found.get(name), found.get(outcomeName)];
  if (stored === undefined) return undefined;
  const intent = intentIn(name, stored.text, { number, version });
  if (intent === undefined) return { deployment: undefined, unreadable: [name] };
  const outcome = end === undefined ? undefined : outcomeIn(outcomeName, end.text, { number, version });
  return {
    deployment: { intent, outcome, recordedAt: stored.writtenAt, endedAt: end?.writtenAt },
    unreadable: end !== undefined && outcome === undefined ? [outcomeName] : [],
  };
}

interface Expected {
  readonly number: number;
  /** Of this threads. */
  readonly version: string;
}

function intentIn(name: string, text: string, { number, version }: Expected): Intent | undefined {
  const { data } = intentShape.safeParse(recordIn(name, text, version));
  return data?.number === number ? data : undefined;
}

function outcomeIn(name: string, text: string, { number, version }: Expected): DeploymentOutcome | undefined {
  const { data } = outcomeShape.safeParse(recordIn(name, text, version));
  return data?.number === number ? data : undefined;
}

/** An intent that must be one. @throws ThreadsError LEDGER_UNREADABLE */
export function requireIntent(name: string, text: string, expected: Expected): Intent {
  const intent = intentIn(name, text, expected);
  if (intent === undefined) throw notARecord(name);
  return intent;
}

/** An outcome that must be one. @throws ThreadsError LEDGER_UNREADABLE */
export function requireOutcome(name: string, text: string, expected: Expected): DeploymentOutcome {
  const outcome = outcomeIn(name, text, expected);
  if (outcome === undefined) throw notARecord(name);
  return outcome;
}

/** What a block has folded, newest first; undefined where it is no record. @throws ThreadsError LEDGER_UNREADABLE where a newer threads wrote it */
export function blockIn(name: string, text: string, version: string): readonly FoldedDeployment[] | undefined {
  const { data } = blockShape.safeParse(recordIn(name, text, version));
  return data?.deployments.toSorted((one, other) => other.number - one.number);
}
