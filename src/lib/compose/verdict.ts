import type { Container } from "./containers.ts";
import type { Expected } from "./expected.ts";
import { lastExit } from "./last-exit.ts";

export type StackVerdict =
  | { readonly kind: "ready" }
  | { readonly kind: "waiting"; readonly waitingFor: readonly Waiting[] }
  | { readonly kind: "failed"; readonly container: Container; readonly reason: string };

export interface Waiting {
  readonly service: string;
  readonly state: string;
  readonly container: Container | undefined;
}

/**
 * Our own word on a stack. `docker compose up --wait` is not asked: it takes a container without a health check for good
 * the moment it runs, sees a crash loop as running between two crashes, and may say 0 when its time is up.
 */
export function judge(containers: readonly Container[], expected: Expected): StackVerdict {
  const failed = containers
    .map((container) => ({ container, reason: failure(container, expected) }))
    .filter((one): one is { container: Container; reason: string } => one.reason !== undefined)
    .toSorted((one, other) => rank(one.container) - rank(other.container));
  if (failed[0] !== undefined) return { kind: "failed", ...failed[0] };
  const waitingFor = Object.entries(expected.services).flatMap(([service, wanted]): Waiting[] => {
    const own = containers.filter((container) => container.service === service);
    if (own.length < wanted) return [{ service, state: missing(own.length, wanted), container: undefined }];
    return own
      .filter((container) => !isWell(container, expected))
      .map((container) => ({ service, state: stateOf(container), container }));
  });
  return waitingFor.length === 0 ? { kind: "ready" } : { kind: "waiting", waitingFor };
}

function missing(there: number, wanted: number): string {
  return there === 0 ? "not created" : `${there} of ${wanted} created`;
}

function failure(container: Container, expected: Expected): string | undefined {
  const { status, exitCode } = container;
  if (container.oomKilled) return `ran out of memory (exit code ${exitCode})`;
  if (container.error !== "") return `could not start: ${container.error}`;
  if (container.restarts > 0 || status === "restarting")
    return `keeps ending (${[times(container.restarts), lastExit(container) ?? []].flat().join(", ")})`;
  if (status === "dead") return `is dead (exit code ${exitCode})`;
  if (status === "exited" && !(exitCode === 0 && endsWell(container, expected)))
    return `ended with exit code ${exitCode}`;
  if (container.health === "unhealthy") return "is unhealthy";
  return undefined;
}

function endsWell({ service }: Container, { oneShot, mayEnd }: Expected): boolean {
  return oneShot.includes(service) || mayEnd.includes(service);
}

function times(restarts: number): string {
  return restarts <= 1 ? "restarted" : `restarted ${restarts} times`;
}

/** What ended first is the likeliest cause; what is only unhealthy comes after it. */
function rank(container: Container): number {
  const finished = Date.parse(container.finishedAt);
  return finished > 0 ? finished : Number.MAX_SAFE_INTEGER;
}

function isWell(container: Container, expected: Expected): boolean {
  if (expected.oneShot.includes(container.service)) return container.status === "exited" && container.exitCode === 0;
  if (container.status === "exited") return container.exitCode === 0 && expected.mayEnd.includes(container.service);
  return container.status === "running" && (container.health === "healthy" || container.health === "none");
}

function stateOf(container: Container): string {
  return container.status === "running" && container.health !== "none" ? container.health : container.status;
}

/**
 * Compares two looks at the same stack: nothing may have been restarted, replaced or lost in between.
 * @returns what changed, or undefined
 */
export function whatChanged(
  before: readonly Container[],
  after: readonly Container[],
): { readonly container: Container; readonly reason: string } | undefined {
  for (const container of before) {
    const now = after.find((one) => one.id === container.id);
    if (now === undefined) return { container, reason: "disappeared while it was checked" };
    if (now.restarts !== container.restarts || now.startedAt !== container.startedAt) {
      const code = lastExit(now);
      return {
        container: now,
        reason: `was restarted while it was checked${code === undefined ? "" : ` (${code})`}`,
      };
    }
  }
  return undefined;
}
