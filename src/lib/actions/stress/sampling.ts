import type { Clock } from "../../clock/clock.ts";
import type { EnvironmentConfig } from "../../config/config.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import type { Answer } from "../../fleet/answer.ts";
import type { MemberStatsOf } from "../../fleet/member-stats.ts";
import type { Member } from "../../fleet/target.ts";
import type { StatsReport } from "../../script/stats-report.ts";
import type { HostStats } from "./result.ts";

interface Sampled {
  readonly environment: EnvironmentConfig;
  readonly hosts: readonly Member[];
  readonly durationMs: number;
}

interface SamplingPorts {
  readonly statsOf: MemberStatsOf;
  readonly clock: Pick<Clock, "sleep">;
  readonly signal: AbortSignal;
}

/** What goes on beside a load; it fails never. */
export interface Sampling {
  /** What hosts have told, once the load is over: they are waited for a moment. One for each host. */
  told(): Promise<readonly HostStats[]>;
  /** Nobody wants it any more. Resolves when the hosts were told so. */
  drop(): Promise<void>;
}

/** They begin a second or two after the load, and docker takes as long for its last sample. */
const lateMs = 20_000;

/** Begins to ask hosts what the application's containers take, for as long as the load is to last. Nothing of it is in its way. */
export function sampling({ environment, hosts, durationMs }: Sampled, ports: SamplingPorts): Sampling {
  const dropped = new AbortController();
  const signal = AbortSignal.any([ports.signal, dropped.signal]);
  const asking = (async () => {
    try {
      const heard = await (await ports.statsOf(environment)).sample(hosts, durationMs, signal);
      return hosts.map(({ id, name }) => statsOf(name, heard.get(id) ?? { silence: "no answer" }));
    } catch (error) {
      const silence = silenceBy(error, ports.signal.aborted, dropped.signal.aborted);
      return hosts.map(({ name }) => statsOf(name, { silence }));
    }
  })();
  return {
    told: async () => {
      const ended = new AbortController();
      const late = ports.clock.sleep(lateMs, AbortSignal.any([ended.signal, ports.signal])).then(
        () => dropped.abort(),
        () => undefined,
      );
      const stats = await asking;
      ended.abort();
      await late;
      return stats;
    },
    drop: async () => {
      dropped.abort();
      await asking;
    },
  };
}

function silenceBy(error: unknown, isInterrupted: boolean, isLate: boolean): string {
  if (isInterrupted) return "interrupted before it told";
  if (isLate) return `no answer within ${lateMs / 1000} s after the load`;
  if (error instanceof ThreadsError) return [error.message, ...error.next.slice(0, 1)].join(": ");
  return error instanceof Error ? error.message : String(error);
}

function statsOf(host: string, answer: Answer<StatsReport>): HostStats {
  if ("silence" in answer) return { host, silence: answer.silence, samples: null, missed: null, services: null };
  const { samples, missed, services } = answer.report;
  return { host, silence: null, samples, missed, services };
}
