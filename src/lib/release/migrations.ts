/** A change of the database that a release brings, as a command of its image tells it. */
export interface Migration {
  readonly name: string;
  /** expand: the release before can still run. contract: what it needs is gone, or not as it was. */
  readonly kind: "expand" | "contract";
}

/** What changes between two releases, as far as both tell which migrations they have. */
export interface MigrationChange {
  /** In order, what the new one has and the old one has not. */
  readonly added: readonly Migration[];
  /** What the old one has and the new one has not. */
  readonly dropped: readonly Migration[];
}

/** @returns undefined where one of them does not tell: that is not the same as no migration */
export function changeBetween(
  from: readonly Migration[] | undefined,
  to: readonly Migration[] | undefined,
): MigrationChange | undefined {
  if (from === undefined || to === undefined) return undefined;
  return { added: without(to, from), dropped: without(from, to) };
}

function without(all: readonly Migration[], others: readonly Migration[]): readonly Migration[] {
  const known = new Set(others.map(({ name }) => name));
  return all.filter(({ name }) => !known.has(name));
}

/** The names of those that close the way back. */
export function contractsIn(migrations: readonly Migration[]): readonly string[] {
  return migrations.filter(({ kind }) => kind === "contract").map(({ name }) => name);
}

/** As they are written down: the same migrations always give the same text. */
export function orderedMigrations(migrations: readonly Migration[]): readonly Migration[] {
  return migrations.map(({ name, kind }) => ({ name, kind }));
}

/** Why a text does not list migrations. */
export interface NotMigrations {
  /** From 1; undefined where it is about the whole. */
  readonly line: number | undefined;
  readonly why: string;
}

/**
 * Reads `{"name": "posts.0002_title", "kind": "expand"}`, an object a line, or all of them in one JSON list. Further keys of
 * an object are passed over. `[]` says that there are none; nothing at all says nothing.
 */
export function readMigrations(text: string): readonly Migration[] | NotMigrations {
  if (text.trim() === "") return { line: undefined, why: "it printed nothing; [] says that there are none" };
  const whole = parsed(text);
  if (Array.isArray(whole)) return judged(whole.map((value) => ({ value, line: undefined })));
  const lines = text.split(/\r?\n/).map((own, index) => ({ own, line: index + 1 }));
  return judged(lines.filter(({ own }) => own.trim() !== "").map(({ own, line }) => ({ value: parsed(own), line })));
}

interface Read {
  readonly value: unknown;
  readonly line: number | undefined;
}

function judged(all: readonly Read[]): readonly Migration[] | NotMigrations {
  const migrations: Migration[] = [];
  for (const [index, { value, line }] of all.entries()) {
    const migration = asMigration(value);
    const place = line === undefined ? `entry ${index + 1} of the list` : "the line";
    if (migration === undefined)
      return { line, why: `${place} is not {"name": "…", "kind": "expand" or "contract"}, the name without blanks` };
    if (migrations.some(({ name }) => name === migration.name))
      return { line, why: `${place} names ${migration.name} a second time` };
    migrations.push(migration);
  }
  return migrations;
}

/** A name is shown, recorded, and typed as a word of a command by whoever takes the migration back. */
export function isMigrationName(text: string): boolean {
  return /^\w[\w./:@+-]{0,199}$/.test(text);
}

/** @returns undefined for anything else */
function asMigration(value: unknown): Migration | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { name, kind } = value as Readonly<Record<string, unknown>>;
  if (typeof name !== "string" || !isMigrationName(name)) return undefined;
  return kind === "expand" || kind === "contract" ? { name, kind } : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
