import type { AllowedFinding, ScanGateConfig } from "../../config/config.ts";
import { shortDigest } from "../../image/digest.ts";
import type { Finding, Scan } from "../../registry/scan-findings.ts";
import { count, list } from "./words.ts";

export interface ScannedImage {
  readonly service: string;
  readonly scan: Scan;
}

export interface ScanVerdict {
  readonly state: "passed" | "missing" | "blocked";
  readonly says: string;
  readonly next: readonly string[];
}

/** With these the findings are complete: a basic scan that ended, and a continuous one (API reference, ImageScanStatus). */
const complete = new Set(["COMPLETE", "ACTIVE"]);
const underWay = new Set(["PENDING", "IN_PROGRESS"]);
/** Nothing was found because nothing was looked at; a new scan may change that. */
const startable = new Set(["NOT_FOUND", "FAILED", "SCAN_ELIGIBILITY_EXPIRED"]);
const shownFindings = 5;

/**
 * What the scans say under the configured rules. No scan, one that has not ended and one that cannot be made are never "clean".
 * @param now milliseconds since the epoch, by the server's clock: an exception ends after its last day, in UTC
 */
export function judgeScans(config: ScanGateConfig, images: readonly ScannedImage[], now: number): ScanVerdict {
  const open = images.filter(({ scan }) => !complete.has(scan.status));
  const hit = blocking(config, images, now);
  if (hit.length > 0) return blocked(hit, config, now);
  const hopeless = open.find(({ scan }) => !underWay.has(scan.status) && !startable.has(scan.status));
  if (hopeless !== undefined) return unscannable(hopeless);
  const idle = open.filter(({ scan }) => startable.has(scan.status));
  if (idle.length > 0)
    return { state: "missing", says: `${names(idle)} ${statusText(idle)}`, next: idle.map(({ scan }) => start(scan)) };
  if (open.length > 0)
    return { state: "missing", says: `the scan of ${names(open)} is under way`, next: ["ask again in a minute"] };
  return { state: "passed", says: clean(config, images, now), next: [] };
}

interface Hit extends Finding {
  readonly services: readonly string[];
}

/** One line for a finding, however many images share its package. */
function blocking(config: ScanGateConfig, images: readonly ScannedImage[], now: number): readonly Hit[] {
  const hits = new Map<string, { finding: Finding; services: Set<string> }>();
  for (const { service, scan } of images)
    for (const finding of scan.findings) {
      if (!config.block.includes(finding.severity) || isAllowed(config.allow, finding, now)) continue;
      const hit = hits.get(finding.id) ?? { finding, services: new Set() };
      hit.services.add(service);
      hits.set(finding.id, hit);
    }
  return [...hits.values()].map(({ finding, services }) => ({ ...finding, services: [...services] }));
}

function isAllowed(allow: readonly AllowedFinding[], finding: Finding, now: number): boolean {
  return allow.some(({ id, until }) => id === finding.id && now < endOf(until));
}

function endOf(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) + 24 * 60 * 60 * 1000;
}

function blocked(hits: readonly Hit[], config: ScanGateConfig, now: number): ScanVerdict {
  const told = hits
    .slice(0, shownFindings)
    .map(({ id, severity, services }) => `${id} (${severity}, ${list(services)})`);
  const more = hits.length > told.length ? `, and ${hits.length - told.length} more` : "";
  const expired = config.allow.find(({ id, until }) => hits.some((hit) => hit.id === id) && now >= endOf(until));
  return {
    state: "blocked",
    says: `${count(hits.length, "finding")}: ${told.join(", ")}${more}${expired === undefined ? "" : `; the exception for ${expired.id} ended with ${expired.until}`}`,
    next: [
      "rebuild on a base image without them, and publish",
      "add them to gates.scan.allow in threads.yml, with a date and a reason",
    ],
  };
}

function unscannable({ service, scan }: ScannedImage): ScanVerdict {
  const why = scan.description === "" ? "" : ` (${scan.description})`;
  const says = `${service} ${shortDigest(scan.digest)} has no usable scan: ${scan.status}${why}`;
  const describe = `aws ecr describe-image-scan-findings --repository-name ${scan.repository} --image-id imageDigest=${scan.digest}`;
  return { state: "blocked", says, next: [describe] };
}

function statusText(idle: readonly ScannedImage[]): string {
  const [first] = idle;
  if (first === undefined || idle.some(({ scan }) => scan.status !== first.scan.status))
    return `are not scanned (${[...new Set(idle.map(({ scan }) => scan.status))].join(", ")})`;
  const are = idle.length === 1 ? "was" : "were";
  if (first.scan.status === "NOT_FOUND") return `${are} never scanned`;
  return first.scan.status === "FAILED"
    ? `${are} scanned without success: ${first.scan.description}`
    : `${are} last scanned too long ago (${first.scan.status})`;
}

function start({ repository, digest }: Scan): string {
  return `aws ecr start-image-scan --repository-name ${repository} --image-id imageDigest=${digest}`;
}

function clean(config: ScanGateConfig, images: readonly ScannedImage[], now: number): string {
  const ids = new Set(images.flatMap(({ scan }) => scan.findings.map(({ id }) => id)));
  const accepted = config.allow.filter(({ id, until }) => ids.has(id) && now < endOf(until));
  const but = accepted.map(({ id, until }) => `${id} is accepted until ${until}`);
  return [`no ${config.block.join(" or ")} finding in ${count(images.length, "image")}`, ...but].join("; ");
}

function names(images: readonly ScannedImage[]): string {
  return list([...new Set(images.map(({ service }) => service))]);
}
