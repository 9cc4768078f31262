import { isSingle, labelIn, type Layout, parseLayout, patternIn, printLayout, repositoryIn, tagIn } from "./layout.ts";
import { isHost } from "./reference.ts";
import { exampleRepo, type RegistryAddress, registryAt, wrongRepo } from "./registry-address.ts";

/** ECR_REPO as it is written: what can be known of it without asking anybody. */
export interface WrittenRepo {
  /** Undefined where only a name was given: the registry of an account that is still to be found out. */
  readonly registry: RegistryAddress | undefined;
  /** For a name alone, which may mean either, the documented reading: a repository for each service. */
  readonly layout: Layout;
  /** That name: it may also be one repository for all services, and only the registry can tell. Undefined where the form is clear. */
  readonly unclear: string | undefined;
  /** A tag or digest that means nothing here. */
  readonly dropped: string;
}

/** ECR_REPO as it is understood: a registry, and where in it the images of a release are. */
export interface EcrRepo extends RegistryAddress {
  /** One repository for all services and the bundle. */
  readonly single: boolean;
  /** Repository path without host. The bundle is a service here. */
  repositoryFor(service: string): string;
  /**
   * The tag that stands for a label (a sha, `prod-<sha>`, `tree-<hash>`, a version) of a service.
   * @throws ThreadsError TAG_INVALID where there is no such tag
   */
  tagFor(service: string, label: string): string;
  /** What a tag says, whatever service it is of: the opposite of tagFor. Undefined where it is none of this layout's. */
  labelOf(tag: string): string | undefined;
  /** ECR's wildcard for the tags of labels, of whatever service: `prod-*`, or `*-prod-*`. */
  patternFor(labels: string): string;
  /** ECR_REPO for the same repositories and tags in another registry. */
  inRegistry(host: string): string;
  /** One sentence for a person: how the value was read. */
  readonly explanation: string;
  /** The value alone did not say all of it, or said too much. */
  readonly inferred: boolean;
}

/**
 * Reads ECR_REPO in every form in which people write it: `registry`, `registry/prefix`, `registry/prefix/`,
 * `registry/any-{service}`, `registry/name:{tag}-{service}`, or the same without registry; with or without scheme and tag.
 * @param app repository or prefix where none is given. @throws ThreadsError usage (ECR_REPO_…) that says what was wrong.
 */
export function parseEcrRepo(text: string | undefined, app: string): WrittenRepo {
  const given = text?.trim() ?? "";
  if (given === "")
    throw wrongRepo("ECR_REPO_MISSING", "ECR_REPO is not set, so there is no registry to talk to", {
      next: [sandbox],
      advice: [exampleRepo],
    });
  if (/^\*+$/.test(given))
    throw wrongRepo("ECR_REPO_MASKED", "ECR_REPO is only asterisks: a masked secret was copied from a log", {
      advice: ["store ECR_REPO as a variable, not as a secret"],
    });
  const { host, path, rest } = split(given);
  const tag = /[{}]/.test(rest) ? rest.slice(1) : undefined;
  const prefix = host === undefined ? "" : `${host}/`;
  const layout = parseLayout({ given, prefix, path, tag, app });
  const isClear = isSingle(layout) || path === "" || path.endsWith("/") || path.includes("{service}");
  return {
    registry: host === undefined ? undefined : registryAt(host, given),
    layout,
    unclear: isClear ? undefined : path,
    dropped: tag === undefined ? rest : "",
  };
}

/** ECR_REPO in the form that leaves no doubt, or a name that was given alone as it was. */
export function printEcrRepo({ registry, layout, unclear }: Omit<WrittenRepo, "dropped">): string {
  const path = unclear ?? printLayout(layout);
  return registry === undefined ? path : `${registry.host}/${path}`;
}

/** What was found out about a written ECR_REPO. */
export interface Settled {
  readonly registry: RegistryAddress;
  readonly layout: Layout;
  /** The bundle among them. */
  readonly services: readonly string[];
  /** From where the registry is known where ECR_REPO does not say it: "the credentials". */
  readonly registryFrom?: string | undefined;
  /** How the layout of an unclear form was decided, as a clause. */
  readonly because?: string | undefined;
}

export function settledRepo({ dropped }: Pick<WrittenRepo, "dropped">, settled: Settled): EcrRepo {
  const { registry, layout, services } = settled;
  return {
    ...registry,
    single: isSingle(layout),
    repositoryFor: (service) => repositoryIn(layout, service),
    tagFor: (service, label) => tagIn(layout, service, label),
    labelOf: (tag) => labelIn(layout, services, tag),
    patternFor: (labels) => patternIn(layout, labels),
    inRegistry: (host) => `${host}/${printLayout(layout)}`,
    explanation: sentence(settled, dropped),
    inferred: [settled.registryFrom, settled.because].some((found) => found !== undefined) || dropped !== "",
  };
}

const sandbox = 'eval "$(threads sandbox env)"';

/** Takes off what a pasted image reference has too much: the scheme, and the tag or digest, which is the rest. */
function split(given: string): { host: string | undefined; path: string; rest: string } {
  const bare = given.replace(/^[a-z]+:\/\//i, "");
  const [, first = "", after = ""] = /^(\[[^\]]*\](?::\d+)?|[^/:@]*(?::\d+(?=[/:@]|$))?)(.*)$/s.exec(bare) ?? [];
  // `app:123` is a name with a tag, and no host with a port.
  const isName = after === "" && /^[^.:[]+:\d+$/.test(first) && !first.startsWith("localhost");
  const host = isHost(first) && !isName ? first.toLowerCase() : undefined;
  const whole = host === undefined ? bare : after.replace(/^\//, "");
  const path = whole.replace(/[:@].*$/s, "");
  return { host, path, rest: whole.slice(path.length) };
}

function sentence({ registry, layout, registryFrom, because }: Settled, dropped: string): string {
  const where =
    registry.kind === "loopback" ? "sandbox on this machine" : `account ${registry.account}, ${registry.region}`;
  const own = registryFrom === undefined ? "" : ` of ${registryFrom}`;
  const what = isSingle(layout)
    ? `one repository ${layout.repository}, tags ${layout.tag}`
    : `repositories ${layout.repository}`;
  return [
    `ECR_REPO: registry ${registry.host} (${where})${own}, ${what}`,
    because === undefined ? [] : because,
    dropped === "" ? [] : `${dropped} in it means nothing here and was left out`,
  ]
    .flat()
    .join("; ");
}
