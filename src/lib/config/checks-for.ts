import type { CertificateCheck, CheckConfig, Config, ConfigFile, EnvironmentConfig, RequestCheck } from "./config.ts";
import type { NamedCheck } from "./gates-schema.ts";

type WithChecks = Pick<Config, "checks">;
type WithAddresses = WithChecks & {
  readonly environments: Readonly<Record<string, { readonly url?: string | undefined }>>;
};

/** What is asked of a stack that is thrown away. */
export function checksOfSmoke({ checks }: WithChecks): CheckConfig[] {
  return checks.filter((check) => check.for.includes("smoke"));
}

/** What each host of an environment is asked for. */
export function requestsOfVerify({ checks }: WithChecks): RequestCheck[] {
  return checks.filter((check) => check.for.includes("verify")).filter(isRequest);
}

/** What a slot is asked for before it serves. */
export function requestsOfWarmUp({ checks }: WithChecks): RequestCheck[] {
  return checks.filter((check) => check.for.includes("warm-up")).filter(isRequest);
}

/** Whose certificates are looked at for an environment: one without an address of its own by https shows none. */
export function certificatesOf({ checks, environments }: WithAddresses, environment: string): CertificateCheck[] {
  const own = addressOf(environments[environment]?.url);
  return checks.filter(isCertificate).flatMap((check) => {
    if (check.whose !== undefined) return [check];
    return own === undefined ? [] : [{ ...check, whose: own, path: `${check.path} ${own.host}:${own.port}` }];
  });
}

/** Everything that a verification of an environment shows. */
export function checksOfVerify(config: WithAddresses, environment: string): (RequestCheck | CertificateCheck)[] {
  return [...requestsOfVerify(config), ...certificatesOf(config, environment)];
}

/** The same with the checks by which each gate measures evidence: a policy that is pushed keeps them. */
export function withNamedChecks(config: ConfigFile): ConfigFile {
  const environments = Object.entries(config.environments).map(([name, one]): [string, EnvironmentConfig] => {
    const { smoke, verify } = one.gates;
    const gates = {
      ...one.gates,
      ...(smoke && { smokeChecks: named(checksOfSmoke(config)) }),
      ...(verify !== undefined && { verifyChecks: named(checksOfVerify(config, verify)) }),
    };
    return [name, { ...one, gates }];
  });
  return { ...config, environments: Object.fromEntries(environments) };
}

function named(checks: readonly NamedCheck[]): NamedCheck[] {
  return checks.map(({ path, status }) => ({ path, status }));
}

/** @returns undefined for an address that is none, or not by https */
export function addressOf(url: string | undefined): NonNullable<CertificateCheck["whose"]> | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  const { protocol, hostname, port } = new URL(url);
  return protocol === "https:" ? { host: hostname, port: Number(port === "" ? 443 : port) } : undefined;
}

function isRequest(check: CheckConfig): check is RequestCheck {
  return check.kind === "request";
}

function isCertificate(check: CheckConfig): check is CertificateCheck {
  return check.kind === "certificate";
}
