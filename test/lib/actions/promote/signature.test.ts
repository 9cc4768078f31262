import { afterAll, beforeAll, expect, test } from "vitest";
import { promote } from "../../../../src/lib/actions/promote/run.ts";
import type { PromotePorts } from "../../../../src/lib/actions/promote/ports.ts";
import type { GatesConfig } from "../../../../src/lib/config/config.ts";
import type { PublishedRelease } from "../../../../src/lib/release/release.ts";
import type { Unsigned } from "../../../../src/lib/signature/signatures.ts";
import { type PromotionWorld, promotionWorld } from "./world.ts";

const by = { key: "awskms:///alias/threads", log: true } as const;
let world: PromotionWorld;
/** Digests that are signed. */
const signed = new Set<string>();
let asked = 0;

beforeAll(async () => {
  world = await promotionWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

/** Prod with these gates alone; cosign says what it would where these are signed, as test/e2e/signatures.long.test.ts shows. */
function ports(gates: Partial<GatesConfig> = { signature: { by, required: false } }): PromotePorts {
  const { config, ...others } = world.ports;
  const { prod } = config.environments;
  if (prod === undefined) throw new Error("threads.yml has no prod");
  const environments = { ...config.environments, prod: { ...prod, gates: { smoke: false, soakMs: 0, ...gates } } };
  const unsigned: PromotePorts["signatures"]["unsigned"] = (things) => {
    asked += 1;
    const open = things.filter(({ digest }) => !signed.has(digest));
    return Promise.resolve<Unsigned>({ things: open.map((one) => ({ ...one, why: "no signatures found" })) });
  };
  return { ...others, config: { ...config, environments }, signatures: { unsigned } };
}

const run = (release: PublishedRelease, given: PromotePorts, dryRun = false) =>
  promote({ release: release.release.revision, environment: "prod", dryRun }, given);
const sign = ({ digest, release }: PublishedRelease) => {
  for (const one of [digest, ...Object.values(release.images).map((pin) => pin.digest)]) signed.add(one);
};

test("it warns until a release has passed it; from then on what is not signed is kept out", async () => {
  const releases = [await world.publish("a"), await world.publish("b"), await world.publish("c")] as const;
  const [first, second, third] = releases;
  const said = world.warnings.length;
  expect(await run(first, ports())).toMatchObject({ outcome: "promoted" });
  expect(world.warnings.slice(said)).toContainEqual(
    expect.stringMatching(/^signature: web, nginx and bundle: no signature by awskms:.*; this only warns until/),
  );
  expect(await world.ports.ledger.firstSigned("prod")).toBeUndefined();

  sign(second);
  // A plan leaves no trace.
  expect(await run(second, ports(), true)).toMatchObject({ outcome: "planned" });
  expect(await world.ports.ledger.firstSigned("prod")).toBeUndefined();
  expect(await run(second, ports())).toMatchObject({ outcome: "promoted" });
  expect(await world.ports.ledger.firstSigned("prod")).toMatchObject({
    bundle: second.digest,
    by: { user: "ada", host: "laptop" },
  });

  await expect(run(third, ports())).rejects.toMatchObject({
    code: "GATES_SHUT",
    message: expect.stringMatching(/signature.*web, nginx and bundle: no signature by awskms:\/\/\/alias\/threads/),
    next: expect.arrayContaining([
      `git switch --detach ${third.release.revision.slice(0, 12)} && threads publish --sign`,
    ]),
  });
  sign(third);
  expect(await run(third, ports())).toMatchObject({ outcome: "promoted" });
});

test("where it is required nobody asks whether it has passed before, and the first release must pass", async () => {
  const release = await world.publish("d");
  const given = ports({ signature: { by, required: true } });
  const firstSigned = () => Promise.reject(new Error("nobody needs to know"));
  const ledger = { ...given.ledger, firstSigned };
  await expect(run(release, { ...given, ledger })).rejects.toMatchObject({ code: "GATES_SHUT" });
});

test("a record that cannot be written does not undo the promotion: it is told, and the gate warns on", async () => {
  const release = await world.publish("e");
  sign(release);
  const given = ports();
  const { ThreadsError } = await import("../../../../src/lib/errors/threads-error.ts");
  const recordFirstSigned = () => Promise.reject(new ThreadsError("ACCESS_DENIED", { message: "not allowed" }));
  const ledger = { ...given.ledger, firstSigned: () => Promise.resolve(undefined), recordFirstSigned };
  const said = world.warnings.length;
  expect(await run(release, { ...given, ledger })).toMatchObject({ outcome: "promoted" });
  expect(world.warnings.slice(said)).toContainEqual(expect.stringMatching(/is not on record.*not allowed$/));

  // Run again, it finishes what is missing.
  const kept: string[] = [];
  const able = {
    ...ledger,
    recordFirstSigned: (environment: string, { bundle }: { readonly bundle: string }) => {
      kept.push(`${environment} ${bundle}`);
      return Promise.resolve("created" as const);
    },
  };
  expect(await run(release, { ...given, ledger: able }, true)).toMatchObject({ outcome: "already-promoted" });
  expect(kept).toEqual([]);
  expect(await run(release, { ...given, ledger: able })).toMatchObject({ outcome: "already-promoted" });
  expect(kept).toEqual([`prod ${release.digest}`]);
});

test("where no gate asks for signatures nobody looks for any", async () => {
  const release = await world.publish("f");
  const before = asked;
  expect(await run(release, ports({}))).toMatchObject({ outcome: "promoted" });
  expect(asked).toBe(before);
});
