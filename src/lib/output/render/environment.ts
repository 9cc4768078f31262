import { secretOf } from "../../config/secret-of.ts";
import type { EnvironmentChange } from "../../ledger/environment-change.ts";
import type { MadeEnvironment } from "../../script/summary.ts";
import type { Paint } from "../paint.ts";

/** How two environments differ, by names; nothing where they do not, or nobody knows. */
export function environmentLines(change: EnvironmentChange | null, paint: Paint): string[] {
  if (change === null) return [];
  const parts = (["changed", "added", "removed"] as const).flatMap((how) =>
    change[how].length === 0 ? [] : [`${how} ${change[how].join(", ")}`],
  );
  return parts.length === 0 ? [] : [paint.warn(`  environment since then: ${parts.join("; ")}`)];
}

/** From what an environment was made, and the version of each variable; of a secret they have one in common. */
export function madeLines(made: MadeEnvironment | null, paint: Paint): string[] {
  if (made === null) return [];
  const all = Object.entries(made.versions);
  const [[, one] = ["", ""]] = all;
  const isOne = secretOf(made.from) !== undefined && all.every(([, version]) => version === one);
  const versions = isOne
    ? `version ${one}: ${all.map(([name]) => name).join(", ")}`
    : all.map(([name, version]) => `${name} ${version}`).join(", ");
  return [paint.dim(`  environment from ${made.from}, ${versions}`)];
}
