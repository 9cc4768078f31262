import type { FailedOutcome } from "./exit-codes.ts";

type Outcomes = readonly [FailedOutcome, ...FailedOutcome[]];

/**
 * Every code that a failure can carry, and the outcome that goes with it; a list where whoever throws it must say which.
 * What each means and what to do about it is in explanations/, which only `threads explain` loads.
 */
export const codes = {
  // What was typed, and this machine.
  BUG: "bug",
  COMMAND_FAILED: "refused",
  COMMAND_NOT_STARTED: "usage",
  FILE_NOT_USABLE: "usage",
  INTERRUPTED: "interrupted",
  NO_COMMAND: "usage",
  UNKNOWN_CODE: "usage",
  UNKNOWN_COMMAND: "usage",
  UNKNOWN_RUN: "usage",
  UNKNOWN_SHELL: "usage",
  USAGE: "usage",

  // threads.yml and the environment variables.
  CONFIG_INVALID: "usage",
  ECR_REPO_ACCOUNT: "usage",
  ECR_REPO_AMBIGUOUS: "usage",
  ECR_REPO_INCOMPLETE: "usage",
  ECR_REPO_INVALID: "usage",
  ECR_REPO_MASKED: "usage",
  ECR_REPO_MISSING: "usage",
  ECR_REPO_NOT_ECR: "usage",
  ECR_REPO_TAG: "usage",
  ECR_REPO_TAGS_COLLIDE: "usage",
  ENVIRONMENT_WITHOUT_ECS: "refused",
  ENVIRONMENT_WITHOUT_HOSTS: "refused",
  ENV_TEMPLATE: "usage",
  IMAGE_REFERENCE_INVALID: "usage",
  FILES_EXIST: "refused",
  NOTHING_TO_RUN: "usage",
  NO_CONFIG: "usage",
  NO_REGION: "usage",
  TAG_INVALID: "usage",
  UNKNOWN_ENVIRONMENT: "usage",

  // AWS and its credentials.
  ACCESS_DENIED: "refused",
  AWS_FAILURE: "refused",
  AWS_UNREACHABLE: "refused",
  CREDENTIALS_EXPIRED: "refused",
  CREDENTIALS_INVALID: "refused",
  NO_CREDENTIALS: "refused",
  THROTTLED: "refused",
  WRONG_ACCOUNT: "refused",
  WRONG_REGION: "refused",

  // git.
  AMBIGUOUS_REVISION: "usage",
  DIRTY_TREE: "refused",
  FILE_NOT_COMMITTED: "refused",
  GIT_FAILED: "refused",
  NOT_A_REPOSITORY: "usage",
  NO_COMMITS: "usage",
  NO_GIT: "refused",
  REPOSITORY_NOT_TRUSTED: "usage",
  SHALLOW_CLONE: "usage",
  UNKNOWN_REVISION: "usage",

  // Docker on this machine.
  DISK_FULL: "refused",
  DOCKER_CONTEXT: "refused",
  DOCKER_DOWN: "refused",
  DOCKER_FAILED: "refused",
  DOCKER_PERMISSION: "refused",
  IMAGE_NOT_AVAILABLE: "refused",
  NO_COMPOSE: "refused",
  NO_DOCKER: "refused",
  OLD_COMPOSE: "refused",
  PORT_TAKEN: "refused",
  PROJECT_EXISTS: "refused",
  RATE_LIMITED: "refused",

  // Suites and smoke.
  CHECKS_FAILED: "checks",
  COMPOSE_FAILED: "checks",
  COMPOSE_FILE: "usage",
  MIGRATIONS_UNREADABLE: "checks",
  NOT_HEALTHY: "checks",
  NO_REPORTS: "usage",
  NO_SUITES: "usage",
  SERVICE_FAILED: "checks",
  STACK_AT_WORK: "refused",
  SUITES_FAILED: "checks",
  TIMED_OUT: "checks",
  UNKNOWN_STACK: "usage",
  WRONG_IMAGE: "checks",

  // The registry.
  BLOB_BROKEN: "refused",
  DIGEST_MISMATCH: "refused",
  ECR_LIMIT: "refused",
  EXPORT_BROKEN: "refused",
  EXPORT_FAILED: "refused",
  IMAGE_ARCHIVED: "refused",
  IMAGE_GONE: "refused",
  IMAGE_INCOMPLETE: "refused",
  IMPORT_FAILED: "refused",
  KMS_KEY: "refused",
  LIFECYCLE_UNREADABLE: "refused",
  LOGIN_EXPIRED: "refused",
  LOGIN_FAILED: "refused",
  OUTCOME_UNKNOWN: "unknown",
  PUSH_DENIED: "refused",
  PUSH_FAILED: "refused",
  PUSH_UNSETTLED: "unknown",
  REGISTRY_UNREACHABLE: "refused",
  DOWNLOAD_FAILED: "refused",
  REPOSITORY_NOT_FOUND: "refused",
  TAG_CONFLICT: "conflict",
  TAG_UNSETTLED: "unknown",
  UPLOAD_LOST: "refused",

  // Signatures.
  COSIGN_MISSING: "refused",
  NO_SIGNING_IDENTITY: "refused",
  SIGNING_FAILED: "refused",

  // Releases: published, promoted, found by a name.
  ANOTHER_LAYOUT: "refused",
  BUNDLE_DIFFERS: "refused",
  BUNDLE_MISMATCH: "refused",
  BUNDLE_TOO_NEW: "refused",
  FOREIGN_IMAGES: "conflict",
  FOREIGN_PINS: "refused",
  FOREIGN_RELEASE: "conflict",
  MIXED_ARCHITECTURES: "refused",
  NOT_A_BUNDLE: "refused",
  NO_HANDOVER: "usage",
  OTHER_HANDOVER: "refused",
  NOT_A_VERSION: "usage",
  NOT_PROMOTED: "refused",
  NOT_PUBLISHED: "refused",
  NOT_SMOKED: "refused",
  NOTHING_DEPLOYED: "refused",
  SERVICES_DIFFER: "refused",
  SOURCES_UNKNOWN: "refused",
  TAG_MOVED: "conflict",
  TREE_CONFLICT: "conflict",

  // Gates and freezes.
  ALREADY_FROZEN: "conflict",
  APPROVAL_TAKEN: "conflict",
  // Interrupted: it came while hosts were being switched.
  FROZEN: ["refused", "interrupted"],
  GATES_SHUT: "refused",
  NOT_AN_APPROVER: "refused",
  NO_APPROVALS: "refused",
  NO_GATES: "refused",
  NO_REASON: "usage",
  OVERRIDE_IMPOSSIBLE: "usage",
  POLICY_UNREADABLE: "refused",
  REASON_TOO_LONG: "usage",
  UNKNOWN_GATE: "usage",
  WORLD_CHANGED: "conflict",

  // Hosts and deployments.
  ACROSS_CONTRACT: "refused",
  DEPLOYMENT_TAKEN: "conflict",
  DEPLOYMENT_UNDER_WAY: "conflict",
  HELD: "refused",
  HOST_BUSY: "conflict",
  HOST_DOCUMENT: "refused",
  HOST_FAILED: "checks",
  HOST_GONE: "refused",
  HOST_NOT_READY: "refused",
  HOST_OFFLINE: "refused",
  HOST_SILENT: "refused",
  HOSTS_DIFFER: "partial",
  LEASE_ALIVE: "conflict",
  LEASE_OF_ANOTHER: "conflict",
  MIGRATION_FAILED: "checks",
  NEVER_RAN: "refused",
  NO_ANSWER: "unknown",
  NO_HOSTS: "refused",
  NO_HOST_LEFT: "refused",
  NO_LOG: "refused",
  NO_URL: "refused",
  NOT_CONFIRMED: "refused",
  NOT_RUNNING: "refused",
  NOTHING_TO_ASK: "refused",
  NOTHING_TO_REHEARSE: "refused",
  NOTHING_TO_RESUME: "refused",
  NOTHING_TO_ROLL_BACK: "refused",
  OLDER_RELEASE: "refused",
  PACE_UNFIT: "usage",
  ROLLED_BACK: "checks",
  STAGE_NOT_SET: "refused",
  STEP_PAUSED: "partial",
  WEIGHTS_STEP: "refused",
  WEIGHTS_UNFIT: "refused",
  SEND_UNKNOWN: "unknown",
  SUPERSEDED: "conflict",
  TOO_FEW_HOSTS: "refused",
  UNKNOWN_HOST: "usage",
  UNKNOWN_SERVICE: "usage",

  // ECS.
  CLUSTER_NOT_FOUND: "refused",
  ECS_INCOMPLETE: "refused",
  NOT_FOR_ECS: "refused",
  NOT_ON_ECS: "refused",
  NO_LOG_GROUP: "refused",

  // The ledger.
  FOLD_DIFFERS: "conflict",
  LEDGER_BUSY: "conflict",
  LEDGER_UNREADABLE: "refused",
  NO_SUCH_DEPLOYMENT: "refused",
  OUTCOME_NOT_WRITTEN: "unknown",
  OUTCOME_TAKEN: "conflict",
  RECORD_TOO_LARGE: "refused",

  // The sandbox.
  IMAGE_BUILD: "refused",
  SANDBOX_BUSY: "conflict",
  SANDBOX_ENV: "usage",
  SANDBOX_HOSTS: "usage",
  SANDBOX_NOT_BUILT: "refused",
  SANDBOX_NOT_READY: "refused",
  SANDBOX_NOT_UP: "refused",
  SANDBOX_ORPHANS: "refused",
  SANDBOX_PORT_TAKEN: "refused",
  SANDBOX_STATE: "refused",
} as const satisfies Record<string, FailedOutcome | Outcomes>;

export type Code = keyof typeof codes;
/** Codes that more than one outcome goes with. */
export type OpenCode = { [C in Code]: (typeof codes)[C] extends FailedOutcome ? never : C }[Code];
/** Codes that one outcome goes with. */
export type SettledCode = Exclude<Code, OpenCode>;
/** What may be said of an open code. */
export type OpenOutcome = (typeof codes)[OpenCode][number];

/** The outcomes that go with a code; `unknown` may stand for each of them where something had been begun. */
export function outcomesOf(code: Code): Outcomes {
  const own: FailedOutcome | Outcomes = codes[code];
  return typeof own === "string" ? [own] : own;
}
