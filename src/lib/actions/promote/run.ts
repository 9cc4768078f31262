import { environmentOf } from "../../config/environment.ts";
import { undertake, type WritePart } from "../../errors/undertaking.ts";
import { smokeThatCounts } from "../../gates/judge-smoke.ts";
import { eachOnce } from "../../gates/snapshot.ts";
import { governed } from "../../gates/stricter.ts";
import { shortDigest } from "../../image/digest.ts";
import { requireRecordable } from "../../ledger/promotions.ts";
import { both } from "../../progress/both.ts";
import { tellRepo } from "../../registry/tell-repo.ts";
import { step } from "../../progress/progress.ts";
import { pulledImages } from "../../release/release.ts";
import { shortRevision } from "../../release/revision.ts";
import { resolveRelease } from "../../resolve/resolve-release.ts";
import { apply, recordOf } from "./apply.ts";
import { awaitGates, isHeldUp } from "./await-gates.ts";
import { awaitScans, awaitsScans } from "./await-scans.ts";
import { refusal, requireOpen, requireUnchanged, whileWaiting } from "./enforce.ts";
import { warnOfLifecycle } from "./lifecycle.ts";
import { look, snapshotFor } from "./look.ts";
import { planPromote, type PromotePlan } from "./plan.ts";
import type { PromoteOptions, PromotePorts } from "./ports.ts";
import { type Carried, type PromotedSmoke, type PromoteResult, report } from "./result.ts";
import { recorded, smokeToPromote } from "./smoke.ts";
import { labelsFor, type PromotionTarget, requireGates, requireVersion, tagsOf, targetsOf } from "./target.ts";
import { promotion } from "./undertaking.ts";

/**
 * Resolves the release, looks at the registry and the records, judges and plans; tests the release by digest, looks again
 * and compares; and carries the plan out: the images get the tags, the bundle last. The records come before the bundle's
 * tag, which they explain. Run again, it finishes what is missing.
 *
 * With the smoke on record these are five dependent round trips: look at everything; write the images' tags and the record;
 * read the tags back; write the bundle's tag; read it back.
 */
export async function promote(options: PromoteOptions, ports: PromotePorts): Promise<PromoteResult> {
  const first = await lookAndPlan(options, ports);
  const plan = options.dryRun ? first : await settled(first, options, ports);
  if (isHeldUp(plan) && !(options.dryRun && awaitsScans(plan)))
    return report(plan, { outcome: "waiting", refused: whileWaiting(plan) }, []);
  if (!plan.done && !options.dryRun) requireOpen(plan);
  for (const { gate, says } of plan.gates.filter(({ state }) => state === "warned"))
    ports.progress.warn(`${gate}: ${says}`);
  // The lifecycle rules only warn: nothing waits for them but the report, and where nothing is promoted nobody asks.
  const [carried, threats] = await Promise.all([carryOut(plan, options, ports), warnOfLifecycle(plan.target, ports)]);
  return report(plan, carried, threats);
}

/** Finds the release and plans its promotion. Reads only. */
async function lookAndPlan(options: PromoteOptions, ports: PromotePorts): Promise<PromotePlan> {
  const { progress, repo, config } = ports;
  const again = (revision: string, name = options.environment): string => `threads promote ${revision} -e ${name}`;
  const environment = environmentOf(config, options.environment, (name) => again(options.release ?? "HEAD", name));
  if (options.as !== undefined) requireVersion(options.as);
  const labelsOf = (revision: string): readonly string[] => labelsFor(environment.name, revision, options.as);
  const snapshotOf = eachOnce((revision) => snapshotFor({ environment, revision, labels: labelsOf(revision) }, ports));
  const begun = (revision: string): void => {
    void snapshotOf(revision);
    ports.readAhead(revision);
  };
  tellRepo(repo, progress);
  const plan = await step(progress, "Look at the registry and the gates", async (task) => {
    const resolved = await both(ports.checkAccount, () =>
      resolveRelease({ ref: options.release, again, begun }, ports),
    );
    const { release, digest } = resolved.published;
    task.done(`Found ${shortRevision(release.revision)} ${shortDigest(digest)}`);
    const snapshot = await snapshotOf(release.revision);
    requireGates(governed(environment, snapshot.revisionRecords.policy), release.revision);
    const labels = labelsOf(release.revision);
    const { overrides = new Map(), repeatSmoke = false } = options;
    const targets = targetsOf(resolved.published, labels, tagsOf(ports));
    const target: PromotionTarget = { environment, resolved, labels, ...targets, overrides, repeatSmoke };
    return planPromote(target, await look(target, snapshot, ports));
  });
  const { how, says, warnings } = plan.target.resolved;
  if (how !== "explicit") progress.note(says);
  for (const text of warnings) progress.warn(text);
  return plan;
}

