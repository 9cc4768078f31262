import { afterAll, beforeAll, beforeEach } from "vitest";
import type { PublishedRelease } from "../../../../src/lib/release/release.ts";
import { promotionWorld, type PromotionWorld } from "./world.ts";

/** What a file of tests about promotions begins with; the same object is another release in each test. */
export interface VerifiedRelease {
  readonly world: PromotionWorld;
  readonly release: PublishedRelease;
  readonly revision: string;
  /** 1 in the first test, 2 in the second … for names that no other test of the file uses. */
  readonly number: number;
}

/** One world for the tests of a file, and before each of them a release of its own, published and deployed to staging. */
export function verifiedReleases(): VerifiedRelease {
  let world: PromotionWorld;
  let release: PublishedRelease;
  let number = 0;
  beforeAll(async () => {
    world = await promotionWorld();
  });
  beforeEach(async () => {
    number += 1;
    release = await world.publish(`release ${String(number)}`);
    await world.deployed("staging", release);
  });
  afterAll(() => world[Symbol.asyncDispose]());
  return {
    get world() {
      return world;
    },
    get release() {
      return release;
    },
    get revision() {
      return release.release.revision;
    },
    get number() {
      return number;
    },
  };
}
