import type { Digest } from "../image/digest.ts";
import { type Author, withRoom } from "./author.ts";
import { encodeRecord, recordIn, unreadable } from "./record.ts";
import { findParameters, readFolder, type Stored, type StorePorts } from "./store.ts";
import { writeOnce } from "./write-once.ts";

/** Why a release may run in an environment: written before the bundle gets the environment's tag, which alone proves nothing. */
export interface Promotion {
  readonly schema: 1;
  readonly environment: string;
  readonly revision: string;
  readonly bundle: Digest;
  /** Every tag that is given, the environment's own last. */
  readonly tags: readonly string[];
  /** State of each gate, by name. */
  readonly gates: Readonly<Record<string, string>>;
  readonly overrides: readonly Override[];
  /** That the bundle was compared with git, and is what it has at that revision; not there of older versions of threads. */
  readonly sources?: "compared";
  readonly by: Author;
  /** ISO 8601. */
  readonly at: string;
  readonly version: string;
}

/** A gate that somebody has opened although it did not pass. */
export interface Override {
  readonly gate: string;
  readonly reason: string;
  /** What the gate said. */
  readonly says: string;
}

/** What was promoted, and to where. */
export type Promoted = Pick<Promotion, "environment" | "revision" | "bundle">;

/** What a record has to say besides. */
interface Proven {
  /** That the bundle was compared with git. */
  readonly compared?: boolean;
  /** Gates that it passed, or that somebody opened for it. */
  readonly gates?: readonly string[];
}

/**
 * The records of promotions: `/<app>/<environment>/promotions/<64 hex>`; what a later promotion of the same release adds
 * (a tag, an override, a gate) below it, under a name made of that. Older versions of threads numbered those: /2, /3 …
 */
export interface Promotions {
  /**
   * Write-once. A record that covers this one already (same tags, overrides and open gates, from an interrupted run) is reused.
   * @throws ThreadsError RECORD_TOO_LARGE (see requireRecordable)
   */
  recordPromotion(promotion: Promotion): Promise<"created" | "present">;
  /** Whether a record says that this very release was promoted to this environment, and as much as is wanted. One call, unless something else lies there. */
  isPromoted(promoted: Promoted, wanted?: Proven): Promise<boolean>;
}

/** The promotions in Parameter Store. */
export function parameterPromotions(ports: StorePorts): Promotions {
  const nameOf = ({ environment, bundle }: Promoted): string =>
    `/${ports.app}/${environment}/promotions/${bundle.slice("sha256:".length)}`;
  return {
    recordPromotion: async (promotion) => {
      const { tags, overrides } = promotion;
      const name = nameOf(promotion);
      const outcome = await writeOnce(
        {
          name,
          text: encodePromotion(promotion),
          contents: [
            tags.toSorted(),
            overrides.map(({ gate, reason }) => `${gate} ${reason}`).toSorted(),
            promotion.sources ?? "",
            open(promotion).toSorted(),
          ],
          saysAll: (text, there) => covers(promotionIn({ name: there, text, promoted: promotion }, ports), promotion),
        },
        ports,
      );
      if (outcome !== "taken") return outcome;
      throw unreadable(name, "has records below it that are none of this promotion", {
        next: [`aws ssm get-parameters-by-path --recursive --path ${name}`],
      });
    },
    isPromoted: async (promoted, wanted = {}) => {
      const name = nameOf(promoted);
      const { found } = await findParameters([name], ports);
      const asked = { promoted, wanted };
      if (someSay(found, asked, ports)) return true;
      // Where nothing has the name, nothing lies below it.
      return found.size > 0 && someSay((await readFolder(name, ports)).found, asked, ports);
    },
  };
}

function someSay(
  found: ReadonlyMap<string, Stored>,
  { promoted, wanted: { compared = false, gates = [] } }: { readonly promoted: Promoted; readonly wanted: Proven },
  ports: Pick<StorePorts, "version">,
): boolean {
  return [...found].some(([name, { text }]) => {
    const record = promotionIn({ name, text, promoted }, ports);
    if (record === undefined || (compared && record.sources !== "compared")) return false;
    const passed = open(record);
    return gates.every((gate) => passed.includes(gate));
  });
}

/** The gates that let it through; of a record without any, none. */
function open({ gates = {} }: Partial<Pick<Promotion, "gates">>): readonly string[] {
  return Object.entries(gates).flatMap(([gate, state]) => (state === "passed" || state === "overridden" ? [gate] : []));
}

/** The record, where it is one of this very promotion: what lies in the ledger is not believed for its name. */
function promotionIn(
  { name, text, promoted }: { readonly name: string; readonly text: string; readonly promoted: Promoted },
  { version }: Pick<StorePorts, "version">,
): Promotion | undefined {
  const { environment, revision, bundle } = promoted;
  const record: Partial<Promotion> | undefined = recordIn(name, text, version);
  const isRight =
    record?.environment === environment &&
    record.revision === revision &&
    record.bundle === bundle &&
    Array.isArray(record.tags) &&
    Array.isArray(record.overrides) &&
    record.overrides.every((one: unknown) => typeof one === "object" && one !== null);
  return isRight ? (record as Promotion) : undefined;
}

function covers(there: Promotion | undefined, wanted: Promotion): boolean {
  if (there === undefined) return false;
  const has = (override: Override): boolean =>
    there.overrides.some((one) => one.gate === override.gate && one.reason === override.reason);
  return (
    there.sources === wanted.sources &&
    wanted.overrides.every(has) &&
    open(wanted).every((gate) => open(there).includes(gate)) &&
    wanted.tags.every((tag) => there.tags.includes(tag))
  );
}

/** Looked at before the first tag: a promotion must not find out in its middle. @throws ThreadsError RECORD_TOO_LARGE */
export function requireRecordable(promotion: Promotion): void {
  encodePromotion({ ...promotion, by: withRoom(promotion.by) });
}

function encodePromotion(promotion: Promotion): string {
  const { revision, environment } = promotion;
  return encodeRecord(promotion, "the record of the promotion, with the reason for each gate,", {
    next: [`threads gates ${revision} -e ${environment}`],
    advice: ["override fewer gates, or say why in fewer words"],
  });
}
