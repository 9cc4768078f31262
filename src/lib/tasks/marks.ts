import { ownerTag } from "../ecs/owner.ts";

/**
 * What threads writes onto a service, as its tags: whose it is, which deployment is at it, what that told it to run, and what it
 * ran before. All of it is written before the service is changed, so that whoever comes later knows where it was; what it is to run was told before
 * it does, and what it really runs is read from the service itself.
 */
export interface Marks {
  /** Application and environment: `shop/eu`. A name tells it not: `shop-eu-west-web` may be of `shop/eu` and of `shop/eu-west`. */
  readonly owner: string | undefined;
  /** The last order that it was given: its number is the fence. */
  readonly order: { readonly number: number; readonly nonce: string } | undefined;
  readonly release: Placed | undefined;
  /** none: that deployment has made the service. */
  readonly before: Placed | "none" | undefined;
}

/** What a deployment told a service to run. */
export interface Placed {
  /** Of the deployment; 0 where somebody else did. */
  readonly number: number;
  /** ARN of a task definition. */
  readonly definition: string;
  /** ISO 8601. */
  readonly at: string;
}

interface Tag {
  readonly key: string;
  readonly value: string;
}

const keys = {
  owner: ownerTag,
  order: "threads:order",
  release: "threads:deployment",
  before: "threads:before",
} as const;

export function readMarks(
  tags: readonly { readonly key?: string | undefined; readonly value?: string | undefined }[] = [],
): Marks {
  const textOf = (name: keyof typeof keys): string => tags.find(({ key }) => key === keys[name])?.value ?? "";
  const order = /^(\d{1,6}) ([\w-]+)$/.exec(textOf("order"));
  const before = textOf("before");
  return {
    owner: textOf("owner") || undefined,
    order: order === null ? undefined : { number: Number(order[1]), nonce: order[2] ?? "" },
    release: placedIn(textOf("release")),
    before: before === "none" ? "none" : placedIn(before),
  };
}

function placedIn(text: string): Placed | undefined {
  const [, number, definition = "", at = ""] = /^(\d{1,6}) (arn:\S+) (\S+)$/.exec(text) ?? [];
  return number === undefined ? undefined : { number: Number(number), definition, at };
}

export function tagsOf({ owner, order, release, before }: Marks): readonly Tag[] {
  return [
    ...(owner === undefined ? [] : [{ key: keys.owner, value: owner }]),
    ...(order === undefined ? [] : [{ key: keys.order, value: `${order.number} ${order.nonce}` }]),
    ...(release === undefined ? [] : [{ key: keys.release, value: placedText(release) }]),
    ...(before === undefined ? [] : [{ key: keys.before, value: before === "none" ? before : placedText(before) }]),
  ];
}

function placedText({ number, definition, at }: Placed): string {
  return `${number} ${definition} ${at}`;
}

/** Which deployment has put there what a service runs now; number 0 where it was none of ours. */
export function placedNow(definition: string, { release, before }: Marks): Placed {
  if (release?.definition === definition) return release;
  if (before !== "none" && before?.definition === definition) return before;
  return { number: 0, definition, at: new Date(0).toISOString() };
}

/** What we told it last, where somebody has put something else there by hand since: that is seen by its images, and is no release. */
export function placedByUs(definition: string, marks: Marks): Placed {
  const { release, before } = marks;
  const isBefore = before !== "none" && before?.definition === definition;
  return (isBefore ? undefined : release) ?? placedNow(definition, marks);
}

/** Whether a service runs what it ran before a deployment of ours told it something else, though nobody has told it to go back. */
export function isBack({ definition, marks }: { readonly definition: string; readonly marks: Marks }): boolean {
  const { release, before } = marks;
  return release?.definition !== definition && typeof before === "object" && before.definition === definition;
}
