import { unpackedLine } from "./summary.ts";

/** What stats.sh says of the application's containers on its host. */
export interface StatsReport {
  /** lacking: a program, see `message`. no-docker: docker told in no sample what containers take. */
  readonly end: "sampled" | "lacking" | "no-docker";
  readonly message: string;
  readonly samples: number;
  /** Of these, docker did not answer in so many. */
  readonly missed: number;
  /** Services of which a container ran, in the order in which they were seen. */
  readonly services: readonly ServiceStats[];
}

/** What a service's containers took together: 100 % is one core. Of memory, what cannot be given back (without the page cache). */
export interface ServiceStats {
  readonly service: string;
  /** In so many samples one of its containers ran: only those count. */
  readonly samples: number;
  readonly cpuPercent: MeanAndPeak;
  readonly memoryBytes: MeanAndPeak;
  /** Thinned out, oldest first; where none of its containers ran there is no point. */
  readonly points: readonly StatsPoint[];
}

export interface MeanAndPeak {
  readonly mean: number;
  readonly peak: number;
}

export interface StatsPoint {
  /** Since the host has begun to sample, which is a second or two after the first request. */
  readonly second: number;
  /** Mean of the samples from then to the next point. */
  readonly cpuPercent: number;
  /** The most of them. */
  readonly memoryBytes: number;
}

type Pair = readonly [mean: number, peak: number];

/** As the host writes it: memory in KiB. */
interface RawReport extends Omit<StatsReport, "services"> {
  readonly action: string;
  readonly nonce: string;
  readonly services: readonly {
    readonly service: string;
    readonly samples: number;
    readonly cpu: Pair;
    readonly memory: Pair;
    readonly points: readonly (readonly [second: number, percent: number, kib: number])[];
  }[];
}

const ends: readonly string[] = ["sampled", "lacking", "no-docker"] satisfies StatsReport["end"][];

/** @returns undefined where it is no whole answer to this very question: the script was killed, or its output cut off */
export function parseStatsReport(stdout: string, nonce: string): StatsReport | undefined {
  try {
    const raw = unpackedLine(stdout.trim()) as RawReport;
    if (raw.action !== "stats" || raw.nonce !== nonce || !ends.includes(raw.end)) return undefined;
    const { end, message, samples, missed } = raw;
    const services = raw.services.map(({ service, samples: own, cpu, memory, points }) => ({
      service,
      samples: own,
      cpuPercent: { mean: cpu[0], peak: cpu[1] },
      memoryBytes: { mean: memory[0] * 1024, peak: memory[1] * 1024 },
      points: points.map(([second, cpuPercent, kib]) => ({ second, cpuPercent, memoryBytes: kib * 1024 })),
    }));
    return { end, message, samples, missed, services };
  } catch {
    return undefined;
  }
}
