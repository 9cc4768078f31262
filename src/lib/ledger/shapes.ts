import { z } from "zod";
import { type Digest, isDigest } from "../image/digest.ts";
import { isMigrationName } from "../release/migrations.ts";

// What lies in Parameter Store was written by anybody who may write there: types are looked at when it is read.

const digest = z.custom<Digest>((value) => typeof value === "string" && isDigest(value));
const pin = z.object({ repository: z.string(), digest });
const time = z.string().refine((text) => !Number.isNaN(Date.parse(text)));
const number = z.number().int().positive();
const kind = z.enum(["deploy", "rollback"]);
const result = z.enum(["succeeded", "failed", "rolled-back", "partial", "interrupted", "paused"]);
const state = z.enum(["new", "old", "both", "unknown", "untouched"]);
const author = z.object({
  user: z.string(),
  host: z.string(),
  runUrl: z.string().exactOptional(),
  principal: z.string().exactOptional(),
});
const version = z.string().exactOptional();

const migrationName = z.string().refine(isMigrationName);
const contracts = z.object({ added: z.array(migrationName), dropped: z.array(migrationName) });

export const intentShape = z.object({
  schema: z.literal(1),
  version,
  number,
  kind,
  revision: z.string(),
  tree: z.string(),
  bundle: pin,
  images: z.record(z.string(), pin),
  edge: pin.exactOptional(),
  hosts: z.array(z.string()),
  leftOut: z.array(z.string()).exactOptional(),
  by: author,
  startedAt: time,
  deadline: time,
  nonce: z.string(),
  rollbackOf: number.exactOptional(),
  supersedes: number.exactOptional(),
  liftsHold: number.exactOptional(),
  reason: z.string().exactOptional(),
  weights: z.object({ steps: z.array(number), from: number }).exactOptional(),
  continues: z.object({ step: number, hooks: z.array(z.string()) }).exactOptional(),
  // It only warns: one that cannot be read must not cost the intent.
  contracts: contracts.exactOptional().catch(undefined as never),
});

const cause = z.object({
  code: z.string(),
  message: z.string(),
  host: z.string().exactOptional(),
  step: z.string().exactOptional(),
});

const ms = z.number().nullable().default(null);
const traffic = z.object({
  requests: z.number(),
  failed: z.number(),
  longestGapMs: ms,
  p99BeforeMs: ms,
  p99AfterMs: ms,
});
const tasks = z.object({ finished: z.number(), lost: z.number() });
const environment = z.object({ from: z.string(), versions: z.record(z.string(), z.string()) });

const slotSum = z.object({ requests: z.number(), failed: z.number(), p90Ms: z.number().nullable() }).nullable();
const weighedStep = z.object({
  step: number,
  weight: number,
  verdict: z.enum(["worse", "as-good", "inconclusive", "interrupted"]),
  says: z.string(),
  old: slotSum,
  new: slotSum,
});

const pausedStep = z.object({
  step: number,
  service: z.string(),
  deployment: z.string(),
  hookId: z.string(),
  stage: z.string(),
  percent: z.number(),
  expiresAt: time.nullable(),
  timeoutAction: z.string(),
});

export const outcomeShape = z.object({
  schema: z.literal(1),
  version,
  number,
  nonce: z.string(),
  principal: z.string().exactOptional(),
  result,
  hosts: z.array(
    z.object({
      id: z.string(),
      state,
      traffic: traffic.exactOptional().catch(undefined as never),
      tasks: tasks.exactOptional().catch(undefined as never),
    }),
  ),
  finishedAt: time,
  // It only explains: one that cannot be read must not cost the outcome.
  cause: cause.exactOptional().catch(undefined as never),
  timings: z
    .record(z.string(), z.number())
    .exactOptional()
    .catch(undefined as never),
  rounds: z
    .array(z.object({ afterMs: z.number(), timings: z.record(z.string(), z.number()) }))
    .exactOptional()
    .catch(undefined as never),
  weighed: z
    .array(weighedStep)
    .exactOptional()
    .catch(undefined as never),
  pauses: z
    .array(pausedStep)
    .exactOptional()
    .catch(undefined as never),
  environment: environment.exactOptional().catch(undefined as never),
});

const folded = z.object({
  number,
  kind,
  revision: z.string(),
  bundle: digest,
  result: z.union([result, z.literal("lost")]),
  by: author,
  startedAt: time,
  finishedAt: time.nullable(),
  hosts: z.partialRecord(state, z.number().int().positive()),
  rollbackOf: number.exactOptional(),
  supersedes: number.exactOptional(),
});

export type FreezeRecord = z.output<typeof freezeShape>;
export const freezeShape = z.object({
  schema: z.literal(1),
  reason: z.string(),
  by: author,
  at: time,
  nonce: z.string(),
});

export const firstSignedShape = z.object({
  schema: z.literal(1),
  bundle: z.string(),
  by: author,
  at: time,
});

export type LeaseRecord = z.output<typeof leaseShape>;
export const leaseShape = z.object({
  schema: z.literal(1),
  version,
  kind,
  number,
  revision: z.string(),
  by: author,
  step: z.string(),
  since: time.exactOptional(),
  beat: z.number().int().nonnegative(),
  nonce: z.string(),
});

export const liftedShape = z.object({
  schema: z.literal(1),
  freeze: z.object({ reason: z.string(), by: author, since: time, nonce: z.string() }),
  liftedBy: author,
  liftedAt: time,
});

export type ExecRecord = z.output<typeof execShape>;
export const execShape = z.object({
  schema: z.literal(1),
  version,
  host: z.object({ id: z.string(), name: z.string() }),
  service: z.string(),
  command: z.array(z.string()),
  by: author,
  at: time,
  nonce: z.string(),
});

export type FoldedExec = z.output<typeof foldedExec>;
const foldedExec = execShape.pick({ nonce: true, host: true, service: true, command: true, by: true, at: true });
export const execBlockShape = z.object({ schema: z.literal(1), execs: z.array(foldedExec) });

export const promotionShape = z.object({
  schema: z.literal(1),
  environment: z.string(),
  revision: z.string(),
  bundle: digest,
  tags: z.array(z.string()),
  gates: z.record(z.string(), z.string()),
  overrides: z.array(z.object({ gate: z.string(), reason: z.string(), says: z.string() })),
  sources: z.literal("compared").exactOptional(),
  by: author,
  principal: z.string().exactOptional(),
  at: time,
  version: z.string(),
});

/** What it asks for is threads.yml's, and looked at by its schema. */
export const policyShape = z.object({
  schema: z.literal(1),
  version: z.string(),
  environment: z.string(),
  gates: z.unknown(),
  reason: z.string().exactOptional(),
  principal: z.string().exactOptional(),
  by: author,
  at: time,
});

export type ApprovalRecord = z.output<typeof approvalShape>;
export const approvalShape = z.object({
  schema: z.literal(1),
  version,
  environment: z.string(),
  revision: z.string(),
  bundle: digest,
  word: z.enum(["approved", "rejected", "withdrawn"]),
  principal: z.string(),
  comment: z.string(),
  by: author,
  at: time,
  nonce: z.string(),
});

export const blockShape = z.object({ schema: z.literal(1), deployments: z.array(folded) });

export const headShape = z.object({ number: number.max(999_999) });
