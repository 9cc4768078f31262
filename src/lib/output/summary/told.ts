import type { PromoteResult } from "../../actions/promote/result.ts";
import type { PublishResult } from "../../actions/publish/result.ts";
import type { ReportResult } from "../../actions/report/result.ts";
import type { TestResult } from "../../actions/test/result.ts";
import type { VerifyResult } from "../../actions/verify/result.ts";
import type { RolloutResult } from "../../fleet/result.ts";
import type { SmokeResult } from "../../stack/result.ts";

/** The commands that a workflow runs, and what each leaves. */
export interface Told {
  readonly test: TestResult;
  readonly smoke: SmokeResult;
  readonly publish: PublishResult;
  readonly promote: PromoteResult;
  readonly deploy: RolloutResult;
  readonly converge: RolloutResult;
  readonly rollback: RolloutResult;
  readonly verify: VerifyResult;
  readonly report: ReportResult;
}
