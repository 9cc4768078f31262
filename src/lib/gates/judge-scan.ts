import type { AllowedFinding, ScanGateConfig } from "../config/config.ts";
import type { Vulnerability, Scan } from "../registry/ecr/scan-findings.ts";
import { hasFindings, isUnfinished, remedyFor, start, statusText } from "./scan-status.ts";
import { count, list, span } from "../text/words.ts";
import { blocked, missing, passed, type GateVerdict } from "./verdict.ts";

export interface ScannedImage {
  readonly service: string;
  readonly scan: Scan;
}

export interface ScanMoment {
  /** Milliseconds since the epoch, by the server's clock: an exception ends after its last day, in UTC. */
  readonly now: number;
  /** The promotion, as it is typed. */
  readonly promote: string;
  /** How long unfinished scans were waited for already, in milliseconds. */
  readonly waitedMs?: number | undefined;
}

const shownFindings = 5;

/** What the scans say under the configured rules. No scan, one that has not ended and one that cannot be made are never "clean". */
export function judgeScans(config: ScanGateConfig, images: readonly ScannedImage[], moment: ScanMoment): GateVerdict {
  const hits = blocking(config, images, moment.now);
  if (hits.length > 0) return withFindings(hits, config, moment.now);
  const useless = images.filter(({ scan }) => !hasFindings(scan) && !isUnfinished(scan));
  if (useless.length > 0) return unusable(useless);
  const open = images.filter(({ scan }) => isUnfinished(scan));
  if (open.length > 0) return unfinished(open, config, moment);
  return passed(clean(config, images, moment.now));
}

/** The scans that are worth waiting for: none, where waiting for them could not open the gate any more. */
export function scansToAwait(
  config: ScanGateConfig,
  images: readonly ScannedImage[],
  now: number,
): readonly ScannedImage[] {
  const open = images.filter(({ scan }) => !hasFindings(scan));
  if (open.some(({ scan }) => !isUnfinished(scan)) || blocking(config, images, now).length > 0) return [];
  return open;
}

interface Hit extends Vulnerability {
  readonly services: readonly string[];
}

/** One line for a finding, however many images share its package. */
function blocking(config: ScanGateConfig, images: readonly ScannedImage[], now: number): readonly Hit[] {
  const hits = new Map<string, { finding: Vulnerability; services: Set<string> }>();
  for (const { service, scan } of images)
    for (const finding of scan.findings) {
      if (!config.block.some((severity) => severity === finding.severity) || isAllowed(config.allow, finding, now))
        continue;
      const hit = hits.get(finding.id) ?? { finding, services: new Set() };
      hit.services.add(service);
      hits.set(finding.id, hit);
    }
  return [...hits.values()].map(({ finding, services }) => ({ ...finding, services: [...services] }));
}

function isAllowed(allow: readonly AllowedFinding[], finding: Vulnerability, now: number): boolean {
  return allow.some(({ id, until }) => id === finding.id && now < endOf(until));
}

function endOf(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) + 24 * 60 * 60 * 1000;
}

function withFindings(hits: readonly Hit[], config: ScanGateConfig, now: number): GateVerdict {
  const told = hits
    .slice(0, shownFindings)
    .map(({ id, severity, services }) => `${id} (${severity}, ${list(services)})`);
  const more = hits.length > told.length ? `, and ${hits.length - told.length} more` : "";
  const expired = config.allow.find(({ id, until }) => hits.some((hit) => hit.id === id) && now >= endOf(until));
  return {
    ...blocked(
      `${count(hits.length, "finding")}: ${told.join(", ")}${more}${expired === undefined ? "" : `; the exception for ${expired.id} ended with ${expired.until}`}`,
    ),
    advice: [
      "rebuild on a base image without them, and publish",
      "add them to gates.scan.allow in threads.yml, with a date and a reason",
    ],
  };
}

/** Scans that ended without findings to judge by: waiting would not help, and "none found" would be a lie. */
function unusable(images: readonly ScannedImage[]): GateVerdict {
  const alike = Map.groupBy(images, ({ scan }) => `${scan.status} ${scan.description}`);
  const says = [...alike.values()].map((group) => {
    const [{ scan }] = group as [ScannedImage];
    return `${statusText(scan, servicesOf(group))}${scan.description === "" ? "" : ` (${scan.description})`}`;
  });
  const remedies = images.map(({ scan }) => remedyFor(scan));
  return {
    state: remedies.some(({ state }) => state === "blocked") ? "blocked" : "missing",
    says: says.join("; "),
    next: [...new Set(remedies.flatMap(({ next }) => next))],
    advice: [...new Set(remedies.flatMap(({ advice }) => advice))],
  };
}

function unfinished(open: readonly ScannedImage[], config: ScanGateConfig, moment: ScanMoment): GateVerdict {
  const absent = open.filter(({ scan }) => scan.status === "NOT_FOUND");
  const running = open.filter(({ scan }) => scan.status !== "NOT_FOUND");
  const says = [
    ...(absent.length === 0 ? [] : [`${servicesOf(absent)} ${absent.length === 1 ? "has" : "have"} no scan yet`]),
    ...(running.length === 0 ? [] : [`the scan of ${servicesOf(running)} is still running`]),
  ].join("; ");
  const { promote, waitedMs } = moment;
  return {
    // One that nobody has begun may never be.
    opensBy: absent.length === 0 ? "the registry's scan" : null,
    ...missing(
      waitedMs === undefined ? says : `${says}, after ${span(waitedMs)} of waiting`,
      ...absent.map(({ scan }) => start(scan)),
      promote,
    ),
    advice: [
      config.waitMs > 0
        ? `the promotion waits up to ${span(config.waitMs)} for the scan`
        : "promote once the scan has ended",
    ],
  };
}

function clean(config: ScanGateConfig, images: readonly ScannedImage[], now: number): string {
  const ids = new Set(images.flatMap(({ scan }) => scan.findings.map(({ id }) => id)));
  const accepted = config.allow.filter(({ id, until }) => ids.has(id) && now < endOf(until));
  const but = accepted.map(({ id, until }) => `${id} is accepted until ${until}`);
  return [`no ${config.block.join(" or ")} finding in ${count(images.length, "image")}`, ...but].join("; ");
}

/** `web, celery and nginx`, each once however many platforms it has. */
export function servicesOf(images: readonly ScannedImage[]): string {
  return list([...new Set(images.map(({ service }) => service))]);
}
