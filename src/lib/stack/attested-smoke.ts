import type { Clock } from "../clock/clock.ts";
import { checksOfSmoke } from "../config/checks-for.ts";
import type { Config } from "../config/config.ts";
import type { Author } from "../ledger/author.ts";
import { type Evidence, evidenceOf, requireAttestable } from "../ledger/evidence.ts";
import type { PublishedRelease } from "../release/release.ts";
import type { StackReport } from "./result.ts";
import { smokePublished, type SmokePublishedPorts } from "./smoke-published.ts";

export interface AttestedSmokePorts extends SmokePublishedPorts {
  readonly config: Pick<Config, "checks">;
  readonly author: Author;
  /** Of this CLI. */
  readonly version: string;
  readonly clock: Pick<Clock, "now">;
  /** Puts on record what was seen. */
  readonly attest: (evidence: Evidence) => Promise<unknown>;
}

export interface AttestedSmoke {
  readonly report: StackReport;
  readonly evidence: Evidence;
}

/** Longer than any check takes: no record that is written is larger than the one that is tried. */
const longestMs = 999_999;

/**
 * Tests the published digests, and writes down that they passed: whoever promotes them later need not test them again.
 * @throws ThreadsError checks; RECORD_TOO_LARGE, before anything is tested
 */
export async function smokeAndAttest(published: PublishedRelease, ports: AttestedSmokePorts): Promise<AttestedSmoke> {
  const { revision, images } = published.release;
  const asked = checksOfSmoke(ports.config).map(({ path, status }) => ({ path, status, ok: true, ms: longestMs }));
  requireAttestable(evidenceOf({ kind: "smoke", revision, images, checks: asked }, ports));
  const report = await smokePublished(published.release, ports);
  const checks = report.checks.map(({ path, status, ok, tookMs }) => ({ path, status, ok, ms: Math.round(tookMs) }));
  const evidence = evidenceOf({ kind: "smoke", revision, images, checks }, ports);
  await ports.attest(evidence);
  return { report, evidence };
}
