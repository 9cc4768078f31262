import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Digest, digestOf } from "../../../../src/lib/image/digest.ts";
import { isDue, type LifecycleImage, simulateLifecycle } from "../../../../src/lib/registry/lifecycle/simulate.ts";
import type { LifecycleRule, LifecycleSelection } from "../../../../src/lib/registry/lifecycle/policy.ts";
import { safeRule, withSafeRules } from "../../../../src/lib/registry/lifecycle/remedy.ts";

const day = 24 * 60 * 60 * 1000;
const now = Date.parse("2026-11-22T12:00:00Z");
const digest = digestOf;

function image(
  name: string,
  tags: readonly string[],
  daysAgo: number,
  more: Partial<LifecycleImage> = {},
): LifecycleImage {
  return { digest: digest(name), tags, pushedAt: now - daysAgo * day, ...more };
}

function rule(
  rulePriority: number,
  selection: Partial<LifecycleSelection>,
  type: "expire" | "transition" = "expire",
): LifecycleRule {
  const tagged = selection.tagPatternList ?? selection.tagPrefixList;
  return {
    rulePriority,
    selection: {
      tagStatus: tagged === undefined ? "any" : "tagged",
      countType: "imageCountMoreThan",
      countNumber: 1,
      ...selection,
    },
    action: { type },
  };
}

/** Names of the images that are taken now. */
function taken(rules: readonly LifecycleRule[], images: readonly LifecycleImage[], names: readonly string[]): string[] {
  const fates = simulateLifecycle({ rules }, images, now);
  return names.filter((name) => {
    const fate = fates.get(digest(name));
    return fate !== undefined && isDue(fate, now);
  });
}

describe("AWS's own examples (ECR user guide, filtering on multiple rules)", () => {
  const images = [image("A", ["beta-1", "prod-1"], 10), image("B", ["beta-2", "prod-2"], 9), image("C", ["beta-3"], 8)];

  it("A: prod first takes A alone, since B is the prod image that rule 1 keeps", () => {
    const rules = [rule(1, { tagPatternList: ["prod*"] }), rule(2, { tagPatternList: ["beta*"] })];
    expect(taken(rules, images, ["A", "B", "C"])).toEqual(["A"]);
  });

  it("B: beta first takes A and B, prod tags and all", () => {
    const rules = [rule(1, { tagPrefixList: ["beta"] }), rule(2, { tagPrefixList: ["prod"] })];
    expect(taken(rules, images, ["A", "B", "C"])).toEqual(["A", "B"]);
  });

  it("a list means all of its tags: only what carries both is looked at", () => {
    const both = [
      image("A", ["alpha-1"], 12),
      image("B", ["beta-1"], 11),
      image("C", ["alpha-2", "beta-2"], 10),
      image("D", ["alpha-4", "beta-4"], 8),
    ];
    const rules = [rule(1, { tagPatternList: ["alpha*", "beta*"] })];
    expect(taken(rules, both, ["A", "B", "C", "D"])).toEqual(["C"]);
  });
});

