import type { SettledCode } from "../errors/codes.ts";
import type { Next } from "../errors/next.ts";
import { ThreadsError } from "../errors/threads-error.ts";

/** Where a registry is and whose it is. */
export interface RegistryAddress {
  /** `host` or `host:port`, as it stands in image references. */
  readonly host: string;
  /** `loopback` is the sandbox: a registry on this machine. */
  readonly kind: "ecr" | "loopback";
  /** Twelve digits: the registry's owner, sent as registryId and compared with the credentials before any write. */
  readonly account: string;
  /** Region of the registry; undefined on loopback, where any will do. */
  readonly region: string | undefined;
}

/** The account of every emulator and of the sandbox: real credentials never match it, so loopback never writes to AWS. */
export const loopbackAccount = "000000000000";
export const exampleRepo = "for example: ECR_REPO=123456789012.dkr.ecr.eu-west-1.amazonaws.com/threads/";

const ecrHosts = [
  /^(?<account>\d+)\.dkr\.ecr(?:-fips)?\.(?<region>[a-z0-9-]+)\.amazonaws\.(?:com|com\.cn|eu)$/,
  /^(?<account>\d+)\.dkr-ecr(?:-fips)?\.(?<region>[a-z0-9-]+)\.on\.(?:aws|amazonwebservices\.com\.cn)$/,
];

/** @param given ECR_REPO as a whole, for the errors. @throws ThreadsError ECR_REPO_NOT_ECR, ECR_REPO_ACCOUNT (usage) */
export function registryAt(host: string, given: string): RegistryAddress {
  if (/^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/.test(host))
    return { host, kind: "loopback", account: loopbackAccount, region: undefined };
  const found = ecrHosts.map((pattern) => pattern.exec(host)?.groups).find((groups) => groups !== undefined);
  const account = found?.["account"];
  if (found === undefined || account === undefined)
    throw wrongRepo("ECR_REPO_NOT_ECR", `ECR_REPO ${JSON.stringify(given)} names ${host}, which is no ECR registry`, {
      advice: [exampleRepo],
    });
  if (account.length !== 12)
    throw wrongRepo("ECR_REPO_ACCOUNT", `ECR_REPO names account ${account}, but an AWS account has twelve digits`, {
      next: ["aws sts get-caller-identity --query Account"],
      advice: [exampleRepo],
    });
  return { host, kind: "ecr", account, region: found["region"] };
}

/** The private registry that every account has in every region. */
export function registryOf(account: string, region: string): RegistryAddress {
  const suffix = /^(cn|eusc)-/.exec(region)?.[1];
  const domain = suffix === "cn" ? "amazonaws.com.cn" : suffix === "eusc" ? "amazonaws.eu" : "amazonaws.com";
  return { host: `${account}.dkr.ecr.${region}.${domain}`, kind: "ecr", account, region };
}

export function wrongRepo(code: SettledCode, message: string, way: Partial<Next>): ThreadsError {
  return new ThreadsError(code, { message, ...way });
}
