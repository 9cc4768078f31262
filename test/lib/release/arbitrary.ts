import * as fc from "fast-check";
import type { Release } from "../../../src/lib/release/release.ts";
import { digests, repositories } from "../image/arbitrary.ts";

const sha = fc.stringMatching(/^[0-9a-f]{40}$/);
const service = fc.stringMatching(/^[a-z][a-z0-9]{0,7}(?:-[a-z0-9]{1,5})?$/);

const pin = fc.record({ repository: repositories, digest: digests });

const withoutEdge: fc.Arbitrary<Release> = fc.record({
  schema: fc.constant(1 as const),
  app: fc.stringMatching(/^[a-z][a-z-]{0,9}$/),
  revision: sha,
  tree: sha,
  committedAt: fc
    .date({ min: new Date("2000-01-01"), max: new Date("2100-01-01"), noInvalidDate: true })
    .map((date) => date.toISOString()),
  images: fc.dictionary(service, pin, { minKeys: 1, maxKeys: 5 }),
});

/** Half of them with an edge. */
export const releases: fc.Arbitrary<Release> = fc.oneof(
  withoutEdge,
  fc.tuple(withoutEdge, pin).map(([release, edge]) => ({ ...release, edge })),
);
