import type { Config, EnvironmentConfig } from "../config/config.ts";
import type { Registry } from "../registry/registry.ts";
import type { Scans } from "../registry/ecr/scan-findings.ts";
import type { PublishedRelease } from "../release/release.ts";
import type { Lineage } from "../source/lineage.ts";
import type { GateFacts } from "./judge.ts";
import type { ScannedImage } from "./judge-scan.ts";
import { isThere, type Surroundings } from "./surroundings.ts";

export interface FactPorts {
  readonly config: { readonly smoke: Pick<Config["smoke"], "checks"> };
  readonly registry: Pick<Registry, "find">;
  readonly scans: Scans;
  readonly lineage: Pick<Lineage, "onBranch">;
}

export interface Sight {
  readonly environment: EnvironmentConfig;
  readonly published: PublishedRelease;
  readonly around: Surroundings;
}

/** Gathers what the configured gates are judged by, all at once; nothing is asked for a gate that is not configured. */
export async function gatherFacts({ environment, published, around }: Sight, ports: FactPorts): Promise<GateFacts> {
  const { verified, scan, branch } = environment.gates;
  const [gone, scans, onBranch] = await Promise.all([
    missingImages(published, around, ports.registry),
    scan === undefined ? undefined : scanAll(published, ports.scans),
    branch === undefined ? undefined : ports.lineage.onBranch(branch, published.release),
  ]);
  return {
    environment,
    published,
    gone,
    now: around.outlook.serverTime,
    freeze: around.outlook.freeze,
    smokes: around.outlook.smokes.get(published.digest) ?? [],
    smokeChecks: ports.config.smoke.checks,
    deployments: verified === undefined ? undefined : around.chronicles.get(verified)?.deployments,
    scans,
    branch: onBranch,
  };
}

async function missingImages(
  { release }: PublishedRelease,
  around: Surroundings,
  registry: Pick<Registry, "find">,
): Promise<readonly string[]> {
  const services = Object.entries(release.images);
  const there = await Promise.all(services.map(([, pin]) => isThere(pin, around, registry)));
  return services.flatMap(([service], index) => (there[index] === true ? [] : [service]));
}

async function scanAll({ release }: PublishedRelease, scans: Scans): Promise<readonly ScannedImage[]> {
  const all = await Promise.all(
    Object.entries(release.images).map(async ([service, { repository, digest }]) =>
      (await scans.scanned(repository, digest)).map((scan) => ({ service, scan })),
    ),
  );
  return all.flat();
}