describe("a rule", () => {
  it("acts on images, not on tags: a retag to prod neither saves nor refreshes it", () => {
    const rules = [
      rule(1, { tagPatternList: ["sha-*"], countType: "sinceImagePushed", countUnit: "days", countNumber: 14 }),
    ];
    expect(taken(rules, [image("A", ["sha-1", "prod-1"], 15)], ["A"])).toEqual(["A"]);
  });

  it("keeps the image pushed last, not the one promoted last", () => {
    const rules = [rule(1, { tagPatternList: ["prod-*"] })];
    const images = [
      image("promoted today, built long ago", ["prod-2"], 30),
      image("promoted last week", ["prod-1"], 10),
    ];
    expect(
      taken(
        rules,
        images,
        images.map((_, index) => ["promoted today, built long ago", "promoted last week"][index] ?? ""),
      ),
    ).toEqual(["promoted today, built long ago"]);
  });

  it("by age says the day, by count how many pushes are left", () => {
    const aged = rule(1, { countType: "sinceImagePushed", countUnit: "days", countNumber: 14 });
    expect(simulateLifecycle({ rules: [aged] }, [image("A", [], 11)], now).get(digest("A"))).toMatchObject({
      at: now + 3 * day,
      action: "expire",
    });
    const counted = rule(1, { countNumber: 3 });
    const fates = simulateLifecycle({ rules: [counted] }, [image("A", [], 2), image("B", [], 1)], now);
    expect([fates.get(digest("A"))?.pushesLeft, fates.get(digest("B"))?.pushesLeft]).toEqual([1, 2]);
  });

  it("by pulls archives what healthy hosts no longer pull; without a pull the push counts, a restore counts as a pull", () => {
    const rules = [rule(1, { countType: "sinceImagePulled", countUnit: "days", countNumber: 30 }, "transition")];
    const images = [
      image("runs for 40 days", [], 50, { lastPulledAt: now - 40 * day }),
      image("never pulled", [], 31),
      image("restored", [], 90, { lastPulledAt: now - 80 * day, activatedAt: now - 2 * day }),
    ];
    expect(taken(rules, images, ["runs for 40 days", "never pulled", "restored"])).toEqual([
      "runs for 40 days",
      "never pulled",
    ]);
    expect(simulateLifecycle({ rules }, images, now).get(digest("never pulled"))?.action).toBe("archive");
  });

  it("sees its own storage class only", () => {
    const archive = {
      storageClass: "archive",
      countType: "sinceImageTransitioned",
      countUnit: "days",
      countNumber: 90,
    } as const;
    const rules = [rule(1, { countNumber: 5 }), rule(2, archive)];
    const images = [image("old", [], 300, { archivedAt: now - 91 * day }), image("new", [], 300)];
    expect(taken(rules, images, ["old", "new"])).toEqual(["old"]);
  });

  it("cannot take a child before its index, nor before an index of that index", () => {
    const untagged = rule(1, {
      tagStatus: "untagged",
      countType: "sinceImagePushed",
      countUnit: "days",
      countNumber: 1,
    });
    const child = image("child", [], 9);
    const index = image("index", ["sha"], 9, { children: [child.digest] });
    expect(taken([untagged], [child, index], ["child", "index"])).toEqual([]);
    const all = rule(2, { countType: "sinceImagePushed", countUnit: "days", countNumber: 20 });
    expect(simulateLifecycle({ rules: [untagged, all] }, [child, index], now).get(child.digest)?.at).toBe(
      index.pushedAt + 20 * day,
    );
    expect(taken([untagged, all], [child, { ...index, pushedAt: now - 21 * day }], ["child", "index"])).toEqual([
      "child",
      "index",
    ]);
  });

  it("takes its wildcards literally otherwise", () => {
    const rules = [rule(1, { tagPatternList: ["v1.*"], countType: "sinceImagePushed", countNumber: 1 })];
    expect(taken(rules, [image("A", ["v1.2"], 5), image("B", ["v1x2"], 5)], ["A", "B"])).toEqual(["A"]);
  });
});

