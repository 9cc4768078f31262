import { closedOf } from "./closed.ts";
import { choosePaint, type Render } from "./paint.ts";
import type { Terminal } from "./terminal.ts";
import { wrapped } from "./wrap.ts";

/** Where a result is shown again and again. */
export interface WatchScreen<T> {
  readonly show: (result: T, changes: readonly string[]) => void;
  /** Aborted when nobody reads it any more. */
  readonly closed: AbortSignal;
}

interface Watched<T> {
  readonly render: Render<T>;
  /** A result for whoever typed this line. */
  readonly typed: (result: T) => T;
  readonly json: boolean;
}

/**
 * On a terminal the result is drawn over the one before; elsewhere each change is a line, with --json each changed result.
 */
export async function watchScreen<T extends { readonly observedAt: string }>(
  terminal: Terminal,
  { render, typed, json }: Watched<T>,
): Promise<WatchScreen<T>> {
  const { out, columns, rows = Infinity, live, symbols } = terminal;
  const paint = await choosePaint(terminal.colourOut);
  const lines = (result: T): string[] =>
    render(typed(result), paint, columns)
      .flatMap((line) => line.split("\n"))
      .flatMap((line) => (columns === undefined ? [line] : wrapped(line, columns)));
  let begins = "\u001B[2J";
  const show = (result: T, changes: readonly string[]): void => {
    if (json) return void (changes.length > 0 && out.write(`${JSON.stringify(typed(result))}\n`));
    const at = result.observedAt.replace(/\.\d+Z$/, "Z");
    if (!live || columns === undefined)
      return void out.write(changes.map((change) => symbols(`${at} ${change}\n`)).join(""));
    const head = paint.dim(`${at}, again every few seconds; Ctrl-C ends it`);
    out.write(begins + redrawn([head, "", ...lines(result)].map(symbols), rows));
    begins = "";
  };
  return { show, closed: closedOf(out) };
}

/** Home, line over line, and nothing of what was below: a screen that is cleared first flickers. */
function redrawn(lines: readonly string[], rows: number): string {
  const room = rows - 1;
  const above = Math.floor((room - 1) / 2);
  const left = lines.length - room + 1;
  // What is wrong stands at the end.
  const shown = left <= 1 ? lines : [...lines.slice(0, above), `… ${left} lines`, ...lines.slice(above + left)];
  return `\u001B[H${shown.map((line) => `${line}\u001B[K\n`).join("")}\u001B[J`;
}
