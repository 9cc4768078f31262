import { resolve } from "node:path";
import type { Config, EnvironmentConfig, ScanGateConfig } from "./config.ts";
import type { ThreadsYaml } from "./schema.ts";

interface Surroundings {
  /** Folder that relative paths start from. */
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** File words to program words: absolute paths, milliseconds, ECR_REPO from the environment first. */
export function normalise(file: ThreadsYaml, { root, env }: Surroundings): Config {
  const at = (path: string): string => resolve(root, path);
  return {
    root,
    app: file.app,
    services: file.services,
    region: file.region,
    account: file.account,
    registry: { repository: env["ECR_REPO"] || file.registry.repository, bundle: file.registry.bundle },
    test: { compose: at(file.test.compose), service: file.test.service, timeoutMs: file.test.timeout * 1000 },
    smoke: {
      compose: at(file.smoke.compose),
      envTemplate: at(file.smoke.env.template),
      generate: file.smoke.env.generate,
      entry: file.smoke.entry,
      checks: file.smoke.checks.map((check) => ({ ...check, contains: check.contains })),
      timeoutMs: file.smoke.timeout * 1000,
    },
    runtime: {
      compose: at(file.runtime.compose),
      migrate: file.runtime.migrate,
      singletons: file.runtime.singletons,
      envFile: file.runtime.env_file,
      port: file.runtime.port,
      healthPath: file.runtime.health,
      healthTimeoutMs: file.runtime.timeout * 1000,
    },
    environments: Object.fromEntries(
      Object.entries(file.environments).map(([name, entry]) => [name, environment(name, entry)]),
    ),
  };
}

function environment(name: string, entry: ThreadsYaml["environments"][string]): EnvironmentConfig {
  const [tag = "", value = ""] = entry.hosts?.tag.split("=") ?? [];
  return {
    name,
    hosts: entry.hosts === undefined ? undefined : { tag, value, minimum: entry.hosts.minimum },
    requiresPromotion: entry.gates !== undefined,
    gates: {
      smoke: entry.gates?.smoke ?? true,
      verified: entry.gates?.verified,
      soakMs: (entry.gates?.soak ?? 0) * 1000,
      scan: scanGate(entry.gates?.scan),
      branch: entry.gates?.branch,
    },
    deployTimeoutMs: entry.timeout * 1000,
  };
}

function scanGate(
  entry: NonNullable<ThreadsYaml["environments"][string]["gates"]>["scan"],
): ScanGateConfig | undefined {
  return entry === undefined ? undefined : { block: entry.block, allow: entry.allow, waitMs: entry.wait * 1000 };
}
