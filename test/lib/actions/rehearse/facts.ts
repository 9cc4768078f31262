import { parseBudget } from "../../../../src/lib/config/budget.ts";
import type { Measured } from "../../../../src/lib/config/measured.ts";
import type { RehearsalPhase } from "../../../../src/lib/actions/rehearse/result.ts";
import { planRehearsal, type RehearsalPlan, type Typed } from "../../../../src/lib/actions/rehearse/plan.ts";
import type { Intent } from "../../../../src/lib/ledger/ledger.ts";
import type { Migration } from "../../../../src/lib/release/migrations.ts";
import type { PublishedRelease } from "../../../../src/lib/release/release.ts";
import { aConfig, anEnvironment } from "../../../fakes/config.ts";
import { deployment, releaseOf } from "../../gates/facts.ts";

const edge = { repository: "threads/edge", digest: releaseOf("edge").digest };

/** A release in slots, with what it tells of its migrations. */
export function slotted(word: string, ...migrations: readonly Migration[]): PublishedRelease {
  const { release, ...published } = releaseOf(word);
  return { ...published, release: { ...release, edge, migrations } };
}

const first: Migration = { name: "posts.0001_initial", kind: "expand" };
export const expanding: Migration = { name: "posts.0002_note", kind: "expand" };
export const contracting: Migration = { name: "posts.0003_drop", kind: "contract" };
export const from = slotted("one", first);
export const to = slotted("two", first, expanding);

interface How {
  readonly typed?: Typed;
  readonly from?: PublishedRelease;
  readonly to?: PublishedRelease;
  /** Of the last deployment. */
  readonly hosts?: number;
  /** In GiB. */
  readonly free?: number;
  readonly stress?: string;
  readonly config?: Parameters<typeof aConfig>[0];
}

export function plan({
  typed = {},
  hosts = 2,
  free = 8,
  stress = "errors=0",
  config = {},
  ...how
}: How = {}): RehearsalPlan {
  const ids = Array.from({ length: hosts }, (_, n) => `i-${n}`);
  const { intent } = deployment(how.from ?? from, 12, { intent: { hosts: ids } satisfies Partial<Intent> });
  const environment = anEnvironment("prod", { hosts: { tag: "threads-env=prod" }, gates: {} });
  if (environment.hosts === undefined) throw new Error("prod has no hosts");
  const facts = {
    typed,
    environment: { ...environment, hosts: environment.hosts },
    from: how.from ?? from,
    to: how.to ?? to,
    current: intent,
    freeBytes: free * 2 ** 30,
  };
  const runtime = { compose: "compose.yml", migrate: "migrate" };
  return planRehearsal(facts, aConfig({ runtime, stress: { budget: stress }, ...config }));
}

export const budget = (written: string): NonNullable<Typed["budget"]> => parseBudget(written) ?? [];

export function measured(change: Partial<Measured> = {}): Measured {
  return { requests: 400, errors: 0, p50Ms: 9, p90Ms: 40, p99Ms: 80, maxMs: 120, ...change };
}

export function phase(
  part: RehearsalPhase["part"],
  step: string,
  change: Partial<RehearsalPhase> = {},
): RehearsalPhase {
  return { part, step, tookMs: 3_000, lastMs: null, requests: 60, errors: 0, maxMs: 40, ...change };
}