/** The plan once it has been waited for what is waited for: where that was asked for, all that comes; and the scans. */
async function settled(plan: PromotePlan, { wait = false }: PromoteOptions, ports: PromotePorts): Promise<PromotePlan> {
  return afterScans(wait ? await awaitGates(plan, (seen) => lookAgain(seen.target, ports), ports) : plan, ports);
}

/** The plan once the image scans have ended; where they were waited for, all that was seen is minutes old, and everything is looked at and planned afresh. */
async function afterScans(plan: PromotePlan, ports: PromotePorts): Promise<PromotePlan> {
  const scansAwaitedMs = await awaitScans(plan, ports);
  return scansAwaitedMs === undefined ? plan : lookAgain(plan.target, ports, scansAwaitedMs);
}

/** @param scansAwaitedMs how long unfinished scans were waited for just now */
async function lookAgain(target: PromotionTarget, ports: PromotePorts, scansAwaitedMs?: number): Promise<PromotePlan> {
  const { environment, labels, resolved } = target;
  const { release } = resolved.published;
  // The release may have a service that the configuration no longer has.
  const { revision } = release;
  const services = Object.keys(pulledImages(release));
  const snapshot = await snapshotFor({ environment, revision, labels, services }, ports);
  const facts = await look(target, snapshot, ports);
  return planPromote(target, { ...facts, gates: { ...facts.gates, scansAwaitedMs } });
}

async function carryOut(plan: PromotePlan, { dryRun }: PromoteOptions, ports: PromotePorts): Promise<Carried> {
  if (plan.done) {
    // Whoever promoted it may have been ended before that record.
    if (!dryRun) await keepSigned(plan, ports);
    return { outcome: "already-promoted" };
  }
  requireRecordable(recordOf(plan, ports));
  if (dryRun) {
    const refused = awaitsScans(plan) ? undefined : refusal(plan);
    return refused === undefined ? { outcome: "planned" } : { outcome: "refused", refused };
  }
  return undertake(promotion(plan), async (write) => {
    const smoke = await test(plan, { ...ports, write });
    const final = plan.smoke ? await unchanged(plan, ports) : plan;
    const { images, byAnother } = await apply(final, { ...ports, write });
    await keepSigned(final, ports);
    // Where the bundle had its tag from the beginning, there was something to mend, and this run did it.
    const late = byAnother && plan.bundle.create.length > 0;
    return { outcome: late ? "already-promoted" : "promoted", images, smoke };
  });
}

/** Loaded where a gate asks for signatures alone. */
async function keepSigned(plan: PromotePlan, ports: PromotePorts): Promise<void> {
  if (plan.facts.gates.signatures === undefined) return;
  await (await import("./first-signed.ts")).keepFirstSigned(plan, ports);
}

async function test(
  plan: PromotePlan,
  ports: PromotePorts & { readonly write: WritePart },
): Promise<PromotedSmoke | null> {
  if (plan.smoke) return smokeToPromote(plan.target.resolved.published, ports);
  const passed = plan.gates.some(({ gate, state }) => gate === "smoke" && state === "passed");
  const smoke = passed ? smokeThatCounts(plan.facts.gates) : undefined;
  return smoke === undefined ? null : recorded(smoke);
}

/** After the test the world is looked at once more, and what is still to do is planned afresh. */
async function unchanged(plan: PromotePlan, ports: PromotePorts): Promise<PromotePlan> {
  const after = await lookAgain(plan.target, ports);
  requireUnchanged(plan, after);
  return after;
}
