import type { Digest } from "../../image/digest.ts";
import type { Next } from "../../errors/next.ts";
import type { ShownAuthor } from "../../ledger/author.ts";
import type { Gate } from "../../gates/result.ts";
import type { StackReport } from "../../stack/result.ts";
import { nextAfterPromotion } from "./next.ts";
import type { PlannedTags, PromotePlan } from "./plan.ts";
import type { Ships } from "../../fleet/ships.ts";

/** What `threads promote` did, or with --dry-run would do. */
export interface PromoteResult extends Next {
  /** waiting: all that keeps it out opens by itself, or by others: nothing was done. refused: the plan would be. */
  readonly outcome: "promoted" | "already-promoted" | "planned" | "waiting" | "refused";
  /** Whether the release carries the environment's tag now; false where it waits for a gate, and for a plan. */
  readonly promoted: boolean;
  readonly revision: string;
  /** How the release was found, in a sentence. */
  readonly says: string;
  readonly environment: string;
  /** `prod-<sha>`, on every image and on the bundle; in one repository for all services with the service's name. */
  readonly tag: string;
  /** All that is given so: a version before the environment's own. */
  readonly tags: readonly string[];
  readonly bundle: { readonly repository: string; readonly tag: string; readonly digest: Digest };
  readonly images: readonly PromotedImage[];
  readonly gates: readonly Gate[];
  /** What this brings to the environment; null where the environment has no hosts. */
  readonly ships: Ships | null;
  /** The production smoke on these digests; null where none is needed, or nothing was done. */
  readonly smoke: PromotedSmoke | null;
  /** What a person should know though the promotion goes on: lifecycle rules that would take an image. */
  readonly warnings: readonly string[];
}

export interface PromotedImage {
  readonly service: string;
  readonly repository: string;
  /** The environment's tag as it stands in the repository. */
  readonly tag: string;
  readonly digest: Digest;
  /** `create` is the word of a plan. */
  readonly outcome: "created" | "present" | "create";
}

export interface PromotedSmoke {
  /** run: just now. recorded: by an earlier promotion, on these very digests. */
  readonly evidence: "run" | "recorded";
  readonly by: ShownAuthor;
  /** ISO 8601. */
  readonly passedAt: string;
  readonly checks: readonly PromotedCheck[];
  /** Of the run; null where it was recorded. */
  readonly durations: StackReport["durations"] | null;
  readonly leftovers: readonly string[];
}

export interface PromotedCheck {
  readonly path: string;
  readonly status: number;
  readonly ok: boolean;
  readonly tookMs: number;
}

/** What came of a plan. */
export interface Carried {
  readonly outcome: PromoteResult["outcome"];
  readonly images?: readonly PromotedImage[];
  readonly smoke?: PromotedSmoke | null;
  /** What the plan would end with, or waits for. */
  readonly refused?: Next;
}

/** @param threats sentences about lifecycle rules */
export function report(
  plan: PromotePlan,
  { outcome, refused, ...done }: Carried,
  threats: readonly string[],
): PromoteResult {
  const { target, facts, bundle, gates } = plan;
  const { environment, resolved, labels } = target;
  const images = plan.images.map((image) => ({
    ...imageOf(image),
    outcome: image.create.length > 0 ? ("create" as const) : ("present" as const),
  }));
  const result = {
    outcome,
    promoted: outcome === "promoted" || outcome === "already-promoted",
    revision: resolved.published.release.revision,
    says: resolved.says,
    environment: environment.name,
    tag: labels.at(-1) ?? "",
    tags: labels,
    bundle: { repository: bundle.repository, tag: bundle.tags.at(-1) ?? "", digest: bundle.digest },
    images: done.images ?? images,
    gates:
      done.smoke?.evidence === "run" ? gates.map((gate) => (gate.gate === "smoke" ? passedNow(gate) : gate)) : gates,
    ships: facts.ships,
    smoke: done.smoke ?? null,
    warnings: [...resolved.warnings, ...threats],
  };
  const { next, advice } =
    refused ?? nextAfterPromotion({ ...result, repeatSmoke: target.repeatSmoke, hold: facts.hold });
  return { ...result, next, advice };
}

function passedNow(gate: Gate): Gate {
  return { ...gate, state: "passed", says: "passed on these digests just now", next: [], advice: [] };
}

export function imageOf({ service, repository, tags, digest }: PlannedTags): Omit<PromotedImage, "outcome"> {
  return { service: service ?? "", repository, tag: tags.at(-1) ?? "", digest };
}
