import { ThreadsError } from "../errors/threads-error.ts";
import { blockIn } from "./deployment.ts";
import { deploymentNames } from "./deployment-names.ts";
import { execBlock, execBlockIn, type ExecFold, holdsExecs, planExecFolds } from "./exec-folding.ts";
import { execFolder } from "./execs.ts";
import { encodeBlock } from "./folded.ts";
import { type Fold, type FoldPlan, holds, planFolds } from "./folding.ts";
import { wholeRecords } from "./long-record.ts";
import { encodeRecord } from "./record.ts";
import { createParameter, deleteParameters, readFolder, readParameter, type StorePorts } from "./store.ts";

/** Folds deployments and commands that are long past, so that Parameter Store has room for new ones. */
export interface Archive {
  /** Reads only, and reads everything. */
  look(environment: string): Promise<ArchivePlan>;
  /**
   * Writes ten deployments into one record, reads it back, and only then deletes them: broken off at any point nothing is lost,
   * and run again it finishes. @throws ThreadsError FOLD_DIFFERS (conflict) where the record says something else
   */
  fold(fold: Fold): Promise<void>;
  /** The same for commands that were run in containers. */
  foldExecs(fold: ExecFold): Promise<void>;
}

export interface ArchivePlan extends FoldPlan {
  readonly execFolds: readonly ExecFold[];
  /** Milliseconds since the epoch, by the server's clock. */
  readonly serverTime: number;
}

/** The archive in Parameter Store. */
export function parameterArchive(ports: StorePorts): Archive {
  const { version } = ports;
  return {
    look: async (environment) => {
      const names = deploymentNames(ports.app, environment);
      const folder = `/${ports.app}/${environment}/${execFolder}`;
      const [reading, execs] = await Promise.all([readFolder(names.folder, ports), readFolder(folder, ports)]);
      const execFolds = planExecFolds(execs, { folder, version });
      const found = await wholeRecords(reading.found, ports);
      return { ...planFolds({ ...reading, found }, { names, version }), execFolds, serverTime: reading.serverTime };
    },
    fold: async ({ name, deployments, isWritten, intents, others }) => {
      if (!isWritten) await createParameter(name, encodeBlock(deployments, version), ports);
      if (!holds(blockIn(name, await readParameter(name, ports), version), deployments)) throw differs(name);
      await deleteParameters(intents, ports);
      await deleteParameters(others, ports);
    },
    foldExecs: async ({ name, execs, isWritten, names }) => {
      const text = encodeRecord(execBlock(execs, version), "a record of folded commands", {});
      if (!isWritten) await createParameter(name, text, ports);
      if (!holdsExecs(execBlockIn(name, await readParameter(name, ports), version), execs)) throw differs(name);
      await deleteParameters(names, ports);
    },
  };
}

function differs(name: string): ThreadsError {
  return new ThreadsError("FOLD_DIFFERS", {
    message: `the ledger's parameter ${name} does not hold what was to be folded into it; that was left alone`,
    next: [`aws ssm get-parameter --name ${name}`],
  });
}
