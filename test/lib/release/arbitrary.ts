import * as fc from "fast-check";
import type { Migration } from "../../../src/lib/release/migrations.ts";
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

/** Each name once. */
export const migrations: fc.Arbitrary<readonly Migration[]> = fc.uniqueArray(
  fc.record({
    name: fc.stringMatching(/^\w[\w./:@+-]{0,30}$/),
    kind: fc.constantFrom("expand" as const, "contract" as const),
  }),
  { selector: ({ name }) => name, maxLength: 6 },
);

const requiredKeys = fc.array(fc.stringMatching(/^[A-Za-z_][\w.-]{0,9}$/), { maxLength: 4 });

/** Half of them with an edge, half of them tell their migrations, and what keys they need. */
export const releases: fc.Arbitrary<Release> = fc
  .tuple(withoutEdge, fc.option(pin), fc.option(migrations), fc.option(requiredKeys))
  .map(([release, edge, told, keys]) => ({
    ...release,
    ...(edge && { edge }),
    ...(told && { migrations: told }),
    ...(keys && { requiredKeys: keys }),
  }));