describe("for every policy and every repository", () => {
  const tag = fc.constantFrom("prod-1", "prod-2", "sha-1", "sha-2", "beta-1", "v1.0", "latest");
  const images = fc
    .array(
      fc.record({
        tags: fc.uniqueArray(tag, { maxLength: 3 }),
        days: fc.integer({ min: 0, max: 60 }),
        child: fc.boolean(),
      }),
      { maxLength: 8 },
    )
    .map((all) =>
      all.map(({ tags, days, child }, index): LifecycleImage => {
        // Only an image before it: digests cannot go round in a circle.
        const children: Digest[] = child && index > 0 ? [digest(String(index - 1))] : [];
        return image(String(index), tags, days, { children });
      }),
    );
  const pattern = fc.constantFrom("prod-*", "sha-*", "*-1", "v*", "*");
  const selection = fc.record({
    tagPatternList: fc.option(fc.uniqueArray(pattern, { minLength: 1, maxLength: 2 }), { nil: undefined }),
    countType: fc.constantFrom("imageCountMoreThan" as const, "sinceImagePushed" as const),
    countNumber: fc.integer({ min: 1, max: 20 }),
  });
  const rules = fc
    .array(selection, { maxLength: 4 })
    .map((all) =>
      all.map(({ tagPatternList, ...rest }, index) =>
        rule(index + 1, tagPatternList === undefined ? rest : { ...rest, tagPatternList }),
      ),
    );
  const due = (list: readonly LifecycleRule[], all: readonly LifecycleImage[]): Set<Digest> =>
    new Set(
      [...simulateLifecycle({ rules: list }, all, now).values()]
        .filter((fate) => isDue(fate, now))
        .map((fate) => fate.digest),
    );

  it("a rule further down never saves an image", () => {
    fc.assert(
      fc.property(rules, selection, images, (before, { tagPatternList, ...rest }, all) => {
        const added = rule(before.length + 1, tagPatternList === undefined ? rest : { ...rest, tagPatternList });
        const after = due([...before, added], all);
        expect([...due(before, all)].filter((one) => !after.has(one))).toEqual([]);
      }),
    );
  });

  it("what the safe rules match is never taken, whatever stands behind them", () => {
    fc.assert(
      fc.property(rules, images, (behind, all) => {
        const { rules: safe } = withSafeRules({ rules: behind }, ["prod-*", "v*"]);
        const gone = due(safe, all);
        const promoted = all.filter(({ tags }) => tags.some((one) => /^(?:prod-|v)/.test(one)));
        expect(promoted.filter((one) => gone.has(one.digest))).toEqual([]);
        expect(safe.map(({ rulePriority }) => rulePriority)).toEqual(safe.map((_, index) => index + 1));
      }),
    );
  });

  it("time and pushes only bring the end nearer", () => {
    fc.assert(
      fc.property(rules, images, fc.integer({ min: 1, max: 90 }), (list, all, days) => {
        const later = new Set(
          [...simulateLifecycle({ rules: list }, all, now + days * day).values()]
            .filter((fate) => isDue(fate, now + days * day))
            .map((fate) => fate.digest),
        );
        expect([...due(list, all)].filter((one) => !later.has(one))).toEqual([]);
      }),
    );
  });

  it("the order in which rules and images are listed is nothing to it", () => {
    fc.assert(
      fc.property(rules, images, (list, all) => {
        expect(due(list.toReversed(), all.toReversed())).toEqual(due(list, all));
      }),
    );
  });

  it("no image that an index lists goes before the index", () => {
    fc.assert(
      fc.property(rules, images, (list, all) => {
        const gone = due(list, all);
        const orphans = all.filter((one) => !gone.has(one.digest)).flatMap(({ children = [] }) => children);
        expect(orphans.filter((child) => gone.has(child))).toEqual([]);
      }),
    );
  });

  it("a rule by count leaves exactly that many of what it governs alone", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 9 }),
        (count, ages) => {
          const all = ages.map((age, index) => image(String(index), [], age));
          expect(due([rule(1, { countNumber: count })], all).size).toBe(Math.max(0, ages.length - count));
        },
      ),
    );
  });
});

it("a rule of the same pattern gives way to the safe one: ECR wants unique tag lists", () => {
  const small = rule(4, { tagPatternList: ["prod-*"], countNumber: 2 });
  const last = rule(9, { countType: "sinceImagePushed", countUnit: "days", countNumber: 30 });
  expect(withSafeRules({ rules: [last, small] }, ["prod-*"])).toEqual({
    rules: [safeRule("prod-*", 1), { ...last, rulePriority: 2 }],
  });
});
