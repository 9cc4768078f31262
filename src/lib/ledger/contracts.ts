import type { ContractChange, Deployment, Intent } from "./ledger.ts";

/** The contract migrations that differ between a release that ran and what runs now. */
export interface ContractsSince extends ContractChange {
  /** False where a deployment on the way does not tell: then there may be more. */
  readonly isKnown: boolean;
}

/**
 * What came and went since a deployment: each one that succeeded tells what it changed, so that the steps add up.
 * @param since a deployment that succeeded. @param deployments newest first, all from there on
 */
export function contractsSince(since: Pick<Intent, "number">, deployments: readonly Deployment[]): ContractsSince {
  const steps = deployments.filter(
    ({ intent, outcome }) => intent.number > since.number && outcome?.result === "succeeded",
  );
  return sum(steps.map(({ intent }) => intent.contracts).toReversed());
}

/** The same with what deployments may have left on some hosts that have not ended well: each began from what runs. */
export function contractsOnTop(
  below: ContractsSince,
  unsettled: readonly Pick<Deployment, "intent">[],
): ContractsSince {
  const ways = [below, ...unsettled.map(({ intent }) => sum([below, intent.contracts]))];
  return {
    added: [...new Set(ways.flatMap(({ added }) => added))],
    dropped: below.dropped,
    isKnown: below.isKnown && ways.every(({ isKnown }) => isKnown),
  };
}

function sum(steps: readonly (ContractChange | undefined)[]): ContractsSince {
  const counts = new Map<string, number>();
  const count = (names: readonly string[], by: number): void => {
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + by);
  };
  for (const step of steps) {
    count(step?.added ?? [], 1);
    count(step?.dropped ?? [], -1);
  }
  const where = (isWanted: (net: number) => boolean): string[] =>
    [...counts].filter(([, net]) => isWanted(net)).map(([name]) => name);
  return {
    added: where((net) => net > 0),
    dropped: where((net) => net < 0),
    isKnown: steps.every((step) => step !== undefined),
  };
}
