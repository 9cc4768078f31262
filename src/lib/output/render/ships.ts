import type { Ships } from "../../fleet/ships.ts";
import { shortRevision } from "../../release/revision.ts";
import { count } from "../../text/words.ts";
import type { Paint } from "../paint.ts";

/** What a release brings to an environment, indented below what is done with it. */
export function shipLines(ships: Ships | null, environment: string, paint: Paint): string[] {
  if (ships === null) return [];
  const { from, unknown, commits, log, dropped, migrations } = ships;
  if (from === null) return [paint.dim(`  nothing was ever deployed to ${environment}: this is the first release`)];
  const since = `${shortRevision(from.revision)}, which runs there (deployment ${String(from.number)})`;
  if (unknown !== null) return [paint.warn(`  what it ships since ${since}, is unknown: ${unknown}`)];
  return [
    `  ships ${count(commits, "commit")} since ${since}`,
    ...log.map((line) => paint.dim(`    ${line}`)),
    ...(commits > log.length ? [paint.dim(`    and ${String(commits - log.length)} more`)] : []),
    ...(dropped > 0
      ? [paint.warn(`  leaves out ${count(dropped, "commit")} that ${dropped === 1 ? "runs" : "run"} there`)]
      : []),
    ...migrationLines(migrations),
  ];
}

function migrationLines(migrations: Ships["migrations"]): string[] {
  if (migrations.length === 0) return [];
  return [`  adds ${count(migrations.length, "migration")}`, ...migrations.map((path) => `    ${path}`)];
}
