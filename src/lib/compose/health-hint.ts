import { span } from "../text/words.ts";
import type { Container } from "./containers.ts";

/** What a health check says where it is the check that is wrong, and not the service that it looks at. */
const hints: readonly { readonly says: RegExp; readonly hint: (word: string, service: string) => string }[] = [
  {
    // Docker's words for `CMD`, and those of sh and bash for `CMD-SHELL`.
    says: /exec: "([\w./-]+)": (?:executable file not found|stat )|(?:sh|bash): (?:\d+: |line \d+: )?([\w./-]+): (?:command )?not found/,
    hint: (program, service) => `${program} is not in the image: the health check is broken, and not ${service}`,
  },
  {
    says: /(?:\[::1\]|localhost \(::1\)|::1 port)[^]*refused/,
    hint: (_, service) =>
      `the health check asks localhost, which is ::1 there: where ${service} listens on IPv4 only, let it ask 127.0.0.1`,
  },
];

/** @param log what the health check said, an entry a run. @returns a sentence, where its words give the reason away */
export function healthHint(service: string, log: readonly string[]): string | undefined {
  const text = log.join("\n");
  for (const { says, hint } of hints) {
    const found = says.exec(text);
    if (found !== null) return hint(found[1] ?? found[2] ?? "", service);
  }
  return undefined;
}

/** What docker takes where nobody has set it (docs.docker.com, HEALTHCHECK). */
const usual = { intervalMs: 30_000, retries: 3 };

/** Unhealthy is final for a start: how many tries that were, and what gives it more. */
export function tooFewTries({ service, health, healthCheck }: Container): string | undefined {
  if (health !== "unhealthy" || healthCheck === undefined) return undefined;
  const tries = healthCheck.retries || usual.retries;
  const every = span(healthCheck.intervalMs || usual.intervalMs);
  const word = tries === 1 ? "try" : "tries";
  return `if ${service} only needs longer to start, raise start_period of its health check: ${tries} ${word} in a row, one every ${every}, have failed`;
}

/** Starts that last a whole interval, since docker heeds the one setting only where the other is there: a sentence a service. */
export function ignoredStartIntervals(containers: readonly Container[]): string[] {
  const ignored = containers.flatMap(({ service, healthCheck }) => {
    if (healthCheck === undefined || healthCheck.startIntervalMs === 0 || healthCheck.startPeriodMs > 0) return [];
    const every = span(healthCheck.intervalMs || usual.intervalMs);
    return `docker ignores start_interval in the health check of ${service}, since start_period is not set: the first look comes after ${every}`;
  });
  return [...new Set(ignored)];
}
