import type { EnvironmentConfig } from "../../config/config.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Registry } from "../../registry/registry.ts";
import type { Scans } from "../../registry/scan-findings.ts";
import type { PublishedRelease } from "../../release/release.ts";
import type { Lineage } from "../../source/lineage.ts";
import type { GateFacts } from "./judge.ts";
import type { ScannedImage } from "./judge-scan.ts";

export interface FactPorts {
  readonly registry: Pick<Registry, "find">;
  readonly ledger: Pick<Ledger, "chronicle" | "outlook">;
  readonly scans: Scans;
  readonly lineage: Pick<Lineage, "onBranch">;
}

/** Gathers what the configured gates are judged by, all at once; nothing is asked for a gate that is not configured. */
export async function gatherFacts(
  environment: EnvironmentConfig,
  published: PublishedRelease,
  ports: FactPorts,
): Promise<GateFacts> {
  const { verified, scan, branch } = environment.gates;
  const [gone, outlook, chronicle, scans, onBranch] = await Promise.all([
    missingImages(published, ports.registry),
    ports.ledger.outlook(environment.name, published.digest),
    verified === undefined ? undefined : ports.ledger.chronicle(verified),
    scan === undefined ? undefined : scanAll(published, ports.scans),
    branch === undefined ? undefined : ports.lineage.onBranch(branch, published.release),
  ]);
  return {
    environment,
    published,
    gone,
    now: outlook.serverTime,
    freeze: outlook.freeze,
    smoke: outlook.smoke,
    deployments: chronicle?.deployments,
    scans,
    branch: onBranch,
  };
}

async function missingImages(
  { release }: PublishedRelease,
  registry: Pick<Registry, "find">,
): Promise<readonly string[]> {
  const services = Object.entries(release.images);
  const found = await Promise.all(services.map(([, { repository, digest }]) => registry.find(repository, digest)));
  return services.flatMap(([service], index) => (found[index] === undefined ? [service] : []));
}

async function scanAll({ release }: PublishedRelease, scans: Scans): Promise<readonly ScannedImage[]> {
  const all = await Promise.all(
    Object.entries(release.images).map(async ([service, { repository, digest }]) =>
      (await scans.scanned(repository, digest)).map((scan) => ({ service, scan })),
    ),
  );
  return all.flat();
}
