import type { Config, EnvironmentConfig } from "../config/config.ts";
import type { Registry } from "../registry/registry.ts";
import type { Scans } from "../registry/ecr/scan-findings.ts";
import type { PublishedRelease } from "../release/release.ts";
import type { Lineage } from "../source/lineage.ts";
import type { GateFacts } from "./judge.ts";
import type { ScannedImage } from "./judge-scan.ts";
import { isThere, type Snapshot } from "./snapshot.ts";

export interface FactPorts {
  readonly config: { readonly smoke: Pick<Config["smoke"], "checks"> };
  readonly registry: Pick<Registry, "find">;
  readonly scans: Scans;
  readonly lineage: Pick<Lineage, "onBranch">;
}

/** Gathers what the configured gates are judged by, all at once; nothing is asked for a gate that is not configured. */
export async function gatherFacts(
  release: {
    readonly environment: EnvironmentConfig;
    readonly published: PublishedRelease;
    readonly snapshot: Snapshot;
  },
  ports: FactPorts,
): Promise<GateFacts> {
  const { environment, published, snapshot } = release;
  const { verified, scan, branch } = environment.gates;
  const [gone, scans, onBranch] = await Promise.all([
    missingImages(published, snapshot, ports.registry),
    scan === undefined ? undefined : scanAll(published, ports.scans),
    branch === undefined ? undefined : ports.lineage.onBranch(branch, published.release),
  ]);
  return {
    environment,
    published,
    gone,
    now: snapshot.outlook.serverTime,
    freeze: snapshot.outlook.freeze,
    smokes: snapshot.outlook.smokes.get(published.digest) ?? [],
    smokeChecks: ports.config.smoke.checks,
    deployments: verified === undefined ? undefined : snapshot.chronicles.get(verified)?.deployments,
    scans,
    branch: onBranch,
  };
}

async function missingImages(
  { release }: PublishedRelease,
  snapshot: Snapshot,
  registry: Pick<Registry, "find">,
): Promise<readonly string[]> {
  const services = Object.entries(release.images);
  const there = await Promise.all(services.map(([, pin]) => isThere(pin, snapshot, registry)));
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
