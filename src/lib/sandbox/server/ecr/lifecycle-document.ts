import type { ServiceError } from "../protocol.ts";
import { invalidParameter } from "./parts.ts";

/** A rule of a stored policy, checked before it was stored. */
export interface PolicyRule {
  readonly rulePriority: number;
  readonly selection: {
    readonly tagStatus: "tagged" | "untagged" | "any";
    readonly tagPatternList?: readonly string[];
    readonly tagPrefixList?: readonly string[];
    readonly storageClass?: "standard" | "archive";
    readonly countType: CountType;
    readonly countUnit?: "days";
    readonly countNumber: number;
  };
  readonly action: { readonly type: "expire" | "transition"; readonly targetStorageClass?: "archive" };
}

const countTypes = ["imageCountMoreThan", "sinceImagePushed", "sinceImagePulled", "sinceImageTransitioned"] as const;
type CountType = (typeof countTypes)[number];

/** botocore's service model: 100..30,720 characters; 50 rules (ECR quotas). */
const shortest = 100;
const longest = 30_720;
const mostRules = 50;
/** An archived image stays at least this long (ECR user guide, archive). */
const archiveDays = 90;

/**
 * The rules of a policy document, in their order of priority.
 * @throws ServiceError InvalidParameterException in ECR's words, as far as its users have reported them
 */
export function readPolicy(text: string): readonly PolicyRule[] {
  if (text.length < shortest)
    throw invalidParameter("lifecyclePolicyText", `Member must have length greater than or equal to ${shortest}`);
  if (text.length > longest)
    throw invalidParameter("lifecyclePolicyText", `Member must have length less than or equal to ${longest}`);
  const rules = parse(text);
  if (rules === undefined || rules.length === 0 || !rules.every(isRule))
    throw wrong("Could not map policyString into LifecyclePolicy.");
  if (rules.length > mostRules) throw wrong(`A lifecycle policy can have at most ${mostRules} rules.`);
  for (const rule of rules) checkRule(rule);
  checkTogether(rules);
  return rules.toSorted((one, other) => one.rulePriority - other.rulePriority);
}

function wrong(message: string): ServiceError {
  return invalidParameter("LifecyclePolicyText", `Lifecycle policy validation failure: ${message}`);
}

function parse(text: string): readonly unknown[] | undefined {
  try {
    const { rules } = (JSON.parse(text) ?? {}) as { readonly rules?: unknown };
    return Array.isArray(rules) ? rules : undefined;
  } catch {
    return undefined;
  }
}

function isRule(value: unknown): value is PolicyRule {
  const { rulePriority, selection, action } = (value ?? {}) as Partial<PolicyRule>;
  const { tagStatus = "", countType, countNumber, storageClass = "standard" } = selection ?? {};
  return (
    isPositive(rulePriority) &&
    ["tagged", "untagged", "any"].includes(tagStatus) &&
    countTypes.some((known) => known === countType) &&
    isPositive(countNumber) &&
    ["standard", "archive"].includes(storageClass) &&
    (action?.type === "expire" || (action?.type === "transition" && action.targetStorageClass === "archive")) &&
    [selection?.tagPatternList, selection?.tagPrefixList].every(isTextList)
  );
}

function isPositive(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) > 0;
}

function isTextList(value: unknown): boolean {
  return (
    value === undefined || (Array.isArray(value) && value.every((item) => typeof item === "string" && item !== ""))
  );
}

function checkRule({ selection, action }: PolicyRule): void {
  const { tagStatus, tagPatternList = [], tagPrefixList = [], countType, countUnit, countNumber } = selection;
  const lists = [tagPatternList, tagPrefixList].filter((list) => list.length > 0).length;
  if (tagStatus === "tagged" && lists !== 1)
    throw wrong("Either tagPrefixList or tagPatternList is required when tagStatus=TAGGED.");
  if (tagStatus !== "tagged" && lists > 0)
    throw wrong("tagPrefixList and tagPatternList are allowed only when tagStatus=TAGGED.");
  if (tagPatternList.some((pattern) => pattern.split("*").length > 5))
    throw wrong("A tag pattern can have at most 4 wildcards.");
  if ((countType === "imageCountMoreThan") !== (countUnit === undefined) || (countUnit ?? "days") !== "days")
    throw wrong("countUnit=days is required for an age, and only for an age.");
  // What was not pulled can only be archived; what is archived can only be expired, after 90 days (ECR user guide, archive).
  if (countType === "sinceImagePulled" && action.type !== "transition")
    throw wrong("countType=sinceImagePulled can only be used with the transition action.");
  const archived = countType === "sinceImageTransitioned";
  if (archived !== (selection.storageClass === "archive"))
    throw wrong("storageClass=archive is required with countType=sinceImageTransitioned, and only with it.");
  if (archived && (action.type !== "expire" || countNumber < archiveDays))
    throw wrong(`Archived images can only be expired, after at least ${archiveDays} days.`);
}

function checkTogether(rules: readonly PolicyRule[]): void {
  if (new Set(rules.map(({ rulePriority }) => rulePriority)).size < rules.length)
    throw wrong("The rulePriority of each rule must be unique.");
  for (const storageClass of ["standard", "archive"]) {
    const own = rules.filter(({ selection }) => (selection.storageClass ?? "standard") === storageClass);
    const status = (wanted: string): readonly PolicyRule[] =>
      own.filter(({ selection }) => selection.tagStatus === wanted);
    if (status("untagged").length > 1) throw wrong("Only one rule can select Untagged images per storage class.");
    const last = Math.max(...own.map(({ rulePriority }) => rulePriority));
    if (status("any").some(({ rulePriority }) => rulePriority !== last))
      throw wrong("Rule for tagStatus=ANY must have the lowest priority per storage class");
    const lists = status("tagged").map(({ selection }) =>
      JSON.stringify([selection.tagPatternList ?? [], selection.tagPrefixList ?? []].map((list) => list.toSorted())),
    );
    if (new Set(lists).size < lists.length) throw wrong("The set of rules must contain a unique set of tags.");
  }
}
