import { undertake, type WritePart } from "../../errors/undertaking.ts";
import { smokeThatCounts } from "../../gates/judge-smoke.ts";
import { requireRecordable } from "../../ledger/promotions.ts";
import { requireOpen } from "./enforce.ts";
import { warnOfLifecycle } from "./lifecycle-texts.ts";
import { afterScans, lookAgain, lookAndPlan, type Told } from "./look-and-plan.ts";
import type { PromoteOptions, PromotePorts } from "./ports.ts";
import { recordOf } from "./record.ts";
import { type Carried, report } from "./report.ts";
import type { PromotedSmoke, PromoteResult } from "./result.ts";
import { recorded, smokeAndAttest } from "./smoke-evidence.ts";
import { tagAll } from "./tag-all.ts";
import { promotion } from "./undertaking.ts";

/**
 * Plans a promotion, tests the release by digest, and carries the plan out: the images get the tags, the bundle last.
 * The records come before the bundle's tag, which they explain. Run again, it finishes what is missing.
 *
 * With the smoke on record these are five dependent round trips: look at everything; write the images' tags and the record;
 * read the tags back; write the bundle's tag; read it back.
 */
export async function promote(options: PromoteOptions, ports: PromotePorts): Promise<PromoteResult> {
  const first = await lookAndPlan(options, ports);
  const told = options.dryRun ? first : await afterScans(first, ports);
  if (!told.plan.done && !options.dryRun) requireOpen(told.plan, told.environment.name);
  // The lifecycle rules only warn: nothing waits for them but the report, and where nothing is promoted nobody asks.
  const [carried, threats] = await Promise.all([carryOut(told, options, ports), warnOfLifecycle(told.sought, ports)]);
  return report(told, carried, threats);
}

async function carryOut(told: Told, { dryRun }: PromoteOptions, ports: PromotePorts): Promise<Carried> {
  if (told.plan.done) return { outcome: "already-promoted" };
  requireRecordable(recordOf(told, ports));
  if (dryRun) return { outcome: "planned" };
  return undertake(promotion(told.plan, told.environment.name), async (write) => {
    const smoke = await test(told, { ...ports, write });
    const settled = told.plan.smoke ? await lookAgain(told, ports) : told.plan;
    const record = (): Promise<unknown> => ports.ledger.recordPromotion(recordOf(told, ports));
    const { images, byAnother } = await tagAll(settled, record, { ...ports, write });
    // Where the bundle had its tag from the beginning, there was something to mend, and this run did it.
    const late = byAnother && told.plan.bundle.create.length > 0;
    return { outcome: late ? "already-promoted" : "promoted", images, smoke };
  });
}

async function test(
  { plan: planned, seen }: Told,
  ports: PromotePorts & { readonly write: WritePart },
): Promise<PromotedSmoke | null> {
  if (planned.smoke) return smokeAndAttest(planned.published, ports);
  const passed = planned.gates.some(({ gate, state }) => gate === "smoke" && state === "passed");
  const smoke = passed ? smokeThatCounts(seen.facts) : undefined;
  return smoke === undefined ? null : recorded(smoke);
}
