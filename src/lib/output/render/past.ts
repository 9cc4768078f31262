import type { TimelineResult } from "../../ledger/timeline-result.ts";
import type { DeploymentDetail, HistoryResult } from "../../actions/history/result.ts";
import type { Render } from "../paint.ts";
import { renderDeployment } from "./deployment.ts";
import { renderHistory } from "./history.ts";
import { renderTimeline } from "./timeline.ts";

/** Whatever `threads history` was asked for. */
export const renderPast: Render<HistoryResult | DeploymentDetail | TimelineResult> = (result, paint, columns) => {
  if ("deployment" in result) return renderDeployment(result, paint, columns);
  return "events" in result ? renderTimeline(result, paint, columns) : renderHistory(result, paint, columns);
};
