import type { ImageHealth } from "./image-facts.ts";
import { secondsIn, triesWithin, withinLimits } from "./durations.ts";
import type { ServiceReport } from "./report.ts";
import type { HealthCheck } from "./task-definition.ts";
import { isTrue } from "./variables.ts";

/** A health check as compose writes it, variables filled in; what it leaves out the image says. */
export interface WrittenCheck {
  readonly test?: string | readonly string[];
  readonly disable?: boolean | string;
  readonly interval?: string;
  readonly timeout?: string;
  readonly start_period?: string;
  readonly start_interval?: string;
  readonly retries?: number | string;
}

/** Docker's own, in seconds (Dockerfile reference, HEALTHCHECK). */
const usual = { interval: 30, timeout: 30, retries: 3 } as const;

/**
 * The check that docker would make, written out: ECS's agent looks at nothing but the definition, and takes no notice of a
 * HEALTHCHECK in an image (API reference, HealthCheck).
 * @param image undefined where the image has none, or is not known yet
 */
export function healthCheckOf(
  written: WrittenCheck | undefined,
  image: ImageHealth | undefined,
  report: ServiceReport,
): HealthCheck | undefined {
  const command = commandOf(written, image);
  if (command === undefined) return undefined;
  const time = (key: "interval" | "timeout" | "start_period", of: number | undefined): number | undefined =>
    // Docker takes 0 for what is not said.
    timeOf(written?.[key], key, report) || of;
  const startPeriod = time("start_period", image?.startPeriod) ?? 0;
  if (timeOf(written?.start_interval, "start_interval", report) || image?.startInterval !== undefined)
    report.note("asks more often while it starts (start_interval): ECS asks every interval from the beginning");
  const limits = { of: "an interval", least: 5, most: 300, remedy: "ask more often" };
  const timeout = { of: "a timeout", least: 2, most: 60, remedy: "let the check itself give up sooner" };
  const start = {
    of: "a start_period",
    least: 0,
    most: 300,
    remedy: "let more retries (up to 10) cover the rest of the start",
  };
  return {
    command,
    interval: withinLimits(time("interval", image?.interval) ?? usual.interval, limits, report),
    timeout: withinLimits(time("timeout", image?.timeout) ?? usual.timeout, timeout, report),
    retries: triesWithin(Number(written?.retries ?? 0) || (image?.retries ?? usual.retries), 10, report),
    ...(startPeriod > 0 && { startPeriod: withinLimits(startPeriod, start, report) }),
  };
}

/** Both have the same two forms, CMD and CMD-SHELL. */
function commandOf(written: WrittenCheck | undefined, image: ImageHealth | undefined): readonly string[] | undefined {
  if (isTrue(written?.disable)) return undefined;
  const test = written?.test ?? image?.test;
  if (test === undefined || test.length === 0) return undefined;
  if (typeof test === "string") return ["CMD-SHELL", test];
  return test[0] === "NONE" ? undefined : test;
}

function timeOf(text: string | undefined, key: string, report: ServiceReport): number | undefined {
  if (text === undefined) return undefined;
  const seconds = secondsIn(text);
  if (seconds === undefined)
    report.refuse(`has ${JSON.stringify(text)} as ${key} of its health check, which is no time`);
  return seconds;
}
