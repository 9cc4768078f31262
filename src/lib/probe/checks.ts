import type { Clock } from "../clock/clock.ts";
import type { CheckConfig } from "../config/config.ts";
import type { Asked, CheckResult, RunIn, Seen, Tries } from "./check.ts";
import { tryCommand } from "./command-check.ts";
import type { HttpGet, Reply } from "./http-get.ts";
import { tryRequest } from "./request-check.ts";

export interface CheckOptions {
  /** `http://127.0.0.1:PORT`. */
  readonly base: string;
  readonly checks: readonly CheckConfig[];
  /** What X-Release must be. */
  readonly revision: string;
  /** For all checks together, in milliseconds. */
  readonly timeoutMs: number;
}

export interface ProbePorts {
  readonly get: HttpGet;
  readonly exec: RunIn;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** One try may take this long. */
const requestMs = 15_000;
const commandMs = 60_000;
const pauseMs = 100;
/** Between two tries of what may come true later. */
const againMs = 500;
/** So long a proxy may say that what is behind it is not there yet. */
const gatewayMs = 10_000;
const notYet = new Set([502, 503, 504]);

/**
 * Runs all checks at the same time, and all of each page's assets: the one place where they run. A check with `within` is tried
 * again until it holds or that time is over.
 * @returns one result a check, in their order; a check that fails does not reject
 */
export async function runChecks(options: CheckOptions, ports: ProbePorts): Promise<CheckResult[]> {
  const { clock, signal } = ports;
  const deadline = clock.now() + options.timeoutMs;
  const tries = {
    base: options.base,
    revision: options.revision,
    get: patientGet(deadline, options.timeoutMs, ports),
    exec: ports.exec,
    tryMs: () => Math.max(1, Math.min(commandMs, deadline - clock.now())),
    now: () => clock.now(),
    signal,
  };
  return Promise.all(
    options.checks.map(async (check) => {
      const startedAt = clock.now();
      const until = Math.min(startedAt + check.withinMs, deadline);
      for (;;) {
        const seen = await tryOnce(check, tries);
        signal.throwIfAborted();
        if (seen.ok || clock.now() + againMs > until)
          return { path: check.path, ...seen, tookMs: clock.now() - startedAt };
        await clock.sleep(againMs, signal);
      }
    }),
  );
}

async function tryOnce(check: CheckConfig, tries: Tries): Promise<Seen> {
  if (check.kind === "request") return tryRequest(check, tries);
  if (check.kind === "command") return tryCommand(check, tries);
  const { tryCertificate } = await import("./certificate-check.ts");
  return tryCertificate(check, tries);
}

/**
 * Tried again are a connection that nobody accepts, until the first answer ever, and for a moment a proxy that does not
 * reach what is behind it: without a health check nobody has waited for that one.
 */
function patientGet(deadline: number, timeoutMs: number, { get, clock, signal }: ProbePorts): Tries["get"] {
  const door = { opened: false };
  const patient = clock.now() + Math.min(gatewayMs, timeoutMs);
  return async (url: string, asked: Asked): Promise<Reply> => {
    for (;;) {
      const left = deadline - clock.now();
      try {
        const reply = await get(url, { signal, timeoutMs: Math.max(1, Math.min(requestMs, left)), ...asked });
        door.opened = true;
        if (!notYet.has(reply.status) || clock.now() >= patient) return reply;
      } catch (error) {
        signal.throwIfAborted();
        if (door.opened || !isNotOpen(error) || left <= pauseMs) throw error;
      }
      await clock.sleep(pauseMs, signal);
    }
  };
}

/** The published port accepts and drops connections while nothing listens behind it, so a reset counts as refused. */
function isNotOpen(error: unknown): boolean {
  return ["ECONNREFUSED", "ECONNRESET", "EPIPE"].includes(String((error as NodeJS.ErrnoException).code));
}
