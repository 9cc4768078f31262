import type { Config } from "../../config/config.ts";
import { deployableEnvironment } from "../../fleet/hosts.ts";
import type { Archive, ArchivePlan } from "../../ledger/archive.ts";
import type { ExecFold } from "../../ledger/exec-folding.ts";
import type { Fold } from "../../ledger/folding.ts";
import { type Progress, step } from "../../progress/progress.ts";
import type { CompactResult } from "./result.ts";

export interface CompactPorts {
  readonly config: Config;
  readonly archive: Archive;
  readonly progress: Progress;
  /** Aborted by Ctrl-C: nothing more is begun. */
  readonly signal: AbortSignal;
}

/** Folds the deployments of an environment and the commands that were run there, as far as they lie a year back, ten into one record. Run again, it finishes what was broken off. */
export async function compact(
  options: { readonly environment: string; readonly dryRun: boolean },
  ports: CompactPorts,
): Promise<CompactResult> {
  const { name } = deployableEnvironment(
    ports.config,
    options.environment,
    (other) => `threads history -e ${other} --compact`,
  );
  const plan = await step(ports.progress, `Look at the deployments of ${name}`, () => ports.archive.look(name));
  const { folds, execFolds, stoppedBy, serverTime } = plan;
  const outcome = await carryOut(plan, options, ports);
  return {
    environment: name,
    outcome,
    deployments: folds.reduce((sum, { deployments }) => sum + deployments.length, 0),
    execs: execFolds.reduce((sum, { execs }) => sum + execs.length, 0),
    records: folds.length + execFolds.length,
    freed: [...folds.map(freedBy), ...execFolds.map(freedByExecs)].reduce((sum, freed) => sum + freed, 0),
    stoppedBy: stoppedBy ?? null,
    next: stoppedBy === undefined ? [] : [`aws ssm get-parameter --name ${stoppedBy}`],
    advice: [],
    observedAt: new Date(serverTime).toISOString(),
  };
}

async function carryOut(
  { folds, execFolds }: ArchivePlan,
  { dryRun }: { readonly dryRun: boolean },
  { archive, progress, signal }: CompactPorts,
): Promise<CompactResult["outcome"]> {
  const all = [
    ...folds.map((fold) => () => archive.fold(fold)),
    ...execFolds.map((fold) => () => archive.foldExecs(fold)),
  ];
  if (all.length === 0) return "nothing-to-compact";
  if (dryRun) return "planned";
  await step(progress, "Fold them", async (own) => {
    for (const [index, write] of all.entries()) {
      signal.throwIfAborted();
      own.update(`record ${index + 1} of ${all.length}`);
      await write();
    }
  });
  return "compacted";
}

function freedBy({ intents, others, isWritten }: Fold): number {
  return intents.length + others.length - (isWritten ? 0 : 1);
}

function freedByExecs({ names, isWritten }: ExecFold): number {
  return names.length - (isWritten ? 0 : 1);
}
