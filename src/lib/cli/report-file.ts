import { accessSync, constants, mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Next } from "../errors/next.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { usable } from "../process/output-folder.ts";

/** Where a page is to be written. */
export interface ReportFile {
  /** Absolute path. */
  readonly place: string;
  /** @returns the same path. @throws ThreadsError FILE_NOT_USABLE (usage) */
  readonly write: (page: string) => string;
}

/** The result with the page that was written of it. @param draw loads what draws it, only where it is wanted */
export async function withReport<T extends Next & { readonly report: string | null }>(
  result: T,
  file: ReportFile | undefined,
  draw: () => Promise<(result: T) => string>,
): Promise<T> {
  if (file === undefined) return result;
  const text = (await draw())(result);
  try {
    return { ...result, report: file.write(text) };
  } catch (error) {
    if (!(error instanceof ThreadsError)) throw error;
    // What was measured in minutes is told all the same.
    return { ...result, advice: [...result.advice, error.message] };
  }
}

/**
 * A page that is written once all is known, minutes from now: so its folder is made, and looked at, before.
 * @param flag by which it was named. @throws ThreadsError FILE_NOT_USABLE (usage)
 */
export function reportFile(file: string, flag = "--report"): ReportFile {
  const place = resolve(file);
  const attempt = <T>(act: () => T): T => usable({ says: "the report cannot", place: file, flag }, act);
  attempt(() => {
    mkdirSync(dirname(place), { recursive: true });
    accessSync(dirname(place), constants.W_OK);
  });
  return {
    place,
    write: (page) => {
      attempt(() => writeFileSync(place, page));
      return place;
    },
  };
}
