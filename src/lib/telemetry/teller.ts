import type { Clock } from "../clock/clock.ts";
import { wordsOf } from "../errors/words-of.ts";
import { headOf } from "../runs/head.ts";
import { jobUrl } from "../runs/job-url.ts";
import type { RunRecorder } from "../runs/recorder.ts";
import { redactor } from "../runs/redact.ts";
import type { ToldRun, ToldTask } from "./told-run.ts";
import { trafficIn } from "./traffic-in.ts";

type Variables = Readonly<Record<string, string | undefined>>;

interface TellerOptions {
  readonly command: string;
  readonly environment: string | null;
  readonly version: string;
  readonly env: Variables;
  readonly clock: Clock;
  readonly warn: (message: string) => void;
  /** So long it waits for whoever is told, in milliseconds, where the environment says nothing. */
  readonly patienceMs?: number;
}

interface Teller extends Pick<RunRecorder, "tell" | "openAt"> {
  readonly end: (ending: Parameters<RunRecorder["end"]>[0]) => Promise<{ readonly goesOn: boolean }>;
}

/** Who waits for a command has its result by then, and wants the prompt. */
const usualPatienceMs = 3_000;

/** The same record, with those who are told once it has been written. */
export function alsoTold(record: RunRecorder, options: TellerOptions): RunRecorder {
  const told = teller(options);
  return {
    ...record,
    tell: (event) => {
      record.tell(event);
      told.tell(event);
    },
    openAt: (config) => {
      record.openAt(config);
      told.openAt(config);
    },
    end: async (ending) => {
      await record.end(ending);
      return told.end(ending);
    },
  };
}

/**
 * Gathers what a command does, and tells whoever the environment names once it has ended: waits until they have it, but not for
 * long. Nothing of it ever fails the command.
 */
export function teller(options: TellerOptions): Teller {
  const { command, environment, version, env, clock, warn, patienceMs = usualPatienceMs } = options;
  const redact = redactor(env);
  const startedAt = clock.now();
  const tasks = new Map<number, ToldTask>();
  let opened: Pick<ToldRun, "app" | "head"> | undefined;
  return {
    tell: (told) => {
      if (told.event === "begin")
        tasks.set(told.task, { title: redact(told.title), startedAt: clock.now(), endedAt: undefined, ok: false });
      else if (told.event === "end") {
        const begun = tasks.get(told.task);
        if (begun !== undefined) tasks.set(told.task, { ...begun, endedAt: clock.now(), ok: told.ok });
      }
    },
    // Somebody may check out another commit meanwhile.
    openAt: ({ app, root }) => void (opened ??= { app, head: headOf(root) }),
    end: async ({ exitCode, result }) => {
      const failure = failureIn(result);
      const run: ToldRun = {
        command,
        app: opened?.app ?? null,
        environment,
        head: opened?.head ?? null,
        url: jobUrl(env),
        version,
        startedAt,
        endedAt: clock.now(),
        exitCode,
        failure: failure === undefined ? null : { code: failure.code, message: redact(failure.message) },
        tasks: [...tasks.values()],
        traffic: trafficIn(result),
      };
      const problems = await tellOf(run, { env, clock, patienceMs });
      for (const { says } of problems) warn(redact(says));
      return { goesOn: problems.some(({ isLate }) => isLate) };
    },
  };
}

/** As --json prints it. */
function failureIn(result: unknown): { readonly code: string; readonly message: string } | undefined {
  const { code, message } = (result ?? {}) as { readonly code?: unknown; readonly message?: unknown };
  return typeof code === "string" && typeof message === "string" ? { code, message } : undefined;
}

interface Problem {
  readonly says: string;
  /** It goes on, although nobody waits for it any more. */
  readonly isLate: boolean;
}

type Ways = Required<Pick<TellerOptions, "env" | "clock" | "patienceMs">>;

interface Patience {
  readonly clock: Pick<Clock, "sleep">;
  readonly ms: number;
}

/** @returns what did not work */
async function tellOf(run: ToldRun, how: Ways): Promise<readonly Problem[]> {
  const { env } = how;
  const endpoint = env["AWS_EMF_AGENT_ENDPOINT"];
  const ways = [
    ...(namesCollector(env) ? [asSpans(run, how)] : []),
    ...(endpoint ? [asMetrics(run, how, endpoint)] : []),
  ];
  return (await Promise.all(ways)).flatMap((problem) => problem ?? []);
}

/** What sends has a time for one answer at most, if that: none for a name that nobody resolves, nor for an answer that drips. */
async function inTime(what: string, sending: Promise<void>, { clock, ms }: Patience): Promise<Problem | undefined> {
  const over = new AbortController();
  const late = clock.sleep(ms, over.signal).then(
    (): Problem => ({ says: `${what}: nobody took it within ${ms / 1000} s`, isLate: true }),
    () => undefined,
  );
  const sent = sending.then(
    () => undefined,
    (error: unknown): Problem => ({ says: `${what}: ${wordsOf(error)}`, isLate: false }),
  );
  try {
    return await Promise.race([sent, late]);
  } finally {
    over.abort();
  }
}

/** OpenTelemetry's own variables, two of which switch it off. */
function namesCollector(env: Variables): boolean {
  if (env["OTEL_SDK_DISABLED"]?.toLowerCase() === "true" || env["OTEL_TRACES_EXPORTER"] === "none") return false;
  return Boolean(env["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] || env["OTEL_EXPORTER_OTLP_ENDPOINT"]);
}

function asSpans(run: ToldRun, { env, clock, patienceMs }: Ways): Promise<Problem | undefined> {
  const own = Number(env["OTEL_EXPORTER_OTLP_TRACES_TIMEOUT"] || env["OTEL_EXPORTER_OTLP_TIMEOUT"]);
  const timeoutMs = own > 0 ? own : patienceMs;
  const send = async (): Promise<void> => {
    const [{ spansOf }, { sendSpans }] = await Promise.all([import("./spans.ts"), import("./send-spans.ts")]);
    await sendSpans(await spansOf(run, env), env, timeoutMs);
  };
  return inTime("no trace of this run was left", send(), { clock, ms: timeoutMs });
}

function asMetrics(run: ToldRun, { env, clock, patienceMs }: Ways, endpoint: string): Promise<Problem | undefined> {
  const send = async (): Promise<void> => {
    const [{ metricLines }, { sendMetrics }] = await Promise.all([import("./metrics.ts"), import("./send-metrics.ts")]);
    await sendMetrics(metricLines(run, env), endpoint, AbortSignal.timeout(patienceMs));
  };
  return inTime("no metrics of this run were left", send(), { clock, ms: patienceMs });
}
