import type { Config } from "../../config/config.ts";
import { hostedEnvironment } from "../../fleet/hosts.ts";
import type { Archive } from "../../ledger/archive.ts";
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

/** Folds the deployments of an environment that lie a year back, ten into one record. Run again, it finishes what was broken off. */
export async function compact(
  options: { readonly environment: string; readonly dryRun: boolean },
  ports: CompactPorts,
): Promise<CompactResult> {
  const { name } = hostedEnvironment(
    ports.config,
    options.environment,
    (other) => `threads history -e ${other} --compact`,
  );
  const { folds, stoppedBy, serverTime } = await step(ports.progress, `Look at the deployments of ${name}`, () =>
    ports.archive.look(name),
  );
  const { outcome, done } = await carryOut(folds, options, ports);
  return {
    environment: name,
    outcome,
    deployments: done.reduce((sum, { deployments }) => sum + deployments.length, 0),
    records: done.length,
    freed: done.reduce((sum, fold) => sum + freedBy(fold), 0),
    stoppedBy: stoppedBy ?? null,
    next: stoppedBy === undefined ? [] : [`aws ssm get-parameter --name ${stoppedBy}`],
    advice: [],
    observedAt: new Date(serverTime).toISOString(),
  };
}

async function carryOut(
  folds: readonly Fold[],
  { dryRun }: { readonly dryRun: boolean },
  { archive, progress, signal }: CompactPorts,
): Promise<{ readonly outcome: CompactResult["outcome"]; readonly done: readonly Fold[] }> {
  if (folds.length === 0) return { outcome: "nothing-to-compact", done: [] };
  if (dryRun) return { outcome: "planned", done: folds };
  await step(progress, "Fold them", async (own) => {
    for (const [index, fold] of folds.entries()) {
      signal.throwIfAborted();
      own.update(`record ${index + 1} of ${folds.length}`);
      await archive.fold(fold);
    }
  });
  return { outcome: "compacted", done: folds };
}

function freedBy({ intents, outcomes, isWritten }: Fold): number {
  return intents.length + outcomes.length - (isWritten ? 0 : 1);
}
