import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { planPromote, type PromotePlan } from "../../../../src/lib/actions/promote/plan.ts";
import type { PromotionFacts, TargetState } from "../../../../src/lib/actions/promote/look.ts";
import {
  labelsFor,
  type PromotionTarget,
  requireVersion,
  type TagFor,
  targetsOf,
} from "../../../../src/lib/actions/promote/target.ts";
import type { PublishedRelease } from "../../../../src/lib/release/release.ts";
import type { Digest } from "../../../../src/lib/image/digest.ts";
import { isTag } from "../../../../src/lib/image/tag.ts";
import { facts, one, two } from "../../gates/facts.ts";

const { revision } = one.release;
const labels = ["v1.2.3", `prod-${revision}`];
const perService: TagFor = (_, label) => label;
const single: TagFor = (service = "bundle", label) => `${label}-${service}`;

interface Situation {
  readonly target: PromotionTarget;
  readonly facts: PromotionFacts;
}
const plan = (situation: Situation): PromotePlan => planPromote(situation.target, situation.facts);
const changed = (
  { target, facts: before }: Situation,
  change: Partial<PromotionFacts> & Pick<Partial<PromotionTarget>, "repeatSmoke">,
): Situation => {
  const { repeatSmoke = target.repeatSmoke, ...rest } = change;
  return { target: { ...target, repeatSmoke }, facts: { ...before, ...rest } };
};

/** Which of the tags each of the three targets has; true is the right digest. */
function situation(
  has: readonly (readonly boolean[])[],
  tagFor: TagFor = perService,
  published: PublishedRelease = tagFor === single ? together(one) : one,
): Situation {
  const { images, bundle } = targetsOf(published, labels, tagFor);
  const states = [...images, bundle].map((target, index) => ({
    ...target,
    there: true,
    publishedAs: target.digest,
    tagged: new Map(
      target.tags.flatMap((tag, at): [string, Digest][] => (has[index]?.[at] ? [[tag, target.digest]] : [])),
    ),
  }));
  const [web, nginx, last] = states;
  if (web === undefined || nginx === undefined || last === undefined) throw new Error("three targets");
  const judged = facts({ smoke: true });
  const resolved = { published, how: "explicit", asked: revision, says: "", warnings: [] } as const;
  return {
    target: {
      environment: judged.environment,
      resolved,
      labels,
      images,
      bundle,
      overrides: new Map(),
      repeatSmoke: false,
    },
    facts: {
      images: [web, nginx],
      bundle: last,
      isRecorded: last.tagged.has(last.tags.at(-1) ?? ""),
      gates: judged,
      ships: null,
      deployments: { latest: 0, current: 0 },
      hold: undefined,
    },
  };
}

/** As a single repository's layout tags it. */
const withService = (target: TargetState): TargetState => ({
  ...target,
  tags: labels.map((label) => single(target.service, label)),
});

/** The same release, published into one repository. */
function together(published: PublishedRelease): PublishedRelease {
  const pins = Object.entries(published.release.images).map(([name, pin]) => [name, { ...pin, repository: "app" }]);
  const release = { ...published.release, images: Object.fromEntries(pins) as typeof published.release.images };
  return { ...published, repository: "app", release };
}

/** The registry after the plan's tags were put, and the ledger after the record was. */
function carriedOut(before: Situation): Situation {
  const { images, bundle } = plan(before);
  const after = (target: TargetState, create: readonly string[]): TargetState => ({
    ...target,
    tagged: new Map([...target.tagged, ...create.map((tag) => [tag, target.digest] as const)]),
  });
  return changed(before, {
    images: before.facts.images.map((image, index) => after(image, images[index]?.create ?? [])),
    bundle: after(before.facts.bundle, bundle.create),
    isRecorded: true,
  });
}

const anySituation = fc
  .array(fc.array(fc.boolean(), { minLength: 2, maxLength: 2 }), { minLength: 3, maxLength: 3 })
  .chain((has) => fc.constantFrom(perService, single).map((labelling) => situation(has, labelling)));

