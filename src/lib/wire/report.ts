import type { ReportPorts } from "../actions/report/run.ts";
import { runsFolder } from "../runs/folder.ts";
import { storedRuns } from "../runs/stored-runs.ts";
import { openBrowser } from "./browser.ts";
import type { World } from "./world.ts";

/** The ports of `threads report`. @param what.isSeen whether somebody is there to see a browser */
export async function openReport(
  { isSeen }: { readonly isSeen: boolean },
  world: Pick<World, "config" | "env" | "clock">,
): Promise<ReportPorts & { readonly browse: ((url: string) => Promise<boolean>) | undefined }> {
  const folder = runsFolder((await world.config()).root, world.env);
  return { runs: storedRuns(folder), folder, browse: isSeen ? await openBrowser(world) : undefined };
}
