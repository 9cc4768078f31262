import { ThreadsError } from "../../errors/threads-error.ts";

/** An ECR lifecycle policy as its JSON document has it (ECR user guide, lifecycle policy properties). */
export interface LifecyclePolicy {
  readonly rules: readonly LifecycleRule[];
}

export interface LifecycleRule {
  /** 1 is applied first; unique, not always consecutive. */
  readonly rulePriority: number;
  readonly description?: string;
  readonly selection: LifecycleSelection;
  readonly action: { readonly type: "expire" | "transition"; readonly targetStorageClass?: "archive" };
}

export interface LifecycleSelection {
  readonly tagStatus: "tagged" | "untagged" | "any";
  /** Wildcards `*`; every one of the list must match a tag of the image. */
  readonly tagPatternList?: readonly string[];
  /** Beginnings; every one of the list must begin a tag of the image. */
  readonly tagPrefixList?: readonly string[];
  /** Left out means `standard`. */
  readonly storageClass?: "standard" | "archive";
  readonly countType: "imageCountMoreThan" | "sinceImagePushed" | "sinceImagePulled" | "sinceImageTransitioned";
  readonly countUnit?: "days";
  readonly countNumber: number;
}

/** @throws ThreadsError LIFECYCLE_UNREADABLE where a rule has a form that this version of threads does not know */
export function parseLifecyclePolicy(text: string, repository: string): LifecyclePolicy {
  const rules = rulesOf(text);
  if (rules?.every(isKnown) === true)
    return { rules: rules.toSorted((one, other) => one.rulePriority - other.rulePriority) };
  throw new ThreadsError("LIFECYCLE_UNREADABLE", {
    message: `the lifecycle policy of ${repository} has a rule that threads cannot read`,
    next: [
      `aws ecr get-lifecycle-policy --repository-name ${repository}`,
      `aws ecr start-lifecycle-policy-preview --repository-name ${repository}`,
    ],
  });
}

/** What a rule looks for, for a person: `sha-*`, `untagged images`. */
export function selectionText({ tagStatus, tagPatternList, tagPrefixList }: LifecycleSelection): string {
  if (tagStatus !== "tagged") return tagStatus === "any" ? "any image" : "untagged images";
  return [...(tagPatternList ?? []), ...(tagPrefixList ?? []).map((prefix) => `${prefix}*`)].join(" and ");
}

const countTypes = new Set(["imageCountMoreThan", "sinceImagePushed", "sinceImagePulled", "sinceImageTransitioned"]);

function rulesOf(text: string): readonly LifecycleRule[] | undefined {
  try {
    const { rules } = JSON.parse(text) as { readonly rules?: unknown };
    return Array.isArray(rules) ? (rules as readonly LifecycleRule[]) : undefined;
  } catch {
    return undefined;
  }
}

/** AWS has added count types and actions before: an unknown one must not be taken for harmless. */
function isKnown(rule: Partial<LifecycleRule> | null): boolean {
  const { selection, action, rulePriority } = rule ?? {};
  return (
    Number.isInteger(rulePriority) &&
    selection !== undefined &&
    ["tagged", "untagged", "any"].includes(selection.tagStatus) &&
    countTypes.has(selection.countType) &&
    Number.isInteger(selection.countNumber) &&
    (action?.type === "expire" || action?.type === "transition")
  );
}
