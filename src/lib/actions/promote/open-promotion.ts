import type { AwsClients } from "../../aws/clients.ts";
import type { Clock } from "../../clock/clock.ts";
import type { Config } from "../../config/config.ts";
import { author } from "../../ledger/author.ts";
import { parameterLedger } from "../../ledger/parameters.ts";
import type { Processes } from "../../process/processes.ts";
import type { Progress } from "../../progress/progress.ts";
import { ecrLifecycle } from "../../registry/lifecycle/source.ts";
import { lifecycleWarnings } from "../../registry/lifecycle/warnings.ts";
import { openRegistry } from "../../registry/open.ts";
import { ecrScans } from "../../registry/ecr/scan-findings.ts";
import { gitSource } from "../../source/git.ts";
import { gitLineage } from "../../source/lineage.ts";
import type { PromotePorts } from "./ports.ts";

/** What is needed of the world outside. */
export interface Surroundings {
  readonly config: Config;
  readonly aws: AwsClients;
  readonly processes: Processes;
  readonly clock: Clock;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of this CLI. */
  readonly version: string;
}

/** The ports that promote and gates share, each with its real adapter. Nothing is asked beyond what openRegistry settles. */
export async function openPromotion(world: Surroundings): Promise<Omit<PromotePorts, "docker" | "smoke">> {
  const { config, aws, processes, clock, progress, signal, env, version } = world;
  const opened = await openRegistry({ config, aws, clock, signal });
  const reading = { ...opened, aws, clock, signal };
  const git = { processes, root: config.root };
  return {
    ...opened,
    config,
    source: gitSource(git),
    lineage: gitLineage(git),
    scans: ecrScans(reading),
    ledger: parameterLedger({ aws, clock, signal, app: config.app, version, progress }),
    lifecycle: (images) =>
      lifecycleWarnings({ protected: images, now: clock.now(), repo: opened.repo }, ecrLifecycle(reading)),
    author: author(env),
    version,
    progress,
    clock,
    signal,
  };
}
