import { exampleRepo, wrongRepo } from "./registry-address.ts";
import { isRepository } from "./repository.ts";
import { isTag, requireTag } from "./tag.ts";

/** How the images of a release are told apart in a registry: each has a repository, or one repository's tags name the service. */
export interface Layout {
  /** With `{service}` where every service has its own. */
  readonly repository: string;
  /** `{tag}`, or with `{service}` too where there is one repository for all. */
  readonly tag: string;
}

const inPath = "{service}";
const plainTag = "{tag}";

/** The two readings of a name that stands alone; the first is the documented one. */
export function layoutsOf(name: string): { readonly perService: Layout; readonly single: Layout } {
  return {
    perService: { repository: `${name}/${inPath}`, tag: plainTag },
    single: { repository: name, tag: `${plainTag}-${inPath}` },
  };
}

export function isSingle({ repository }: Layout): boolean {
  return !repository.includes(inPath);
}

/** What a layout is read from, and what its errors say. */
interface Written {
  /** ECR_REPO as a whole. */
  readonly given: string;
  /** `host/`, or nothing where only a name was given. */
  readonly prefix: string;
  /** Of ECR_REPO, without host. */
  readonly path: string;
  /** Template after the colon; undefined where there is none. */
  readonly tag: string | undefined;
  readonly app: string;
}

/** @throws ThreadsError ECR_REPO_TAG, ECR_REPO_INVALID (usage) */
export function parseLayout(written: Written): Layout {
  const trimmed = written.path.replace(/^\/+|\/+$/g, "");
  const name = trimmed === "" ? written.app : trimmed;
  if (written.tag !== undefined) return singleLayout(name, written.tag, written);
  const layout = name.includes(inPath) ? { repository: name, tag: plainTag } : layoutsOf(name).perService;
  return requireRepository(layout, written);
}

/** As parseLayout reads it: `app/{service}`, `app:{tag}-{service}`. */
export function printLayout(layout: Layout): string {
  return isSingle(layout) ? `${layout.repository}:${layout.tag}` : layout.repository;
}

function singleLayout(name: string, tag: string, written: Written): Layout {
  const placeholders = [...tag.matchAll(/\{[^{}]*\}/g)].map(([text]) => text).toSorted();
  const filled = tag.replace(plainTag, "x").replace(inPath, "x");
  if (!name.includes(inPath) && placeholders.join() === `${inPath},${plainTag}` && isTag(filled))
    return requireRepository({ repository: name, tag }, written);
  const parts = name.split("/").filter((part) => !part.includes("{"));
  const repository = parts.length === 0 ? written.app : parts.join("/");
  throw wrongRepo(
    "ECR_REPO_TAG",
    `ECR_REPO ${JSON.stringify(written.given)} has braces in its tag: they can only say where {tag} and {service} stand in the tags of one repository`,
    {
      next: ["{tag}-{service}", "{service}-{tag}"].map(
        (form) => `export ECR_REPO='${written.prefix}${repository}:${form}'`,
      ),
    },
  );
}

function requireRepository(layout: Layout, { given }: Written): Layout {
  if (isRepository(repositoryIn(layout, "web"))) return layout;
  throw wrongRepo(
    "ECR_REPO_INVALID",
    `ECR_REPO ${JSON.stringify(given)} does not give a repository name that ECR takes`,
    { advice: ["use lower case letters, digits and . _ - / only", exampleRepo] },
  );
}

/** Path without host. */
export function repositoryIn({ repository }: Layout, service: string): string {
  return repository.replaceAll(inPath, service);
}

/** @param label what the tag says in any layout: a sha, `prod-<sha>`, a version. @throws ThreadsError TAG_INVALID where it gets too long */
export function tagIn({ tag }: Layout, service: string, label: string): string {
  // A function, since `$&` and the like in a replacement text would mean something.
  return requireTag(tag.replace(inPath, () => service).replace(plainTag, () => label));
}

/** What a tag says, once the service's part is taken off; undefined where no service's tags look so. */
export function labelIn(layout: Layout, services: readonly string[], tag: string): string | undefined {
  // The longest first: `celery-beat-<sha>` says more of celery-beat than of celery.
  for (const service of services.toSorted((one, other) => other.length - one.length)) {
    const [before = "", after = ""] = layout.tag.replace(inPath, () => service).split(plainTag);
    const isOne = tag.length > before.length + after.length && tag.startsWith(before) && tag.endsWith(after);
    if (isOne) return tag.slice(before.length, tag.length - after.length);
  }
  return undefined;
}

/** The tags of all services whose label matches, as ECR's wildcards say it: `prod-*`, `*-prod-*`. */
export function patternIn({ tag }: Layout, labels: string): string {
  return tag
    .replace(inPath, "*")
    .replace(plainTag, labels)
    .replaceAll(/\*[._-]?\*$/g, "*");
}

/** What labels a project can have, beside shas and versions: those that begin with an environment, or another such word, and `-`. */
export interface TagNames {
  readonly services: readonly string[];
  readonly beginnings: readonly string[];
}

/**
 * One tag must never be meant by two services: `v1.2.3-celery` of beat, and `v1.2.3` of celery-beat.
 * @throws ThreadsError ECR_REPO_TAGS_COLLIDE (usage)
 */
export function requireDistinct(layout: Layout, names: TagNames): void {
  const pair = colliding(layout, names);
  if (pair === undefined) return;
  const others = ["{tag}-{service}", "{service}-{tag}", "{tag}_{service}"].map((tag) => ({ ...layout, tag }));
  const clear = others.filter((one) => colliding(one, names) === undefined);
  throw wrongRepo(
    "ECR_REPO_TAGS_COLLIDE",
    `with tags ${layout.tag} in the one repository ${layout.repository}, a tag of ${pair[0]} could also be one of ${pair[1]}`,
    { advice: clear.slice(0, 1).map((one) => `write ${printLayout(one)} in ECR_REPO`) },
  );
}

function colliding(layout: Layout, { services, beginnings }: TagNames): readonly [string, string] | undefined {
  if (!isSingle(layout)) return undefined;
  // What stands before and after both placeholders is the same for all: it tells nothing.
  const middle = layout.tag.split(/\{(?:tag|service)\}/)[1] ?? "";
  const tagFirst = layout.tag.indexOf(plainTag) < layout.tag.indexOf(inPath);
  const isTwofold = (short: string, long: string): boolean => {
    if (short === long) return false;
    if (tagFirst) return `${middle}${long}`.endsWith(`${middle}${short}`);
    const [one, other] = [`${short}${middle}`, `${long}${middle}`];
    return other.startsWith(one) && mayBegin(other.slice(one.length), beginnings);
  };
  return services
    .flatMap((short) => services.map((long) => [short, long] as const))
    .find(([short, long]) => isTwofold(short, long));
}

/** Whether a label may begin so: a sha in hex, a version, or a word and `-`. */
function mayBegin(text: string, beginnings: readonly string[]): boolean {
  if (/^[0-9a-f]*$/.test(text) || /^v?\d|^v$/.test(text)) return true;
  return beginnings.some((word) => `${word}-`.startsWith(text) || text.startsWith(`${word}-`));
}
