import { unlessAborted } from "../clock/unless-aborted.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import type { WeighedStep } from "../ledger/ledger.ts";
import { step as shown } from "../progress/progress.ts";
import type { SlotCounts } from "../script/slot-counts.ts";
import { span } from "../text/words.ts";
import type { Walk } from "./carry-out-round.ts";
import { addUp, type Comparison, compareSlots, sumOf } from "./compare-slots.ts";
import { hostText } from "./hosts.ts";
import { leastMs } from "./time-limits.ts";
import type { Weight } from "./weights.ts";

/** Between two looks at the edges, in milliseconds. */
const lookEveryMs = 5_000;
/** A release is not taken for good sooner, however many ask: what it leaks or fills takes a moment to show. */
const shortestMs = 15_000;
/** By then it shows whether enough will ask. */
const rateMs = 60_000;

/**
 * Compares both slots of all hosts until something can be said of the new one, or it is clear that it cannot be in time. Whoever
 * interrupts ends it at once: the requests stay divided as they are.
 */
export async function watchStep(walk: Walk, of: Weight): Promise<WeighedStep> {
  const { plan, beganAt, ports } = walk;
  const { clock } = ports;
  // What is left is for the steps behind it, and for every host's switch.
  const mostMs = Math.max(shortestMs, (beganAt + plan.environment.timeoutMs - leastMs - clock.now()) / 2);
  const signal = AbortSignal.any([ports.signal, ports.detach]);
  let last = unheard(of, "nobody has looked at it yet");
  const watch = async (): Promise<WeighedStep> =>
    shown(ports.progress, `Compare both slots at ${of.weight} %`, async (own) => {
      for (const began = clock.now(); ;) {
        await clock.sleep(lookEveryMs, signal);
        const seen = await look(walk, of, signal);
        const tookMs = clock.now() - began;
        last = { ...of, verdict: seen.verdict, says: seen.says, ...sums(seen.counts) };
        own.update(`${seen.says} (${span(tookMs)})`);
        const isOver = verdictAt(seen, { tookMs, mostMs, leastMs: Math.max(shortestMs, plan.observeMs) });
        if (isOver === undefined) continue;
        last = { ...last, says: isOver };
        own.done(`${of.weight} %: the new release ${isOver}`);
        return last;
      }
    });
  return watch().catch((error: unknown) => {
    if (!signal.aborted) throw error;
    return { ...last, verdict: "interrupted" };
  });
}

interface Time {
  readonly tookMs: number;
  readonly mostMs: number;
  readonly leastMs: number;
}

/** @returns what is said in the end; undefined where it is looked at again */
function verdictAt(
  { verdict, says, lacking, counts }: Seen,
  { tookMs, mostMs, leastMs: least }: Time,
): string | undefined {
  if (verdict === "worse") return says;
  if (verdict === "as-good") return tookMs >= least ? says : undefined;
  if (tookMs >= mostMs) return says;
  // Whoever does not tell in a minute will not.
  if (counts === undefined) return tookMs >= rateMs ? says : undefined;
  const rate = Math.min(counts.old.requests, counts.new.requests) / tookMs;
  if (lacking === 0 || tookMs < Math.min(rateMs, mostMs) || lacking / rate <= mostMs - tookMs) return undefined;
  const wants = rate === 0 ? "and nobody asks there" : `at this pace it takes ${span(lacking / rate)} more`;
  return `${says}; ${wants}`;
}

interface Seen extends Comparison {
  /** Of all hosts together; undefined where one of them does not tell. */
  readonly counts: SlotCounts | undefined;
}

/** A host whose edge sends other parts there than it was told says nothing of the step. */
async function look({ plan, intent, target }: Walk, { step, weight }: Weight, signal: AbortSignal): Promise<Seen> {
  const hosts = plan.hosts.filter(({ stays }) => !stays).map(({ id, name }) => ({ id, name, online: true }));
  const unknown = (says: string): Seen => ({ verdict: "inconclusive", says, lacking: 0, counts: undefined });
  const asked = target.look(hosts, signal);
  const seen = await unlessAborted(signal, () => asked).catch((error: unknown) => {
    if (signal.aborted || !(error instanceof ThreadsError)) throw error;
    return error.message;
  });
  if (typeof seen === "string") return unknown(`cannot be judged: ${seen}`);
  const all: SlotCounts[] = [];
  for (const { host, summary, silence } of seen) {
    const own = summary?.weighed;
    const slots = own?.slots;
    if (own === undefined || own.bundle !== intent.bundle.digest || own.step !== step)
      return unknown(
        `cannot be judged: ${hostText(host)} ${summary === undefined ? `gives ${silence ?? "no answer"}` : "has no part of the requests for it"}`,
      );
    if (slots == null || slots.new.weight !== weight)
      return unknown(
        `cannot be judged: the edge of ${hostText(host)} was started anew, and sends everything to what serves`,
      );
    all.push(slots);
  }
  const counts = addUp(all);
  return { ...compareSlots(counts), counts };
}

function unheard(of: Weight, says: string): WeighedStep {
  return { ...of, verdict: "inconclusive", says, old: null, new: null };
}

function sums(counts: SlotCounts | undefined): Pick<WeighedStep, "old" | "new"> {
  return counts === undefined ? { old: null, new: null } : { old: sumOf(counts.old), new: sumOf(counts.new) };
}
