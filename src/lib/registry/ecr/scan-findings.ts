import type { DescribeImageScanFindingsCommandOutput } from "@aws-sdk/client-ecr";
import { pages } from "../../aws/patient-calls.ts";
import type { AwsClients } from "../../aws/clients.ts";
import type { Clock } from "../../clock/clock.ts";
import { type Digest, isDigest } from "../../image/digest.ts";
import type { EcrRepo } from "../../image/ecr-repo.ts";
import { type EcrConnection, ecrCalls } from "./call.ts";
import type { Registry } from "../registry.ts";

/** What the registry's own scan has found in an image. */
export interface Scans {
  /** One answer for each platform of an index: an index itself cannot be scanned, and attestations are no images. */
  scanned(repository: string, digest: Digest): Promise<readonly Scan[]>;
  /** What has become of one platform's scan: a single call, where nothing has changed. */
  again(scan: Pick<Scan, "repository" | "digest">): Promise<Scan>;
}

export interface Scan {
  readonly repository: string;
  /** Of the platform's own manifest. */
  readonly digest: Digest;
  /**
   * As ECR names it: COMPLETE and ACTIVE have findings; NOT_FOUND where it was never scanned, or not yet begun.
   * (API reference, ImageScanStatus: IN_PROGRESS, FAILED, UNSUPPORTED_IMAGE, PENDING, SCAN_ELIGIBILITY_EXPIRED …)
   */
  readonly status: string;
  /** ECR's own sentence on the status. */
  readonly description: string;
  readonly findings: readonly Vulnerability[];
}

export interface Vulnerability {
  /** `CVE-2026-1234`, or what the scanner names it by. */
  readonly id: string;
  readonly severity: string;
}

/** The largest page (API reference). */
const pageSize = 1000;

/** Scan findings as ECR tells them, of basic and of enhanced scanning. Nothing is asked before the first call. */
export function ecrScans(ports: {
  readonly repo: Pick<EcrRepo, "account">;
  readonly registry: Pick<Registry, "read">;
  readonly aws: Pick<AwsClients, "ecr">;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}): Scans {
  const ecr: EcrConnection = { call: ecrCalls(ports), registryId: ports.repo.account };
  return {
    scanned: async (repository, digest) => {
      const platforms = await platformsOf(ports.registry, repository, digest);
      if (platforms.length === 0) return [{ ...nothingToScan, repository, digest }];
      return Promise.all(platforms.map((one) => readScan(ecr, repository, one)));
    },
    again: ({ repository, digest }) => readScan(ecr, repository, digest),
  };
}

/** An index of nothing but attestations must not pass for clean. */
const nothingToScan = { status: "UNSUPPORTED_IMAGE", description: "the index lists no image", findings: [] };

interface Index {
  readonly manifests?: readonly {
    readonly mediaType?: string;
    readonly digest?: string;
    readonly platform?: { readonly os?: string };
  }[];
}

/** The manifests that are images: those of an index, and of indexes in it, without buildx's `unknown/unknown` attestations; or the one itself. */
async function platformsOf(
  registry: Pick<Registry, "read">,
  repository: string,
  digest: Digest,
): Promise<readonly Digest[]> {
  const manifest = await registry.read(repository, digest);
  const { manifests } = JSON.parse(manifest?.body ?? "{}") as Index;
  if (manifests === undefined) return [digest];
  const platforms = manifests.map(async ({ mediaType = "", digest: child = "", platform }) => {
    if (platform?.os === "unknown" || !isDigest(child)) return [];
    return /index|list/.test(mediaType) ? platformsOf(registry, repository, child) : [child];
  });
  return (await Promise.all(platforms)).flat();
}

async function readScan(ecr: EcrConnection, repository: string, digest: Digest): Promise<Scan> {
  const findings: Vulnerability[] = [];
  let last: Page = {};
  for await (const page of pages((nextToken) => readPage(ecr, { repository, digest, nextToken }))) {
    findings.push(...findingsOf(page));
    last = page;
  }
  const { status = "NOT_FOUND", description = "" } = last.imageScanStatus ?? {};
  return { repository, digest, status, description, findings };
}

type Page = Partial<
  Pick<DescribeImageScanFindingsCommandOutput, "imageScanStatus" | "imageScanFindings" | "nextToken">
>;

interface Wanted {
  readonly repository: string;
  readonly digest: Digest;
  readonly nextToken: string | undefined;
}

function readPage(ecr: EcrConnection, { repository, digest, nextToken }: Wanted): Promise<Page> {
  return ecr.call<Page>({
    doing: `reading the scan of ${repository}@${digest}`,
    repository,
    send: (client, sdk, options) => {
      const imageId = { imageDigest: digest };
      const input = {
        registryId: ecr.registryId,
        repositoryName: repository,
        imageId,
        maxResults: pageSize,
        nextToken,
      };
      return client.send(new sdk.DescribeImageScanFindingsCommand(input), options);
    },
    // Never scanned, or not yet begun: both are something else than clean.
    answers: {
      ScanNotFoundException: () => ({}),
      ImageNotFoundException: () => ({}),
      UnsupportedImageTypeException: ({ message }) => ({
        imageScanStatus: { status: "UNSUPPORTED_IMAGE", description: message },
      }),
    },
  });
}

function findingsOf({ imageScanFindings }: Page): Vulnerability[] {
  const basic = (imageScanFindings?.findings ?? []).map(({ name, severity }) => finding(name, severity));
  const enhanced = (imageScanFindings?.enhancedFindings ?? []).map((one) =>
    finding(one.packageVulnerabilityDetails?.vulnerabilityId ?? one.title, one.severity),
  );
  return [...basic, ...enhanced];
}

function finding(id: string | undefined, severity: string | undefined): Vulnerability {
  // What has no severity is not known to be harmless.
  return { id: id ?? "unnamed", severity: severity === undefined || severity === "" ? "UNDEFINED" : severity };
}
