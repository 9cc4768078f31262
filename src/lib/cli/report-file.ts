import { accessSync, constants, mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { StressResult } from "../actions/stress/result.ts";
import { ThreadsError } from "../errors/threads-error.ts";

/** The result with the page that was written of it; a plan has none. */
export async function withReport(
  result: StressResult,
  write: ((page: string) => string) | undefined,
): Promise<StressResult> {
  if (write === undefined || result.outcome === "planned") return result;
  const { stressPage } = await import("../output/page/stress-page.ts");
  try {
    return { ...result, report: write(stressPage(result)) };
  } catch (error) {
    if (!(error instanceof ThreadsError)) throw error;
    // What was measured in minutes is told all the same.
    return { ...result, advice: [...result.advice, error.message] };
  }
}

/**
 * A page that is written once all is known, minutes from now: so its folder is made, and looked at, before.
 * @returns what writes it, and tells its absolute path. @throws ThreadsError FILE_NOT_USABLE (usage)
 */
export function reportFile(file: string): (page: string) => string {
  const path = resolve(file);
  const attempt = <T>(act: () => T): T => {
    try {
      return act();
    } catch (error) {
      const { message } = error as Error;
      throw new ThreadsError("FILE_NOT_USABLE", {
        message: `the report cannot be written to ${file}: ${message}`,
        advice: ["name another file with --report"],
        cause: error,
      });
    }
  };
  attempt(() => {
    mkdirSync(dirname(path), { recursive: true });
    accessSync(dirname(path), constants.W_OK);
  });
  return (page) => {
    attempt(() => writeFileSync(path, page));
    return path;
  };
}
