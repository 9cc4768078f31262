import type { Digest } from "../image/digest.ts";
import type { Author } from "./author.ts";
import { decodeRecord, encodeRecord } from "./record.ts";
import { createParameter, readParameter, type StorePorts } from "./store.ts";

/** Why a release may carry an environment's tag: written before the bundle gets it. */
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

/** The records of promotions: `/<app>/<environment>/promotions/<64 hex>`, further ones of the same release below it. */
export interface Promotions {
  /**
   * Write-once. A record that covers this one already (same tags, same overrides, from an interrupted run) is reused;
   * one that does not stays, and the next number is taken.
   */
  recordPromotion(promotion: Promotion): Promise<"created" | "present">;
}

/** Nobody promotes one release that often with ever new overrides; a loop must end. */
const mostRecords = 50;

/** The promotions in Parameter Store. */
export function parameterPromotions(ports: StorePorts): Promotions {
  return {
    recordPromotion: async (promotion) => {
      const { environment, bundle } = promotion;
      const folder = `/${ports.app}/${environment}/promotions/${bundle.slice("sha256:".length)}`;
      const text = encodeRecord(promotion, "the record of the promotion");
      for (let number = 1; number <= mostRecords; number += 1) {
        const name = number === 1 ? folder : `${folder}/${number}`;
        if ((await createParameter(name, text, ports)) === "created") return "created";
        if (covers(decodeRecord(name, await readParameter(name, ports)) as Promotion, promotion)) return "present";
      }
      throw new RangeError(`${folder} holds ${mostRecords} records already`);
    },
  };
}

function covers(there: Promotion, wanted: Promotion): boolean {
  const has = (override: Override): boolean =>
    there.overrides.some((one) => one.gate === override.gate && one.reason === override.reason);
  return wanted.overrides.every(has) && wanted.tags.every((tag) => there.tags.includes(tag));
}
