/**
 * Columns aligned by what is seen: colour codes take no room.
 * @param rows cells, already painted; the first row is the heading where there is one
 */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, width(cell))));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === row.length - 1 ? cell : cell + " ".repeat((widths[column] ?? 0) - width(cell)),
      )
      .join("  ")
      .trimEnd(),
  );
}

function width(cell: string): number {
  // oxlint-disable-next-line no-control-regex -- ANSI colour codes begin with the escape character
  return Array.from(cell.replaceAll(/\u001B\[\d+m/g, "")).length;
}
