import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { leadingPage } from "../output/page/page.ts";
import { makeRunsFolder } from "../runs/make-runs-folder.ts";

export interface AddressFile {
  /** Where a browser finds it. */
  readonly href: string;
  readonly remove: () => void;
}

/**
 * A file that leads a browser to an address with a key. What a program is started with, every user of the machine can read;
 * the file, nobody else can. It is there until it is removed. @param folder that of the runs
 * @throws what a folder that cannot be written to does
 */
export function addressFile(folder: string, address: string): AddressFile {
  const file = join(folder, `board-${process.pid}.html`);
  const remove = (): void => rmSync(file, { force: true });
  // The records of runs, beside which it lies, may not have been begun yet.
  makeRunsFolder(folder);
  // What a process of the same number has left keeps the mode that it has.
  remove();
  writeFileSync(file, leadingPage(address), { mode: 0o600, flag: "wx" });
  return { href: pathToFileURL(file).href, remove };
}
