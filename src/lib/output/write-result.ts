import { choosePaint, type Render } from "./paint.ts";
import type { Terminal } from "./terminal.ts";
import { wrapped } from "./wrap.ts";

/** Prints a result as text; on a terminal no line is broken within a word. */
export async function writeResult<T>(result: T, render: Render<T>, terminal: Terminal): Promise<void> {
  const { out, columns, colourOut, symbols } = terminal;
  const lines = render(result, await choosePaint(colourOut), columns).flatMap((line) => line.split("\n"));
  const fitting = columns === undefined ? lines : lines.flatMap((line) => wrapped(line, columns));
  out.write(fitting.map((line) => `${symbols(line)}\n`).join(""));
}
