import { execScript } from "../docker/commands.ts";
import type { Processes } from "../process/processes.ts";
import { quote } from "../script/shell-words.ts";
import { databaseName, objectName } from "./layout.ts";
import type { SandboxState } from "./state.ts";

/** A lock on a table that kept others from writing it, or from reading it too. */
export interface SeenLock {
  /** `posts_post`; with its schema where that is not `public`. */
  readonly table: string;
  /** As PostgreSQL calls it: `AccessExclusiveLock`. */
  readonly mode: string;
  /** When it was first and last seen, in milliseconds since the epoch. */
  readonly fromMs: number;
  readonly toMs: number;
  /** So many others waited for the table at most. */
  readonly waiting: number;
}

/** How often is looked, in milliseconds: what is held for less may go unseen. */
const lockEveryMs = 200;

/**
 * Modes in which nobody else writes the table, or reads it (PostgreSQL manual, 13.3.1). Of what is looked up here nothing is
 * locked itself: catalogs take ACCESS SHARE.
 */
const question = [
  "SELECT json_build_object('table', CASE WHEN n.nspname = 'public' THEN '' ELSE n.nspname || '.' END || c.relname,",
  "'mode', l.mode, 'session', l.pid || ' ' || a.xact_start, 'at', round(extract(epoch FROM clock_timestamp()) * 1000),",
  "'waiting', (SELECT count(*) FROM pg_locks w WHERE NOT w.granted AND w.relation = l.relation AND w.database = l.database))",
  "FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace",
  "JOIN pg_stat_activity a ON a.pid = l.pid JOIN pg_database d ON d.oid = l.database",
  "WHERE l.granted AND d.datname = current_database() AND c.relkind IN ('r', 'p', 'm') AND n.nspname !~ '^(pg_|information_schema)'",
  "AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock');",
].join(" ");

export interface LockWatch {
  /** Looks no more. @returns all that were seen */
  stop(): Promise<readonly SeenLock[]>;
}

/** Looks again and again at the locks in an environment's database, over one connection. */
export function watchLocks(
  { app, environment, state }: { readonly app: string; readonly environment: string; readonly state: SandboxState },
  { processes }: { readonly processes: Processes },
): LockWatch {
  const container = objectName(state.id, "postgres");
  const seen = new Map<string, SeenLock>();
  const watching = processes.run(execScript(container, watchScript(databaseName(app, environment))), {
    allowFailure: true,
    onLine: (line, stream) => {
      if (stream === "stdout") note(line, seen);
    },
  });
  // Who does not ask what was seen is not to be ended by it.
  watching.catch(() => undefined);
  return {
    stop: async () => {
      await processes.run(execScript(container, `touch ${stopFile}`), { allowFailure: true });
      const { exitCode, stderr } = await watching;
      if (exitCode !== 0) throw new Error(`the locks could not be looked at: ${stderr.trim()}`);
      return [...seen.values()];
    },
  };
}

const stopFile = "/tmp/threads-locks-seen";

/** The shell asks, psql answers: at the file's coming its input ends, and nothing of its output is lost. */
function watchScript(database: string): string {
  const psql = `psql --no-psqlrc --quiet --tuples-only --no-align --username postgres --dbname ${quote(database)}`;
  const looks = `while [ ! -e ${stopFile} ]; do echo ${quote(question)}; sleep ${lockEveryMs / 1000}; done`;
  return `rm -f ${stopFile}; { ${looks}; } | ${psql}`;
}

interface Row {
  readonly table: string;
  readonly mode: string;
  readonly session: string;
  readonly at: number;
  readonly waiting: number;
}

function note(line: string, seen: Map<string, SeenLock>): void {
  if (!line.startsWith("{")) return;
  const { table, mode, session, at, waiting } = JSON.parse(line) as Row;
  const key = `${session} ${table} ${mode}`;
  const before = seen.get(key);
  seen.set(key, {
    table,
    mode,
    fromMs: before?.fromMs ?? at,
    toMs: at,
    waiting: Math.max(before?.waiting ?? 0, waiting),
  });
}
