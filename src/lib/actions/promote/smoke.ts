import type { WritePart } from "../../errors/undertaking.ts";
import { shownAuthor } from "../../ledger/author.ts";
import type { Evidence } from "../../ledger/evidence.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { PublishedRelease } from "../../release/release.ts";
import { smokeAndAttest, type AttestedSmokePorts } from "../../stack/attested-smoke.ts";
import type { PromotedSmoke } from "./result.ts";
import { evidencePart } from "./undertaking.ts";

interface Ports extends Omit<AttestedSmokePorts, "attest"> {
  readonly ledger: Pick<Ledger, "attest">;
  readonly write: WritePart;
}

/** Tests the published digests as a part of the promotion. */
export async function smokeToPromote(published: PublishedRelease, ports: Ports): Promise<PromotedSmoke> {
  const { ledger, write } = ports;
  const attest = (evidence: Evidence): Promise<unknown> =>
    write(evidencePart, () => ledger.attest(published.digest, evidence));
  const { report, evidence } = await smokeAndAttest(published, { ...ports, attest });
  const { durations, leftovers } = report;
  return { ...recorded(evidence), evidence: "run", durations, leftovers };
}

/** What an earlier run has seen of the same digests. */
export function recorded({ by, at, checks }: Evidence): PromotedSmoke {
  const shown = checks.map(({ path, status, ok, ms }) => ({ path, status, ok, tookMs: ms }));
  return { evidence: "recorded", by: shownAuthor(by), passedAt: at, checks: shown, durations: null, leftovers: [] };
}
