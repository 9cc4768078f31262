import type { Config } from "../../config/config.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { type ContractsSince, contractsOnTop, contractsSince } from "../../ledger/contracts.ts";
import type { Standing } from "../../ledger/standing.ts";
import { commandText } from "../../process/processes.ts";
import type { Progress } from "../../progress/progress.ts";
import type { Migration, MigrationChange } from "../../release/migrations.ts";
import { shortRevision } from "../../release/revision.ts";
import { count, list } from "../../text/words.ts";
import type { Target } from "./target.ts";

/** What a rollback finds in the database. */
export interface WayBack {
  /** What of it the record of the rollback keeps; undefined where it is not known. */
  readonly migrations: MigrationChange | undefined;
  /** Contract migrations that it goes back across: what runs, or may run on some hosts, has them. */
  readonly crossed: readonly string[];
  readonly isKnown: boolean;
  /** What a deployment forward would bring: what has not come to every host, or what is checked out. */
  readonly forward: string;
}

/** From the deployments alone: no registry, no host. */
export function wayBack({ release, log }: Target, standing: Standing): WayBack {
  const { unsettled, unsettledBefore, tried } = standing;
  const since = contractsSince(release, log.deployments);
  const open = [...(unsettled === undefined ? [] : [unsettled, ...unsettledBefore]), ...tried];
  const { added, isKnown } = contractsOnTop(since, open);
  return {
    migrations: since.isKnown ? asChange(since) : undefined,
    crossed: added,
    isKnown,
    forward: unsettled?.intent.revision ?? "HEAD",
  };
}

/** The other way round: what came since goes, what went is back. */
function asChange({ added, dropped }: ContractsSince): MigrationChange {
  const contract = (name: string): Migration => ({ name, kind: "contract" });
  return { added: dropped.map(contract), dropped: added.map(contract) };
}

interface Wanted {
  readonly environment: string;
  readonly target: Target;
  /** The command that goes there, with all its words. */
  readonly again: string;
}

/**
 * Behind a contract migration the release before may find nothing of what it needs: that is for a person to say. Only known
 * ones stand in the way. @throws ThreadsError ACROSS_CONTRACT (refused)
 */
export function requireOpen(wanted: Wanted, { crossed, forward }: WayBack, { runtime }: Pick<Config, "runtime">): void {
  if (crossed.length === 0) return;
  const { environment, again } = wanted;
  const { release } = wanted.target;
  const reverse = undoCommand(environment, crossed, runtime);
  throw new ThreadsError("ACROSS_CONTRACT", {
    message: `${shortRevision(release.revision)} is from before ${count(crossed.length, "contract migration")} of ${environment}: ${list(crossed)}; the database may lack what it needs`,
    next: [`threads deploy -e ${environment} ${forward}`, ...reverse, `${again} --across-contract`],
    advice: [
      "the way forward is a release that corrects it",
      reverse.length === 0
        ? "the way back: take these migrations back by hand first, newest first"
        : "the way back: take the migrations back first, as far as they can be; what they removed is lost",
      "--across-contract goes back and leaves the database as it is",
    ],
  });
}

/** Runs where the newer release still does: the older one does not know these migrations. */
function undoCommand(
  environment: string,
  crossed: readonly string[],
  { migrations }: Pick<Config["runtime"], "migrations">,
): readonly string[] {
  const [file, ...args] = migrations?.undo ?? [];
  if (migrations === undefined || file === undefined) return [];
  const command = commandText({ file, args: [...args, ...crossed.toReversed()] });
  return [`threads exec -e ${environment} ${migrations.service} -- ${command}`];
}

/** Where the records do not tell, nothing stands in the way, and nobody may take that for a yes. */
export function tellUnknown(
  { release }: Target,
  { isKnown }: WayBack,
  { config, progress }: { readonly config: Pick<Config, "runtime">; readonly progress: Pick<Progress, "warn"> },
): void {
  const { migrate, migrations } = config.runtime;
  if (isKnown || (migrate === undefined && migrations === undefined)) return;
  const why =
    migrations === undefined
      ? "threads.yml names no command that tells (runtime.migrations)"
      : "not every release since then has told";
  progress.warn(
    `whether a contract migration came after ${shortRevision(release.revision)} is not known: ${why}; the database stays as it is`,
  );
}
