import { ThreadsError } from "../errors/threads-error.ts";
import { blockIn } from "./deployment.ts";
import { deploymentNames } from "./deployment-names.ts";
import { encodeBlock } from "./folded.ts";
import { type Fold, type FoldPlan, holds, planFolds } from "./folding.ts";
import { createParameter, deleteParameters, readFolder, readParameter, type StorePorts } from "./store.ts";

/** Folds deployments that are long past, so that Parameter Store has room for new ones. */
export interface Archive {
  /** Reads only, and reads everything. */
  look(environment: string): Promise<FoldPlan & { readonly serverTime: number }>;
  /**
   * Writes ten deployments into one record, reads it back, and only then deletes them: broken off at any point nothing is lost,
   * and run again it finishes. @throws ThreadsError FOLD_DIFFERS (conflict) where the record says something else
   */
  fold(fold: Fold): Promise<void>;
}

/** The archive in Parameter Store. */
export function parameterArchive(ports: StorePorts): Archive {
  const { version } = ports;
  return {
    look: async (environment) => {
      const names = deploymentNames(ports.app, environment);
      const reading = await readFolder(names.folder, ports);
      return { ...planFolds(reading, { names, version }), serverTime: reading.serverTime };
    },
    fold: async ({ name, deployments, isWritten, intents, outcomes }) => {
      if (!isWritten) await createParameter(name, encodeBlock(deployments, version), ports);
      if (!holds(blockIn(name, await readParameter(name, ports), version), deployments)) throw differs(name);
      await deleteParameters(intents, ports);
      await deleteParameters(outcomes, ports);
    },
  };
}

function differs(name: string): ThreadsError {
  return new ThreadsError("FOLD_DIFFERS", {
    message: `the ledger's parameter ${name} does not hold the deployments that were to be folded into it; they were left alone`,
    next: [`aws ssm get-parameter --name ${name}`],
  });
}
