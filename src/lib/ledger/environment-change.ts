import type { MadeEnvironment } from "../script/summary.ts";

/** Names of the variables that differ between two environments, by alphabet; values are known to neither. */
export interface EnvironmentChange {
  readonly changed: readonly string[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** What came after the earlier one. @returns undefined where one of them is not known: then nothing can be said */
export function environmentChange(
  earlier: MadeEnvironment | undefined,
  later: MadeEnvironment | undefined,
): EnvironmentChange | undefined {
  if (earlier === undefined || later === undefined) return undefined;
  const [before, after] = [new Map(Object.entries(earlier.versions)), new Map(Object.entries(later.versions))];
  // Versions of another place are other versions, whatever their numbers are.
  const isSame = (name: string): boolean => earlier.from === later.from && before.get(name) === after.get(name);
  const names = [...after.keys()].toSorted();
  return {
    changed: names.filter((name) => before.has(name) && !isSame(name)),
    added: names.filter((name) => !before.has(name)),
    removed: [...before.keys()].filter((name) => !after.has(name)).toSorted(),
  };
}