describe("the plan", () => {
  test("is the same for the same situation, and carried out leaves nothing to do", () => {
    fc.assert(
      fc.property(anySituation, (before) => {
        expect(plan(before)).toEqual(plan(before));
        const after = plan(carriedOut(before));
        expect(after).toMatchObject({ done: true, smoke: false });
        expect(plan(carriedOut(carriedOut(before)))).toEqual(after);
      }),
    );
  });

  test("interrupted anywhere, the next one does exactly the rest", () => {
    fc.assert(
      fc.property(anySituation, fc.nat(3), (before, reached) => {
        const { images, bundle } = plan(before);
        const steps = [...images, bundle];
        const { facts: partly } = carriedOut(before);
        const stopped = changed(before, {
          images: before.facts.images.map((image, index) =>
            index < reached ? (partly.images[index] ?? image) : image,
          ),
          bundle: reached > 2 ? partly.bundle : before.facts.bundle,
        });
        const rest = plan(stopped);
        expect([...rest.images, rest.bundle].map(({ create }) => create)).toEqual(
          steps.map(({ create }, index) => (index < reached ? [] : create)),
        );
      }),
    );
  });

  test("is not done by tags alone: what the ledger does not know is tested and recorded", () => {
    const tagged = changed(carriedOut(situation([])), { isRecorded: false });
    expect(plan(tagged)).toMatchObject({ done: false, smoke: true, bundle: { create: [] } });
  });

  test("gives the environment's tag last", () => {
    expect(plan(situation([])).bundle.create).toEqual(["v1.2.3", `prod-${revision}`]);
    expect(plan(situation([], single)).bundle.create).toEqual(["v1.2.3-bundle", `prod-${revision}-bundle`]);
  });

  test("of a release in one repository gives twins a tag each, since that names the service", () => {
    const before = situation([], single);
    const [web, nginx] = before.facts.images;
    if (web === undefined || nginx === undefined) throw new Error("two images");
    const twin = { ...nginx, digest: web.digest };
    const { images: tagged } = plan(changed(before, { images: [web, twin].map(withService) }));
    expect(tagged.map(({ create }) => create[0])).toEqual(["v1.2.3-web", "v1.2.3-nginx"]);
  });

  test.each([0, 1, 2])(
    "is refused for one tag of target %i that names something else, even where all else is done",
    (n) => {
      const done = carriedOut(situation([]));
      const all = [...done.facts.images, done.facts.bundle].map((target, index) =>
        index === n ? { ...target, tagged: new Map([...target.tagged, ["v1.2.3", two.digest] as const]) } : target,
      );
      const wrong = changed(done, { images: all.slice(0, 2), bundle: all[2] ?? done.facts.bundle });
      expect(() => plan(wrong)).toThrow(expect.objectContaining({ code: "TAG_CONFLICT", exitCode: 4 }));
    },
  );

  test("is refused where an image is gone", () => {
    const before = situation([]);
    const bundle = { ...before.facts.bundle, there: false };
    expect(() => plan(changed(before, { bundle }))).toThrow(expect.objectContaining({ code: "IMAGE_GONE" }));
  });

  test("tests what has no evidence, or on request, but never what is done", () => {
    const before = situation([]);
    const without = changed(before, { gates: facts({ smoke: false }) });
    expect(plan(before).smoke).toBe(true);
    expect(plan(without).smoke).toBe(false);
    expect(plan(changed(without, { repeatSmoke: true })).smoke).toBe(true);
    expect(plan(changed(carriedOut(before), { repeatSmoke: true })).smoke).toBe(false);
  });
});

describe("tags", () => {
  test("every version that is accepted is an image tag", () => {
    const part = fc.nat(999);
    const pre = fc.option(fc.stringMatching(/^[0-9A-Za-z-]{1,8}(\.[0-9A-Za-z-]{1,8}){0,2}$/), { nil: undefined });
    fc.assert(
      fc.property(fc.constantFrom("", "v"), part, part, part, pre, (v, major, minor, patch, suffix) => {
        const text = `${v}${major}.${minor}.${patch}${suffix === undefined ? "" : `-${suffix}`}`;
        expect(requireVersion(text)).toBe(text);
        expect(isTag(text)).toBe(true);
      }),
    );
  });

  test.each(["", "v", "1", "v1.2", "1.2.3.4", "v1.2.3-", "v1.2.3-a..b", "prod-1", " v1.2.3", "v1.2.3\n", "V1.2.3"])(
    "%j is no version",
    (text) => {
      expect(() => requireVersion(text)).toThrow(expect.objectContaining({ code: "NOT_A_VERSION", exitCode: 2 }));
    },
  );

  test("one too long for a tag is refused as such", () => {
    expect(() => requireVersion(`v1.2.3-${"a".repeat(130)}`)).toThrow(expect.objectContaining({ code: "TAG_INVALID" }));
  });

  test("the environment's own comes last", () => {
    expect(labelsFor("prod", revision, undefined)).toEqual([`prod-${revision}`]);
    expect(labelsFor("prod", revision, "v1.0.0")).toEqual(["v1.0.0", `prod-${revision}`]);
  });
});
