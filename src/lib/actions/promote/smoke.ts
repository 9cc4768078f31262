import type { Clock } from "../../clock/clock.ts";
import { checksOfSmoke } from "../../config/checks-for.ts";
import type { Config } from "../../config/config.ts";
import type { WritePart } from "../../errors/undertaking.ts";
import { type Author, shownAuthor } from "../../ledger/author.ts";
import { type Evidence, evidenceOf, requireAttestable } from "../../ledger/evidence.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { PublishedRelease } from "../../release/release.ts";
import { smokePublished, type SmokePublishedPorts } from "../../stack/smoke-published.ts";
import type { PromotedSmoke } from "./result.ts";
import { evidencePart } from "./undertaking.ts";

export interface AttestPorts extends SmokePublishedPorts {
  readonly config: Pick<Config, "checks">;
  readonly ledger: Pick<Ledger, "attest">;
  readonly author: Author;
  /** Of this CLI. */
  readonly version: string;
  readonly clock: Pick<Clock, "now">;
  readonly write: WritePart;
}

/** Longer than any check takes: no record that is written is larger than the one that is tried. */
const longestMs = 999_999;

/** Tests the published digests, and writes down that they passed: whoever promotes them later need not test them again. */
export async function smokeAndAttest(published: PublishedRelease, ports: AttestPorts): Promise<PromotedSmoke> {
  const { revision, images } = published.release;
  const asked = checksOfSmoke(ports.config).map(({ path, status }) => ({ path, status, ok: true, ms: longestMs }));
  requireAttestable(evidenceOf({ kind: "smoke", revision, images, checks: asked }, ports));
  const report = await smokePublished(published.release, ports);
  const checks = report.checks.map(({ path, status, ok, tookMs }) => ({ path, status, ok, ms: Math.round(tookMs) }));
  const evidence = evidenceOf({ kind: "smoke", revision, images, checks }, ports);
  await ports.write(evidencePart, () => ports.ledger.attest(published.digest, evidence));
  const { durations, leftovers } = report;
  return { ...recorded(evidence), evidence: "run", durations, leftovers };
}

/** What an earlier run has seen of the same digests. */
export function recorded({ by, at, checks }: Evidence): PromotedSmoke {
  const shown = checks.map(({ path, status, ok, ms }) => ({ path, status, ok, tookMs: ms }));
  return { evidence: "recorded", by: shownAuthor(by), passedAt: at, checks: shown, durations: null, leftovers: [] };
}
