import type { z } from "zod";
import type { schemaFor } from "./schema.ts";

// Types alone, made from the schema, where each key is explained: to name one loads nothing.

type Immutable<Value> = Value extends readonly (infer Item)[]
  ? readonly Immutable<Item>[]
  : Value extends object
    ? { readonly [Key in keyof Value]: Immutable<Value[Key]> }
    : Value;

/** What threads.yml says: parsed, defaults filled in, paths absolute, times in milliseconds. */
export type ConfigFile = Immutable<z.output<ReturnType<typeof schemaFor>>>;

/** The configuration that the rest of the program sees. Its `registry.repository` is ECR_REPO where that is set. */
export type Config = ConfigFile & {
  /** Absolute path of the repository root (the folder of threads.yml). */
  readonly root: string;
  /** Absolute path of threads.yml itself. */
  readonly file: string;
};

/** What must hold: a request and its answer, a command in a service, or a certificate. */
export type CheckConfig = Config["checks"][number];
export type RequestCheck = Extract<CheckConfig, { readonly kind: "request" }>;
export type CommandCheck = Extract<CheckConfig, { readonly kind: "command" }>;
export type CertificateCheck = Extract<CheckConfig, { readonly kind: "certificate" }>;

/** A request of the load, as threads.yml has it. */
export type StressRequest = NonNullable<Config["stress"]["requests"]>[number];

/** One environment; `requiresPromotion` (only `<env>-<sha>` may be deployed) wherever the file gives it `gates`. */
export type EnvironmentConfig = Config["environments"][string];

/** Where an environment on ECS runs, and with how much room. */
export type EcsConfig = NonNullable<EnvironmentConfig["ecs"]>;

/** One kind of task there. */
export type EcsTaskConfig = EcsConfig["services"][string];

/** What a release must have shown before `threads promote` tags it. */
export type GatesConfig = EnvironmentConfig["gates"];

export type ScanGateConfig = NonNullable<GatesConfig["scan"]>;

export type SignatureGateConfig = NonNullable<GatesConfig["signature"]>;

/** Whose signature counts: the holder of a key, or a workflow that an issuer vouches for. */
export type SignerConfig = SignatureGateConfig["by"];

/** How threads signs: without a key, as the workflow that it is a step of. */
export type SigningConfig = Config["signing"];

export type ApprovalsGateConfig = NonNullable<GatesConfig["approvals"]>;

export type StressGateConfig = NonNullable<GatesConfig["stress"]>;

export type RehearsedGateConfig = NonNullable<GatesConfig["rehearsed"]>;

/** A finding that was looked at and is accepted until the end of a day, in UTC. */
export type AllowedFinding = ScanGateConfig["allow"][number];
