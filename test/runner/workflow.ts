import { parse } from "yaml";

/** A workflow of GitHub Actions, as much of it as ours have. */
export interface Workflow {
  readonly name: string;
  readonly on: Readonly<Record<string, { readonly inputs?: Readonly<Record<string, Input>> } | null>>;
  readonly permissions: unknown;
  readonly concurrency?: Concurrency;
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Input {
  readonly required?: boolean;
  readonly type: string;
  readonly options?: readonly string[];
}

interface Concurrency {
  readonly group: string;
  readonly queue?: string;
  readonly "cancel-in-progress"?: boolean;
}

export interface Job {
  readonly needs?: string | readonly string[];
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string>>;
  readonly environment?: string | { readonly name: string; readonly deployment?: boolean };
  readonly permissions: Readonly<Record<string, string>>;
  readonly concurrency?: Concurrency;
  readonly env?: Readonly<Record<string, string>>;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly steps?: readonly Step[];
  readonly "timeout-minutes"?: number;
}

export interface Step {
  readonly id?: string;
  readonly name?: string;
  readonly if?: string;
  readonly "continue-on-error"?: boolean;
  readonly uses?: string;
  readonly run?: string;
  readonly shell?: string;
  readonly with?: Readonly<Record<string, string | number | boolean>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** A composite action. */
export interface Action {
  readonly inputs?: Readonly<Record<string, { readonly default?: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}

export function readWorkflow(text: string): Workflow {
  return parse(text) as Workflow;
}

export function readAction(text: string): Action {
  return parse(text) as Action;
}

/** Name of GitHub's environment that a job is in, as it is written; empty where it is in none. */
export function environmentOf({ environment = "" }: Job): string {
  return typeof environment === "string" ? environment : environment.name;
}

export function stepsOf({ jobs }: Workflow): readonly Step[] {
  return Object.values(jobs).flatMap(({ steps = [] }) => steps);
}
