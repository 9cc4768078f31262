import type { LifecyclePolicy, LifecycleRule } from "./policy.ts";

/** More images than anybody promotes: a rule that counts so far takes nothing, and what it matches no other rule can touch. */
const plenty = 9_999;

/** A rule that protects every image that carries a tag of this pattern, as long as no rule stands before it. */
export function safeRule(pattern: string, priority: number): LifecycleRule {
  return {
    rulePriority: priority,
    description: `Keep what is tagged ${pattern}`,
    selection: {
      tagStatus: "tagged",
      tagPatternList: [pattern],
      countType: "imageCountMoreThan",
      countNumber: plenty,
    },
    action: { type: "expire" },
  };
}

/**
 * The policy with protecting rules in front. ECR wants unique tag lists, so a rule of the same pattern gives way; the
 * others keep their order.
 * @param patterns one rule each: in one list they would have to match all at once
 */
export function withSafeRules(policy: LifecyclePolicy, patterns: readonly string[]): LifecyclePolicy {
  const others = policy.rules
    .filter(({ selection }) => !patterns.some((pattern) => isOnlyPattern(selection, pattern)))
    .toSorted((one, other) => one.rulePriority - other.rulePriority);
  const safe = patterns.map((pattern, index) => safeRule(pattern, index + 1));
  return {
    rules: [...safe, ...others.map((rule, index) => ({ ...rule, rulePriority: safe.length + index + 1 }))],
  };
}

function isOnlyPattern(selection: LifecycleRule["selection"], pattern: string): boolean {
  const { tagPatternList = [], tagPrefixList = [], storageClass } = selection;
  if (storageClass === "archive") return false;
  const all = [...tagPatternList, ...tagPrefixList.map((prefix) => `${prefix}*`)];
  return all.length === 1 && all[0] === pattern;
}
