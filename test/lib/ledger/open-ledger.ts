import type { Ledger } from "../../../src/lib/ledger/ledger.ts";
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
