import type { ApproveResult } from "../actions/approve/result.ts";
import type { CompletionInstalled, CompletionScript } from "../actions/completion/result.ts";
import type { ConfigResult } from "../actions/config/run.ts";
import type { DoctorResult } from "../actions/doctor/result.ts";
import type { ExecResult } from "../actions/exec/result.ts";
import type { ExplainResult } from "../actions/explain/result.ts";
import type { FreezeResult } from "../actions/freeze/result.ts";
import type { HelpResult } from "../actions/help/result.ts";
import type { CompactResult, DeploymentDetail, HistoryResult, TimelineResult } from "../actions/history/result.ts";
import type { InitResult } from "../actions/init/result.ts";
import type { LockResult } from "../actions/lock/result.ts";
import type { LogLine, LogsResult } from "../actions/logs/result.ts";
import type { MetricsResult } from "../actions/metrics/result.ts";
import type { OpenResult } from "../actions/open/run.ts";
import type { IamResult } from "../actions/policy/iam-result.ts";
import type { PolicyPushResult, PolicyShowResult } from "../actions/policy/policy-result.ts";
import type { PromoteResult } from "../actions/promote/result.ts";
import type { PruneResult } from "../actions/prune/result.ts";
import type { PublishResult } from "../actions/publish/result.ts";
import type { SmokeDownResult } from "../actions/smoke/down.ts";
import type { SmokeListResult } from "../actions/smoke/stacks.ts";
import type { StatusResult } from "../actions/status/result.ts";
import type { TestResult } from "../actions/test/result.ts";
import type { VerifyResult } from "../actions/verify/result.ts";
import type { RolloutResult } from "../fleet/result.ts";
import type { GatesResult } from "../gates/result.ts";
import type { ErrorJson } from "../output/error.ts";
import type { DownResult } from "../sandbox/down.ts";
import type { SandboxEnvironment } from "../sandbox/environment.ts";
import type { ForegroundResult } from "../sandbox/foreground.ts";
import type { SandboxStatusResult } from "../sandbox/status.ts";
import type { UpResult } from "../sandbox/up.ts";
import type { SmokeResult } from "../stack/result.ts";

/** What each command prints under --json, by its words. `npm run generate` makes the published JSON Schema of it. */
export interface Results {
  approve: ApproveResult;
  completion: CompletionScript;
  "completion install": CompletionInstalled;
  "completion uninstall": CompletionInstalled;
  config: ConfigResult;
  converge: RolloutResult;
  deploy: RolloutResult;
  doctor: DoctorResult;
  exec: ExecResult;
  explain: ExplainResult;
  freeze: FreezeResult;
  gates: GatesResult;
  help: HelpResult;
  history: HistoryResult | DeploymentDetail | TimelineResult | CompactResult;
  init: InitResult;
  lock: LockResult;
  /** With --follow a line of it is a line of stdout. */
  metrics: MetricsResult;
  logs: LogsResult | LogLine;
  open: OpenResult;
  "policy iam": IamResult;
  "policy push": PolicyPushResult;
  "policy show": PolicyShowResult;
  promote: PromoteResult;
  prune: PruneResult;
  publish: PublishResult;
  reject: ApproveResult;
  rollback: RolloutResult;
  "sandbox down": DownResult;
  "sandbox env": SandboxEnvironment;
  "sandbox exec": ForegroundResult;
  "sandbox status": SandboxStatusResult;
  "sandbox up": UpResult;
  smoke: SmokeResult;
  "smoke down": SmokeDownResult;
  "smoke list": SmokeListResult;
  status: StatusResult;
  test: TestResult;
  verify: VerifyResult;
}

/** What any of them prints instead where it fails. */
export type Failure = ErrorJson;
