import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Next } from "../errors/next.ts";
import type { World } from "../wire/world.ts";
import { type ReportFile, reportFile, withReport } from "./report-file.ts";

interface Wanted {
  /** As it was typed; undefined where no file was named. */
  readonly report: string | undefined;
  /** Shown once it is written, which needs no name. */
  readonly open: boolean;
  /** Whether somebody is there to see a browser. */
  readonly isSeen: boolean;
  /** Its name beside the records of runs. */
  readonly name: string;
}

type Shown = Next & { readonly report: string | null };

/** Writes and shows the page of a result. @param draw loads what draws it, only where it is wanted */
export type ShowPage = <T extends Shown>(result: T, draw: () => Promise<(result: T) => string>) => Promise<T>;

/**
 * Settles where the page goes before anything is measured. @throws ThreadsError FILE_NOT_USABLE (usage)
 */
export async function openPage(
  { report, open, isSeen, name }: Wanted,
  world: Pick<World, "config" | "env" | "clock">,
): Promise<ShowPage> {
  const file = report === undefined ? await ownFile(open, name, world) : reportFile(report);
  return async (result, draw) => {
    const written = await withReport(result, file, draw);
    if (!open || !isSeen || written.report === null) return written;
    const { openBrowser } = await import("../wire/browser.ts");
    return shownIn(await openBrowser(world), written, written.report);
  };
}

async function ownFile(
  open: boolean,
  name: string,
  world: Pick<World, "config" | "env">,
): Promise<ReportFile | undefined> {
  if (!open) return undefined;
  const { runsFolder } = await import("../runs/folder.ts");
  return reportFile(join(runsFolder((await world.config()).root, world.env), name));
}

/** The result, with what to know where no browser came: its path is told either way. */
export async function shownIn<T extends Next>(
  browse: (address: string) => Promise<boolean>,
  result: T,
  page: string,
): Promise<T> {
  if (await browse(pathToFileURL(page).href)) return result;
  return { ...result, advice: [...result.advice, "no browser could be started on this machine"] };
}
