import type { Clock } from "../../clock/clock.ts";
import { checksOfSmoke } from "../../config/checks-for.ts";
import type { Config } from "../../config/config.ts";
import type { DockerImages } from "../../docker/images.ts";
import type { WritePart } from "../../errors/undertaking.ts";
import { printReference } from "../../image/reference.ts";
import { type Author, shownAuthor } from "../../ledger/author.ts";
import { type Evidence, evidenceOf, requireAttestable } from "../../ledger/evidence.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Registry } from "../../registry/registry.ts";
import type { PublishedRelease } from "../../release/release.ts";
import type { StackReport } from "../../stack/result.ts";
import type { PromotedSmoke } from "./result.ts";
import { evidencePart } from "./undertaking.ts";

/** Runs the stack from these references and checks it. @throws ThreadsError checks where it does not pass */
export type ProductionSmoke = (what: {
  /** `host/repository@sha256:…` by service: never a tag. */
  readonly images: Readonly<Record<string, string>>;
  readonly revision: string;
  readonly tree: string;
  /** Docker configuration with the registry's login, for the pulls. */
  readonly dockerConfig: string;
}) => Promise<StackReport>;

export interface AttestPorts {
  readonly config: Pick<Config, "checks">;
  readonly registry: Pick<Registry, "host" | "login">;
  readonly docker: Pick<DockerImages, "signedIn">;
  readonly smoke: ProductionSmoke;
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
  const { revision, tree, images } = published.release;
  const { host } = ports.registry;
  const asked = checksOfSmoke(ports.config).map(({ path, status }) => ({ path, status, ok: true, ms: longestMs }));
  requireAttestable(evidenceOf({ kind: "smoke", revision, images, checks: asked }, ports));
  const references = Object.entries(images).map(([service, pin]) => [service, printReference({ host, ...pin })]);
  const report = await ports.docker.signedIn(await ports.registry.login(), ({ folder }) =>
    ports.smoke({ images: Object.fromEntries(references), revision, tree, dockerConfig: folder }),
  );
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
