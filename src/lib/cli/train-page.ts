import { join } from "node:path";
import type { ReportResult } from "../actions/report/result.ts";
import { shownIn } from "./open-page.ts";
import { reportFile } from "./report-file.ts";

interface Wanted {
  readonly output: string | undefined;
  readonly open: boolean;
  /** Undefined where nobody is there to see it. */
  readonly browse: ((address: string) => Promise<boolean>) | undefined;
}

/** The result with the page that was written of it, where one was wanted and there is something to show. */
export async function withTrainPage(result: ReportResult, wanted: Wanted): Promise<ReportResult> {
  const { output, open, browse } = wanted;
  if (result.outcome === "empty" || (output === undefined && !open)) return result;
  const { reportPage } = await import("../output/page/report-page.ts");
  const { place, write } = reportFile(output ?? join(result.folder, "report.html"), "--output");
  const written = { ...result, report: write(reportPage(result, place)) };
  return browse === undefined ? written : shownIn(browse, written, written.report);
}
