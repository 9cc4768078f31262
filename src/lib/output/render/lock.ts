import type { LockResult } from "../../actions/lock/result.ts";
import { nextLines } from "../next.ts";
import type { Paint, Render } from "../paint.ts";
import { leaseLines } from "./lease.ts";

/** Who is deploying to an environment, and what became of their lease. */
export const renderLock: Render<LockResult> = (result, paint) => [
  headline(result, paint),
  ...leaseLines(result.lease, paint).map((line) => `  ${line}`),
  ...nextLines(result, paint),
];

function headline({ environment, outcome }: LockResult, paint: Paint): string {
  const name = paint.strong(environment);
  if (outcome === "planned") return `Would break the lease of ${name}`;
  if (outcome === "broken") return `${paint.good("✔")} Broke the lease of ${name}`;
  if (outcome === "held") return `${name} is being deployed to`;
  if (outcome === "dead") return `${name} has the lease of a deployer who is gone`;
  return `${paint.good("✔")} Nobody is deploying to ${name}`;
}
