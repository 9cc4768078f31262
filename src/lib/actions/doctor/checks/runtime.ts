import { type Check, type DoctorFinding, ok } from "../check.ts";
import type { Runtime } from "../../../process/runtime.ts";

export const runtimeCheck: Check = {
  id: "runtime",
  title: "Node and threads",
  look: ({ runtime }) => Promise.resolve([judgeRuntime(runtime)]),
};

/** @param runtime `wanted` is a lower bound, as in `>=22.13` */
export function judgeRuntime({ node, wanted, threads }: Runtime): DoctorFinding {
  const says = `Node ${node}, threads ${threads}`;
  if (compareVersions(node, wanted.replace(/^\D+/, "")) >= 0) return ok(says);
  const advice = [`install Node ${wanted} as https://nodejs.org/en/download says, then run this again`];
  return { state: "fail", says: `${says}: Node ${wanted} is needed`, advice };
}

/** Below, at or above zero; parts that are missing count as 0, and what follows the numbers as nothing. */
export function compareVersions(one: string, other: string): number {
  const [ones, others] = [numbers(one), numbers(other)];
  for (let index = 0; index < Math.max(ones.length, others.length); index += 1) {
    const difference = (ones[index] ?? 0) - (others[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function numbers(version: string): number[] {
  return (/^v?(\d+(?:\.\d+)*)/.exec(version)?.[1] ?? "").split(".").map(Number);
}
