/**
 * The configuration that the rest of the program sees: parsed, defaults filled in, paths absolute.
 * The schema in schema.ts is where keys are explained; this is only its type, so that naming it does not load zod.
 */
export interface Config {
  /** Absolute path of the repository root (the folder of threads.yml). */
  readonly root: string;
  readonly app: string;
  /** In build and push order. */
  readonly services: readonly string[];
  readonly registry: RegistryConfig;
  /** AWS region; the environment's AWS_REGION where the file has none. */
  readonly region: string | undefined;
  /** Twelve digits; checked against STS before any write. */
  readonly account: string | undefined;
  readonly test: TestConfig;
  readonly smoke: SmokeConfig;
  readonly runtime: RuntimeConfig;
  readonly environments: Readonly<Record<string, EnvironmentConfig>>;
}

export interface RegistryConfig {
  /** ECR_REPO as given (environment variable first, then the file): parsed by image/ecr-repo.ts. Undefined = missing. */
  readonly repository: string | undefined;
  /** Name of the bundle's repository under the prefix. */
  readonly bundle: string;
}

export interface TestConfig {
  readonly compose: string;
  readonly service: string;
  readonly timeoutMs: number;
}

export interface SmokeConfig {
  readonly compose: string;
  /** Template whose keys become the `.env`. */
  readonly envTemplate: string;
  /** Keys of the template that get a fresh random value each run. */
  readonly generate: readonly string[];
  /** Service that answers HTTP, and its port in the container. */
  readonly entry: { readonly service: string; readonly port: number };
  readonly checks: readonly CheckConfig[];
  readonly timeoutMs: number;
}

/** One request through the entry; `assets` also fetches every stylesheet, script and image that the page names. */
export interface CheckConfig {
  readonly path: string;
  readonly status: number;
  readonly contains: string | undefined;
  /** The response must name the release that was asked for (X-Release). */
  readonly release: boolean;
  readonly assets: boolean;
}

export interface RuntimeConfig {
  readonly compose: string;
  /** One-shot service run once per deploy, before the switch. */
  readonly migrate: string | undefined;
  /** Services of which one environment runs exactly one, on its first host. */
  readonly singletons: readonly string[];
  /** Path of the application's environment file on a host. */
  readonly envFile: string;
  readonly port: number;
  /** Path that answers with X-Release. */
  readonly healthPath: string;
  readonly healthTimeoutMs: number;
}

export interface EnvironmentConfig {
  readonly name: string;
  /** SSM tag of its hosts, or undefined where it has none. */
  readonly hosts: { readonly tag: string; readonly value: string; readonly minimum: number } | undefined;
  /** Only promoted releases (`<env>-<sha>`) may be deployed: so wherever the file has `gates`. */
  readonly requiresPromotion: boolean;
  readonly gates: GatesConfig;
  readonly deployTimeoutMs: number;
}

/** What a release must have shown before `threads promote` tags it. That it is published and no freeze is on goes without saying. */
export interface GatesConfig {
  /** The smoke stack has passed on these very digests. */
  readonly smoke: boolean;
  /** Environment in which it must have been deployed successfully. */
  readonly verified: string | undefined;
  /** How long it must have run there; 0 = no matter. */
  readonly soakMs: number;
  readonly scan: ScanGateConfig | undefined;
  /** Branch that must have the commit, or one with the same tree. */
  readonly branch: string | undefined;
}

export interface ScanGateConfig {
  /** Severities of the registry's image scan that stand in the way. */
  readonly block: readonly string[];
  readonly allow: readonly AllowedFinding[];
  /** How long `threads promote` waits for a scan that has not ended; 0 = not at all. */
  readonly waitMs: number;
}

/** A finding that was looked at and is accepted, for a time. */
export interface AllowedFinding {
  /** As the scan names it: `CVE-2026-1234`. */
  readonly id: string;
  /** Last day on which it is accepted, `2026-12-31`, in UTC. */
  readonly until: string;
  readonly reason: string;
}
