import { ThreadsError } from "../errors/threads-error.ts";
import { isHost } from "./reference.ts";
import { isRepository } from "./repository.ts";

/** ECR_REPO understood: a registry, and how a service's repository is named in it. */
export interface EcrRepo {
  /** `host` or `host:port`, as it stands in image references. */
  readonly host: string;
  /** `loopback` is the sandbox: a registry on this machine. */
  readonly kind: "ecr" | "loopback";
  /** Twelve digits: the registry's owner, sent as registryId and compared with the credentials before any write. */
  readonly account: string;
  /** Region of the registry; undefined on loopback, where any will do. */
  readonly region: string | undefined;
  /** Repository path without host. */
  repositoryFor(service: string): string;
  /**
   * The path, where it was given without `{service}` and without a slash at its end: it may also be meant as one repository
   * for all services, and only the registry can tell (registry/layout.ts). Undefined where the form is clear.
   */
  readonly unclear: string | undefined;
  /** One sentence for a person: how the value was read. */
  readonly understood: string;
}

/** What fills the gaps of a short ECR_REPO. */
export interface EcrRepoDefaults {
  readonly app: string;
  readonly account?: string | undefined;
  readonly region?: string | undefined;
}

/** The account of every emulator and of the sandbox: real credentials never match it, so loopback never writes to AWS. */
const loopbackAccount = "000000000000";
const placeholder = "{service}";
const example = "export ECR_REPO=123456789012.dkr.ecr.eu-west-1.amazonaws.com/threads";

/**
 * Reads ECR_REPO in every form in which people write it: `registry`, `registry/prefix`, `registry/prefix/`,
 * `registry/any-{service}`, or a bare `prefix`; with or without scheme and tag. The service in the tag is refused.
 * @throws ThreadsError usage (ECR_REPO_…) that says what was wrong.
 */
export function parseEcrRepo(text: string | undefined, defaults: EcrRepoDefaults): EcrRepo {
  const given = text?.trim() ?? "";
  if (given === "")
    throw wrong("MISSING", "ECR_REPO is not set, so there is no registry to talk to", [sandbox, example]);
  if (/^\*+$/.test(given))
    throw wrong("MASKED", "ECR_REPO is only asterisks: a masked secret was copied from a log", [
      "store ECR_REPO as a variable, not as a secret",
    ]);
  const { host, path, dropped } = split(given);
  const registry = host === undefined ? registryOf(given, defaults) : understandHost(host, given);
  if (dropped.includes("{")) throw serviceInTag({ given, host: registry.host, path });
  const template = templateOf(path, defaults.app);
  const repositoryFor = (service: string): string => template.replaceAll(placeholder, service);
  if (!isRepository(repositoryFor("web")))
    throw wrong("INVALID", `ECR_REPO ${JSON.stringify(given)} does not give a repository name that ECR takes`, [
      "use lower case letters, digits and . _ - / only",
      example,
    ]);
  const extra = dropped === "" ? "" : `; ${dropped} in it means nothing here and was left out`;
  return {
    ...registry,
    repositoryFor,
    unclear: path === "" || path.endsWith("/") || path.includes(placeholder) ? undefined : path,
    understood: `ECR_REPO: registry ${registry.host}${where(registry)}${host === undefined ? " of threads.yml" : ""}, repositories ${template}${extra}`,
  };
}

type Registry = Pick<EcrRepo, "host" | "kind" | "account" | "region">;

const sandbox = 'eval "$(threads sandbox env)"';

function wrong(code: string, message: string, next: string[]): ThreadsError {
  return new ThreadsError("usage", { code: `ECR_REPO_${code}`, message, next });
}

/** One repository with the service in the tag: its tags, lifecycle rules and scans would mix what must be kept apart. */
function serviceInTag({ given, host, path }: { given: string; host: string; path: string }): ThreadsError {
  return wrong(
    "SERVICE_IN_TAG",
    `ECR_REPO ${JSON.stringify(given)} puts the service into the tag of one repository; threads needs a repository for each service`,
    [`export ECR_REPO=${host}/${path.replace(/\/+$/, "")}/${placeholder}`],
  );
}

/** Takes off what a pasted image reference has too much: scheme, tag or digest. */
function split(given: string): { host: string | undefined; path: string; dropped: string } {
  const bare = given.replace(/^[a-z]+:\/\//i, "");
  const slash = bare.indexOf("/");
  const first = slash < 0 ? bare : bare.slice(0, slash);
  const isFirstHost = isHost(first) && !(slash < 0 && /^[^.:]+:[^/]*$/.test(first) && !first.startsWith("localhost"));
  const whole = isFirstHost ? (slash < 0 ? "" : bare.slice(slash + 1)) : bare;
  const path = whole.replace(/[:@].*$/, "");
  return { host: isFirstHost ? first.toLowerCase() : undefined, path, dropped: whole.slice(path.length) };
}

function templateOf(path: string, app: string): string {
  const trimmed = path.replace(/^\/+|\/+$/g, "");
  if (trimmed.includes(placeholder)) return trimmed;
  return `${trimmed === "" ? app : trimmed}/${placeholder}`;
}

const ecrHosts = [
  /^(?<account>\d+)\.dkr\.ecr(?:-fips)?\.(?<region>[a-z0-9-]+)\.amazonaws\.(?:com|com\.cn|eu)$/,
  /^(?<account>\d+)\.dkr-ecr(?:-fips)?\.(?<region>[a-z0-9-]+)\.on\.(?:aws|amazonwebservices\.com\.cn)$/,
];

function understandHost(host: string, given: string): Registry {
  if (/^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/.test(host))
    return { host, kind: "loopback", account: loopbackAccount, region: undefined };
  const found = ecrHosts.map((pattern) => pattern.exec(host)?.groups).find((groups) => groups !== undefined);
  const account = found?.["account"];
  if (found === undefined || account === undefined)
    throw wrong("NOT_ECR", `ECR_REPO ${JSON.stringify(given)} names ${host}, which is no ECR registry`, [example]);
  if (account.length !== 12)
    throw wrong("ACCOUNT", `ECR_REPO names account ${account}, but an AWS account has twelve digits`, [
      "aws sts get-caller-identity --query Account",
      example,
    ]);
  return { host, kind: "ecr", account, region: found["region"] };
}

/** Not the credentials' own account: comparing it with the credentials before a write would then prove nothing. */
function registryOf(given: string, defaults: EcrRepoDefaults): Registry {
  const { account, region } = defaults;
  if (account === undefined || region === undefined) {
    const missing = [account === undefined ? "account" : [], region === undefined ? "region" : []].flat().join(" and ");
    throw wrong(
      "INCOMPLETE",
      `ECR_REPO ${JSON.stringify(given)} names no registry, and threads.yml has no ${missing}`,
      [`set ${missing} in threads.yml`, example, "aws sts get-caller-identity --query Account"],
    );
  }
  const suffix = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  return understandHost(`${account}.dkr.ecr.${region}.${suffix}`, given);
}

function where(registry: Registry): string {
  return registry.kind === "loopback"
    ? " (sandbox on this machine)"
    : ` (account ${registry.account}, ${registry.region})`;
}
