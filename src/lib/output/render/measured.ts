import type { StepTiming } from "../../fleet/timings.ts";
import type { TaskCount, Traffic } from "../../script/summary.ts";
import { count, took, waited } from "../../text/words.ts";
import type { Paint } from "../paint.ts";

/** What edges have counted while slots took over; nothing where no host has one. */
export function trafficLines(hosts: readonly { readonly traffic: Traffic | null }[], paint: Paint): string[] {
  const counted = hosts.flatMap(({ traffic }) => traffic ?? []);
  if (counted.length === 0) return [];
  const sum = (key: "requests" | "failed"): number => counted.reduce((all, one) => all + one[key], 0);
  const text = `${count(sum("requests"), "request")} meanwhile, ${sum("failed")} failed`;
  return [sum("failed") === 0 ? text : paint.warn(text), ...waitLine(counted, paint)];
}

/** What became of tasks while old workers ended; nothing where no worker's log tells. */
export function taskLines(hosts: readonly { readonly tasks: TaskCount | null }[], paint: Paint): string[] {
  const counted = hosts.flatMap(({ tasks }) => tasks ?? []);
  if (counted.length === 0) return [];
  const sum = (key: keyof TaskCount): number => counted.reduce((all, one) => all + one[key], 0);
  const text = `${count(sum("finished"), "task")} finished while the workers ended, ${sum("lost")} lost`;
  return [sum("lost") === 0 ? text : paint.warn(text)];
}

/** How long people waited, where they asked on the host that was worst off. */
function waitLine(counted: readonly Traffic[], paint: Paint): string[] {
  const worst = (key: "longestGapMs" | "p99BeforeMs" | "p99AfterMs"): string | undefined => {
    const known = counted.flatMap((one) => one[key] ?? []);
    return known.length === 0 ? undefined : waited(Math.max(...known));
  };
  const [gap, before, after] = [worst("longestGapMs"), worst("p99BeforeMs"), worst("p99AfterMs")];
  if (gap === undefined) return [];
  const p99 = [before && `${before} before`, after && `${after} after`].filter((part) => part !== undefined);
  return [paint.dim(`  longest wait without an answer ${gap}${p99.length === 0 ? "" : ` · p99 ${p99.join(", ")}`}`)];
}

/** What is over in half a second, before and now, nobody needs to read. */
const worthReadingMs = 500;

/** What the time on the hosts went to. */
export function timingLine(timings: readonly StepTiming[], paint: Paint): string[] {
  const parts = timings
    .filter(({ tookMs, usualMs }) => Math.max(tookMs, usualMs ?? 0) >= worthReadingMs)
    .map(({ step, tookMs, usualMs }) => {
      const isUsual = usualMs === null || Math.abs(usualMs - tookMs) < worthReadingMs;
      return `${step} ${took(tookMs)}${isUsual ? "" : ` (usually ${took(usualMs)})`}`;
    });
  return parts.length === 0 ? [] : [paint.dim(`  ${parts.join(" · ")}`)];
}
