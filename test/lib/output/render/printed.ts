import { PassThrough } from "node:stream";
import { text as read } from "node:stream/consumers";
import type { Render } from "../../../../src/lib/output/paint.ts";
import { writeResult } from "../../../../src/lib/output/write-result.ts";

/** What stands on a terminal of that width; undefined: where there is none. */
export async function printed<T>(result: T, render: Render<T>, columns: number | undefined): Promise<string> {
  const out = new PassThrough();
  const widths = { columns, columnsErr: columns };
  const terminal = { ...widths, out, err: out, live: false, symbols: (line: string) => line, github: false };
  await writeResult(result, render, { ...terminal, colourOut: false, colourErr: false });
  out.end();
  return read(out);
}

/** To be copied as it stands, or one word that has no room. */
export const mayRunOver = /^\s*(?:next:|or:|undo:|→)|^\s*\S+$/;
