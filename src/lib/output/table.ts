import { seenWidth, wrapped } from "./wrap.ts";

export interface Fit {
  /** Width of the terminal; undefined where nobody reads on one: then nothing leaves and nothing is broken. */
  readonly columns: number | undefined;
  /** Columns by index, in the order in which they leave where there is no room for all. */
  readonly leave: readonly number[];
  /** What the last column needs at least, where it is wider. */
  readonly least?: number;
}

const gap = "  ";
/** The last column is prose where it is wide: it goes on below itself, and needs no more than this. */
const proseWidth = 32;
const leastProse = 12;

/**
 * Columns aligned by what is seen. Where the rows are too wide, columns leave by rank; then the last one goes on below itself.
 * @param rows cells, already painted; the first row is the heading where there is one; a row that ends early may run on
 * @returns a line for each row, or several in one string
 */
export function table(rows: readonly (readonly string[])[], fit: Fit = { columns: undefined, leave: [] }): string[] {
  const { columns } = fit;
  const room = columns ?? Infinity;
  let shown = rows;
  for (let count = 1; count <= fit.leave.length && leastWidth(shown, fit.least) > room; count += 1) {
    const gone = new Set(fit.leave.slice(0, count));
    shown = rows.map((row) => row.filter((_, column) => !gone.has(column)));
  }
  const widths = widthsOf(shown);
  return shown.map((row) => {
    const line = row
      .map((cell, column) => (column === row.length - 1 ? cell : padded(cell, widths[column] ?? 0)))
      .join(gap)
      .trimEnd();
    const before = widths.slice(0, row.length - 1).reduce((sum, width) => sum + width + gap.length, 0);
    // Where next to nothing is left of the line, it goes on under its beginning.
    const hang = before + leastProse > room ? undefined : before;
    return columns === undefined ? line : wrapped(line, columns, hang).join("\n");
  });
}

function padded(cell: string, width: number): string {
  return cell + " ".repeat(Math.max(0, width - seenWidth(cell)));
}

/** What ends a row before the others do runs on, and makes no column wider. */
function widthsOf(rows: readonly (readonly string[])[]): number[] {
  const most = Math.max(0, ...rows.map((row) => row.length));
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, column) => {
      if (column < row.length - 1 || row.length === most)
        widths[column] = Math.max(widths[column] ?? 0, seenWidth(cell));
    });
  return widths;
}

function leastWidth(rows: readonly (readonly string[])[], least = proseWidth): number {
  const widths = widthsOf(rows);
  return widths.reduce(
    (sum, width, column) => sum + (column === widths.length - 1 ? Math.min(width, least) : width + gap.length),
    0,
  );
}
