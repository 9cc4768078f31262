import * as fc from "fast-check";
import { expect, it } from "vitest";
import { digestOf } from "../../../../src/lib/image/digest.ts";
import { isDue, simulateLifecycle } from "../../../../src/lib/registry/lifecycle/simulate.ts";
import type { LifecycleRule } from "../../../../src/lib/registry/lifecycle/policy.ts";
import type { ImageState, RepositoryState } from "../../../../src/lib/sandbox/server/ecr/index-state.ts";
import { evaluatePolicy } from "../../../../src/lib/sandbox/server/ecr/lifecycle-preview.ts";

const day = 24 * 60 * 60;
const now = 1_800_000_000;

const rules = fc
  .array(
    fc.record({
      patterns: fc.uniqueArray(fc.constantFrom("prod-*", "sha-*", "*-1", "v1.*"), { maxLength: 2 }),
      status: fc.constantFrom("any" as const, "untagged" as const),
      countType: fc.constantFrom(
        "imageCountMoreThan" as const,
        "sinceImagePushed" as const,
        "sinceImagePulled" as const,
      ),
      countNumber: fc.integer({ min: 1, max: 20 }),
    }),
    { maxLength: 4 },
  )
  .map((all) =>
    all.map(({ patterns, status, countType, countNumber }, index): LifecycleRule => ({
      rulePriority: index + 1,
      selection: {
        ...(patterns.length === 0 ? { tagStatus: status } : { tagStatus: "tagged", tagPatternList: patterns }),
        countType,
        countNumber,
      },
      action: { type: countType === "sinceImagePulled" ? "transition" : "expire" },
    })),
  );

const repositories = fc
  .array(
    fc.record({
      tag: fc.constantFrom("prod-1", "prod-2", "sha-1", "v1.0", ""),
      // Whole days and a bit: whether the very second counts is nobody's business.
      days: fc.integer({ min: 0, max: 40 }),
      pulled: fc.option(fc.integer({ min: 0, max: 10 }), { nil: undefined }),
      child: fc.boolean(),
    }),
    { maxLength: 8 },
  )
  .map((all): RepositoryState => {
    const digest = (index: number): ReturnType<typeof digestOf> => digestOf(String(index));
    const images = all.map(({ days, pulled, child }, index): ImageState => ({
      digest: digest(index),
      mediaType: "",
      size: 0,
      pushedAt: now - days * day - 60,
      children: child && index > 0 ? [digest(index - 1)] : [],
      ...(pulled === undefined ? {} : { lastPulledAt: now - Math.min(pulled, days) * day - 60 }),
    }));
    return {
      name: "a/b",
      createdAt: 0,
      mutability: "MUTABLE",
      exclusions: [],
      images: Object.fromEntries(images.map((image) => [image.digest, image])),
      tags: Object.fromEntries(all.flatMap(({ tag }, index) => (tag === "" ? [] : [[tag, digest(index)]]))),
    };
  });

it("the sandbox's preview and the guard's simulation, written apart, agree", () => {
  fc.assert(
    fc.property(rules, repositories, (list, repository) => {
      const images = Object.values(repository.images).map(({ digest, pushedAt, lastPulledAt, children }) => ({
        digest,
        children,
        tags: Object.keys(repository.tags).filter((tag) => repository.tags[tag] === digest),
        pushedAt: pushedAt * 1000,
        ...(lastPulledAt === undefined ? {} : { lastPulledAt: lastPulledAt * 1000 }),
      }));
      const fates = [...simulateLifecycle({ rules: list }, images, now * 1000).values()];
      const due = fates
        .filter((fate) => isDue(fate, now * 1000))
        .map((fate) => [fate.digest, fate.rule.rulePriority] as const);
      const taken = evaluatePolicy(list, repository, now).map(
        ({ image, rule }) => [image.digest, rule.rulePriority] as const,
      );
      expect(new Map(due)).toEqual(new Map(taken));
    }),
    { numRuns: 300 },
  );
});
