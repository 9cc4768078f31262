import type { IntentDraft, Ledger } from "../../../src/lib/ledger/ledger.ts";
import { parameterLedger } from "../../../src/lib/ledger/parameters.ts";
import { silentProgress } from "../../../src/lib/progress/progress.ts";
import { hurriedClock } from "../../fakes/hurried-clock.ts";
import { FakeSsm } from "../../fakes/ssm.ts";

/** An empty ledger of the application `threads`, and the SSM that keeps it: close that in the end. */
export async function openLedger(): Promise<{ readonly ssm: FakeSsm; readonly ledger: Ledger }> {
  const ssm = new FakeSsm();
  await ssm.open();
  const [aws, clock] = [ssm.clients(), hurriedClock()];
  return { ssm, ledger: parameterLedger({ aws, clock, app: "threads", version: "0.4.0", progress: silentProgress }) };
}

const digest = (letter: string): `sha256:${string}` => `sha256:${letter.repeat(64)}`;
/** A deployment of one release to one host, unless it says otherwise. */
export function draft(change: Partial<IntentDraft> = {}): IntentDraft {
  const images = Object.fromEntries(
    ["web", "celery", "celery-beat", "nginx"].map((service) => [
      service,
      { repository: `threads/${service}`, digest: digest("a") },
    ]),
  );
  return {
    kind: "deploy",
    revision: "a".repeat(40),
    tree: "b".repeat(40),
    bundle: { repository: "threads/bundle", digest: digest("b") },
    images,
    hosts: ["i-00000000000000001"],
    by: { user: "ada", host: "laptop" },
    startedAt: "2026-11-22T10:00:00.000Z",
    deadline: "2026-11-22T10:15:00.000Z",
    ...change,
  };
}
