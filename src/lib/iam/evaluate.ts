import type { Condition, PolicyDocument, PolicyStatement } from "./document.ts";

/** What somebody wants to do to one resource, and what is known of them and of it. */
export interface Access {
  /** `ssm:PutParameter`. */
  readonly action: string;
  /** An ARN, or `*` where the action knows no resources. */
  readonly resource: string;
  /** Condition keys with their values; what is absent is left out. */
  readonly context: Readonly<Record<string, string>>;
}

/** IAM's own: nothing is allowed that no statement allows, and what one denies no other can allow. */
export type Decision = "allowed" | "denied" | "not-allowed";

/** How IAM decides about one access by the policies of whoever asks (IAM user guide, "Policy evaluation logic"). */
export function decide(policies: readonly PolicyDocument[], access: Access): Decision {
  const about = policies.flatMap(({ Statement }) => Statement.filter((one) => isAbout(one, access)));
  if (about.some(({ Effect }) => Effect === "Deny")) return "denied";
  return about.some(({ Effect }) => Effect === "Allow") ? "allowed" : "not-allowed";
}

/** @throws Error for what this evaluation does not know, so that nothing is decided by half a statement. */
export function requireKnown({ Statement }: PolicyDocument): void {
  for (const { Sid, Condition = {}, ...rest } of Statement) {
    const operator = Object.keys(Condition).find((name) => operators[name] === undefined);
    if (operator !== undefined) throw new Error(`${Sid} has the condition operator ${operator}, which is not known`);
    const other = Object.keys(rest).find((name) => !["Effect", "Principal", "Action", "Resource"].includes(name));
    if (other !== undefined) throw new Error(`${Sid} has ${other}, which is not known`);
  }
}

function isAbout({ Action, Resource, Condition = {} }: PolicyStatement, access: Access): boolean {
  const { action, resource, context } = access;
  return (
    // Names of actions are the only thing whose case does not matter.
    Action.some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase(), {})) &&
    (Resource === undefined || Resource.some((pattern) => matches(pattern, resource, context))) &&
    holds(Condition, context)
  );
}

const operators: Readonly<Record<string, (wanted: string, found: string, context: Access["context"]) => boolean>> = {
  StringEquals: (wanted, found, context) => filled(wanted, context) === found,
  StringLike: (wanted, found, context) => matches(wanted, found, context),
};

/** All keys of all operators, each with any of its values; a key that the request does not have fits none. */
function holds(condition: Condition, context: Access["context"]): boolean {
  const known = new Map(Object.entries(context).map(([key, value]) => [key.toLowerCase(), value]));
  return Object.entries(condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => {
      const found = known.get(key.toLowerCase());
      const fits = operators[operator];
      return found !== undefined && [wanted].flat().some((one) => fits?.(one, found, context) === true);
    }),
  );
}

const variable = /\$\{([^}]*)\}/;

/** Undefined where a variable has no value: then nothing is equal to it. */
function filled(text: string, context: Access["context"]): string | undefined {
  const parts = text
    .split(new RegExp(variable, "g"))
    .map((part, place) => (place % 2 === 0 ? part : valueOf(part, context)));
  return parts.includes(undefined) ? undefined : parts.join("");
}

/** `${*}`, `${?}` and `${$}` stand for those characters; every other name is a key, in any case. */
function valueOf(name: string, context: Access["context"]): string | undefined {
  if (["*", "?", "$"].includes(name)) return name;
  return Object.entries(context).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
}

/** `*` is any text, also across slashes and colons, `?` one character; what a variable brings is taken as it stands. */
function matches(pattern: string, text: string, context: Access["context"]): boolean {
  const parts = pattern.split(new RegExp(variable, "g"));
  const values = parts.map((part, place) => (place % 2 === 0 ? wildcards(part) : literal(valueOf(part, context))));
  return !values.includes(undefined) && new RegExp(`^${values.join("")}$`, "s").test(text);
}

function wildcards(part: string): string {
  return part.replaceAll(/[.+^${}()|[\]\\*?]/g, (found) => ({ "*": ".*", "?": "." })[found] ?? `\\${found}`);
}

function literal(value: string | undefined): string | undefined {
  return value?.replaceAll(/[.+^${}()|[\]\\*?]/g, String.raw`\$&`);
}
