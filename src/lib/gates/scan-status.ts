import type { Next } from "../errors/next.ts";
import type { Scan } from "../registry/ecr/scan-findings.ts";

type ScanIdentity = Pick<Scan, "status" | "repository" | "digest">;

/** With these the findings are complete: a basic scan that ended, and a continuous one (API reference, ImageScanStatus). */
const complete = new Set(["COMPLETE", "ACTIVE"]);
/** These change by themselves. Before a scan on push has begun, ECR says the same as of an image that nobody scans. */
const unfinished = new Set(["NOT_FOUND", "PENDING", "IN_PROGRESS"]);

export function hasFindings({ status }: Pick<Scan, "status">): boolean {
  return complete.has(status);
}

/** Whether a later look may tell more. */
export function isUnfinished({ status }: Pick<Scan, "status">): boolean {
  return unfinished.has(status);
}

interface Sentence {
  /** missing: a new scan may change it. blocked: this image will not get one. */
  readonly state: "missing" | "blocked";
  readonly says: (what: string) => string;
  readonly next: (scan: ScanIdentity) => readonly string[];
  readonly advice?: string;
}

/** The ends of a scan that leave nothing to judge by. */
const sentences: Readonly<Record<string, Sentence>> = {
  FAILED: { state: "missing", says: (what) => `the scan of ${what} failed`, next: (scan) => [start(scan)] },
  SCAN_ELIGIBILITY_EXPIRED: {
    state: "missing",
    says: (what) => `the registry's continuous scan no longer looks at ${what}, pushed too long ago`,
    next: () => ["aws inspector2 update-configuration --ecr-configuration rescanDuration=LIFETIME"],
    advice: "publish a new commit",
  },
  UNSUPPORTED_IMAGE: {
    state: "blocked",
    says: (what) => `the registry does not support scanning ${what}`,
    next: (scan) => [describe(scan)],
  },
  FINDINGS_UNAVAILABLE: {
    state: "blocked",
    says: (what) => `the registry has no findings of ${what} to show`,
    next: (scan) => [start(scan), describe(scan)],
  },
  LIMIT_EXCEEDED: {
    state: "blocked",
    says: (what) => `the account's limit of scans was reached before ${what}`,
    next: (scan) => [start(scan), describe(scan)],
    advice: "wait for a day before you start another scan",
  },
  IMAGE_ARCHIVED: {
    state: "blocked",
    says: (what) => `the registry has archived ${what}, and does not scan archived images`,
    next: (scan) => [`aws ecr update-image-storage-class --target-storage-class STANDARD ${address(scan)}`],
    advice: "to take an image out of the archive takes up to 20 minutes",
  },
};

/** What became of a scan, in a sentence about `what`: one service or several. */
export function statusText({ status }: Pick<Scan, "status">, what: string): string {
  return sentences[status]?.says(what) ?? `the scan of ${what} has a status that is not known here: ${status}`;
}

export function remedyFor(scan: ScanIdentity): Next & { readonly state: Sentence["state"] } {
  const sentence = sentences[scan.status];
  return sentence === undefined
    ? { state: "blocked", next: [describe(scan)], advice: [] }
    : {
        state: sentence.state,
        next: sentence.next(scan),
        advice: sentence.advice === undefined ? [] : [sentence.advice],
      };
}

/** The command that has an image scanned. */
export function start(scan: ScanIdentity): string {
  return `aws ecr start-image-scan ${address(scan)}`;
}

function describe(scan: ScanIdentity): string {
  return `aws ecr describe-image-scan-findings ${address(scan)}`;
}

function address({ repository, digest }: ScanIdentity): string {
  return `--repository-name ${repository} --image-id imageDigest=${digest}`;
}
