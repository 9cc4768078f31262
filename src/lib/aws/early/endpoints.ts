import type { Endpoint } from "./sockets.ts";

export type AwsService = "ecr" | "ssm" | "sts";

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Connections per service: the four images and the bundle are asked for at once, and so are evidence and freeze, and two
 * ledgers in two ways each.
 */
const connections: Readonly<Record<AwsService, number>> = { ecr: 5, ssm: 6, sts: 1 };
const hostNames: Readonly<Record<AwsService, string>> = { ecr: "api.ecr", ssm: "ssm", sts: "sts" };
/** Whatever sends requests another way: then nothing is guessed. */
const otherWays = [
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "ALL_PROXY",
  "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
  "AWS_USE_FIPS_ENDPOINT",
  "AWS_USE_DUALSTACK_ENDPOINT",
];
/** Partitions whose hosts are not under amazonaws.com. */
const elsewhere = /^(?:us-iso|eu-isoe|eusc-)/;

/**
 * Where the SDK will most likely connect to, as far as the environment alone tells: before threads.yml is read and the
 * SDK is loaded. Empty where it cannot be told.
 */
export function earlyEndpoints(services: readonly AwsService[], env: Variables): Endpoint[] {
  if (otherWays.some((name) => isSet(env[name]) || isSet(env[name.toLowerCase()]))) return [];
  return services.flatMap((service) => {
    const place = endpoint(service, env);
    if (place?.secure === true && isSet(env["AWS_CA_BUNDLE"])) return [];
    return place === undefined ? [] : Array.from({ length: connections[service] }, () => place);
  });
}

function endpoint(service: AwsService, env: Variables): Endpoint | undefined {
  const given = env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] || env["AWS_ENDPOINT_URL"];
  if (isSet(given)) return URL.canParse(given) ? endpointOf(new URL(given)) : undefined;
  const region = env["AWS_REGION"] || env["AWS_DEFAULT_REGION"] || regionOf(env["ECR_REPO"]);
  if (!isSet(region) || !/^[a-z0-9-]+$/.test(region) || elsewhere.test(region)) return undefined;
  const domain = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  return { host: `${hostNames[service]}.${region}.${domain}`, port: 443, secure: true };
}

function endpointOf({ protocol, hostname, port }: URL): Endpoint | undefined {
  const secure = protocol === "https:";
  if (!secure && protocol !== "http:") return undefined;
  return { host: hostname.replace(/^\[(.+)\]$/, "$1"), port: Number(port) || (secure ? 443 : 80), secure };
}

function regionOf(repository: string | undefined): string | undefined {
  return /\.dkr\.ecr\.(?<region>[a-z0-9-]+)\.amazonaws\.com/.exec(repository ?? "")?.groups?.["region"];
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}
