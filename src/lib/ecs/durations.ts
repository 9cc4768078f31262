import type { ServiceReport } from "./report.ts";

const units: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6, µs: 1e-6, ns: 1e-9 };

/** Seconds of `1m30s` or `500ms`, as compose writes times. @returns undefined for what is none */
export function secondsIn(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:h|ms|m|s|us|µs|ns))+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s|us|µs|ns)/g)];
  return parts.reduce((sum, [, number = "0", unit = "s"]) => sum + Number(number) * (units[unit] ?? 0), 0);
}

interface Limits {
  /** What it is of, in compose's words. */
  readonly of: string;
  readonly least: number;
  readonly most: number;
  /** What to do where it is more. */
  readonly remedy: string;
}

/**
 * Whole seconds within ECS's limits. Longer than it was asked for harms nothing, and is told; cut off it would end what was
 * meant to go on, and is refused.
 */
export function withinLimits(seconds: number, { of, least, most, remedy }: Limits, report: ServiceReport): number {
  if (seconds > most) {
    report.refuse(`has ${of} of ${shown(seconds)}, and ECS at most ${most} s: ${remedy}`);
    return most;
  }
  const given = Math.max(least, Math.ceil(seconds));
  if (given !== seconds) report.note(`has ${of} of ${shown(seconds)}, which becomes ${given} s on ECS`);
  return given;
}

/** A number of tries within ECS's limits. */
export function triesWithin(tries: number, most: number, report: ServiceReport): number {
  if (tries <= most) return Math.max(1, tries);
  report.refuse(`has ${tries} retries of its health check, and ECS at most ${most}: ask less often instead`);
  return most;
}

function shown(seconds: number): string {
  return seconds < 1 ? `${Math.round(seconds * 1e6) / 1e3} ms` : `${Math.round(seconds * 1e3) / 1e3} s`;
}
