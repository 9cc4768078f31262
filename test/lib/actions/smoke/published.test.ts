import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { promote } from "../../../../src/lib/actions/promote/run.ts";
import {
  type SmokePublishedOptions,
  type SmokePublishedPorts,
  smokePublishedRelease,
} from "../../../../src/lib/actions/smoke/published.ts";
import { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import type { Evidence } from "../../../../src/lib/ledger/evidence.ts";
import type { PublishedRelease } from "../../../../src/lib/release/release.ts";
import { type PromotionWorld, promotionWorld } from "../promote/world.ts";

let world: PromotionWorld;
let release: PublishedRelease;
beforeAll(async () => {
  world = await promotionWorld();
  release = await world.publish("one");
});
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(() => void world.smoked.splice(0));

const run = (options: Partial<SmokePublishedOptions> = {}, ports: Partial<SmokePublishedPorts> = {}) =>
  smokePublishedRelease({ release: "HEAD", dryRun: false, keep: false, ...options }, { ...world.ports, ...ports });

const evidenceOn = async (): Promise<readonly Evidence[]> =>
  (await world.ports.ledger.revisionRecords("prod", release.release.revision)).smokes.get(release.digest) ?? [];

it("plans the very digests, and asks for no stack", async () => {
  const result = await run({ dryRun: true });
  expect(result).toMatchObject({
    outcome: "planned",
    revision: release.release.revision,
    bundle: release.digest,
    next: [`threads smoke --release ${release.release.revision}`],
  });
  expect(result.images.map((image) => "reference" in image && image.reference)).toEqual(
    Object.values(release.release.images).map(
      ({ repository, digest }) => `${world.ports.registry.host}/${repository}@${digest}`,
    ),
  );
  expect(world.smoked).toEqual([]);
  expect(await evidenceOn()).toEqual([]);
  const { next } = await run({ dryRun: true, keep: true });
  expect(next).toEqual([`threads smoke --release ${release.release.revision} --keep`]);
});

it("is on record as a promotion's own test is, and the promotion does not test again", async () => {
  const result = await run({ keep: true });
  expect(result).toMatchObject({ outcome: "passed", bundle: release.digest, recorded: true, tagged: [], advice: [] });
  expect(world.smoked).toMatchObject([{ keep: true, revision: release.release.revision }]);
  expect(await evidenceOn()).toHaveLength(1);
  await world.deployed("staging", release);
  const promoted = await promote({ environment: "prod", release: "HEAD", dryRun: false }, world.ports);
  expect(promoted).toMatchObject({ outcome: "promoted", smoke: { evidence: "recorded" } });
  expect(world.smoked).toHaveLength(1);
});

describe("what was seen stays true where it cannot be put on record:", () => {
  it("that is said, and whose right is missing", async () => {
    const denied = new ThreadsError("ACCESS_DENIED", { message: "the role host lacks ssm:PutParameter", next: ["x"] });
    const ledger = { ...world.ports.ledger, attest: () => Promise.reject(denied) };
    expect(await run({}, { ledger })).toMatchObject({
      outcome: "passed",
      recorded: false,
      advice: ["not on record, so that a promotion tests it again: the role host lacks ssm:PutParameter"],
    });
  });

  it("but nobody hides a bug, or an interruption, behind it", async () => {
    const failing = (attest: () => Promise<never>) => ({ ledger: { ...world.ports.ledger, attest } });
    await expect(
      run(
        {},
        failing(() => Promise.reject(new TypeError("bug"))),
      ),
    ).rejects.toThrow("bug");
    const ctrlC = new AbortController();
    const stopped = new ThreadsError("INTERRUPTED", { message: "interrupted", next: ["x"] });
    const ports = failing(() => {
      ctrlC.abort(stopped);
      return Promise.reject(stopped);
    });
    await expect(run({}, { ...ports, signal: ctrlC.signal })).rejects.toBe(stopped);
  });
});

it("what fails is not on record, and is the failure that it was", async () => {
  const before = await evidenceOn();
  const smoke = () => Promise.reject(new ThreadsError("CHECKS_FAILED", { message: "no", next: ["threads smoke"] }));
  await expect(run({}, { smoke })).rejects.toMatchObject({ code: "CHECKS_FAILED" });
  expect(await evidenceOn()).toEqual(before);
});

describe("a release that cannot be tested is refused before anything runs:", () => {
  it("a name that git does not have", async () => {
    await expect(run({ release: "no-such-name" })).rejects.toMatchObject({ code: "UNKNOWN_REVISION", exitCode: 2 });
  });

  it("a commit that is not published, with the command for the nearest one that is", async () => {
    world.repository.write("new.txt", "new");
    world.repository.commit("Not published");
    await expect(run()).rejects.toMatchObject({
      code: "NOT_PUBLISHED",
      next: expect.arrayContaining([`threads smoke --release ${release.release.revision}`]) as string[],
    });
    expect(world.smoked).toEqual([]);
  });

  it("one of a registry of another account", async () => {
    const wrong = new ThreadsError("WRONG_ACCOUNT", { message: "another account", next: ["x"] });
    const { revision } = release.release;
    const refused = run({ release: revision }, { checkAccount: () => Promise.reject(wrong) });
    await expect(refused).rejects.toMatchObject({ code: "WRONG_ACCOUNT" });
    expect(world.smoked).toEqual([]);
  });
});
