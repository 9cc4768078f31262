import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Contexts, filled, filledAll, holds } from "./expressions.ts";
import { runScript } from "./script.ts";
import { type Job, readAction, type Step } from "./workflow.ts";

/** An action of somebody else's, as far as ours lean on it. */
export type ForeignAction = (
  inputs: Readonly<Record<string, string>>,
  machine: Machine,
  env: Readonly<Record<string, string>>,
) => Promise<Left>;

/** What a step leaves. */
export interface Left {
  readonly env?: Readonly<Record<string, string>>;
  /** Folders that come first on the PATH from now on. */
  readonly path?: readonly string[];
  readonly outputs?: Readonly<Record<string, string>>;
}

/** The machine of one job, fresh. */
export interface Machine {
  readonly folder: string;
  readonly workspace: string;
  readonly temp: string;
  readonly job: Job;
  /** GitHub's environment that the job is in; empty where it is in none. */
  readonly environment: string;
  readonly github: Readonly<Record<string, string>>;
  /** The workflow whose job it is, as `owner/name/.github/workflows/deploy.yml@refs/heads/main`. */
  readonly workflow: string;
}

export interface Ran {
  readonly result: "success" | "failure" | "cancelled";
  readonly outputs: Readonly<Record<string, string>>;
  /** All that its steps have printed. */
  readonly log: string;
  /** What its page shows. */
  readonly summary: string;
  /** The scripts that were run, as they are written, and how each ended. */
  readonly scripts: readonly { readonly run: string; readonly code: number }[];
}

export interface JobPlace {
  readonly actions: Readonly<Record<string, ForeignAction>>;
  /** What a job is given that may ask for a token of OpenID Connect. */
  readonly tokenRequest: (machine: Machine) => Promise<Readonly<Record<string, string>>>;
  /** What every machine has from the beginning. */
  readonly env: Readonly<Record<string, string>>;
  /** Cancels the job as soon as this is printed. */
  readonly cancelAt?: RegExp | undefined;
}

/** Runs the steps of a job in order, each as it is written, as GitHub's runner does. */
export async function runJob(machine: Machine, contexts: Contexts, place: JobPlace): Promise<Ran> {
  const { job } = machine;
  mkdirSync(machine.workspace, { recursive: true });
  mkdirSync(machine.temp, { recursive: true });
  // No other job is told where.
  const asking = job.permissions["id-token"] === "write" ? await place.tokenRequest(machine) : {};
  const state: State = {
    env: { ...place.env, ...githubEnv(machine), ...asking, ...filledAll(job.env, contexts) },
    steps: {},
    log: "",
    scripts: [],
    failed: false,
    cancelled: false,
  };
  await runSteps(job.steps ?? [], machine, contexts, place, state);
  const summary = join(machine.folder, "summary.md");
  return {
    result: state.cancelled ? "cancelled" : state.failed ? "failure" : "success",
    outputs: filledAll(job.outputs, { ...contexts, steps: state.steps }),
    log: state.log,
    summary: existsSync(summary) ? readFileSync(summary, "utf8") : "",
    scripts: state.scripts,
  };
}

interface State {
  env: Record<string, string>;
  steps: Record<string, { readonly outputs: Readonly<Record<string, string>> }>;
  log: string;
  scripts: { readonly run: string; readonly code: number }[];
  failed: boolean;
  cancelled: boolean;
}

async function runSteps(
  steps: readonly Step[],
  machine: Machine,
  outer: Contexts,
  place: JobPlace,
  state: State,
): Promise<void> {
  for (const step of steps) {
    const contexts = { ...outer, steps: state.steps, runner: { temp: machine.temp }, env: state.env };
    const standing = state.cancelled ? "cancelled" : state.failed ? "failure" : "success";
    if (!holds(step.if, contexts, standing)) continue;
    const left =
      step.uses === undefined
        ? await script(step, machine, contexts, place, state)
        : await action(step, machine, contexts, place, state);
    Object.assign(state.env, left.env);
    for (const folder of left.path ?? []) state.env["PATH"] = `${folder}${delimiter}${state.env["PATH"] ?? ""}`;
    if (step.id !== undefined) state.steps[step.id] = { outputs: left.outputs ?? {} };
  }
}

async function action(step: Step, machine: Machine, contexts: Contexts, place: JobPlace, state: State): Promise<Left> {
  const uses = step.uses ?? "";
  if (uses.startsWith("./")) {
    const { inputs = {}, runs } = readAction(readFileSync(join(machine.workspace, uses, "action.yml"), "utf8"));
    const defaults = Object.fromEntries(Object.entries(inputs).map(([name, one]) => [name, one.default ?? ""]));
    const own = { ...contexts, inputs: { ...defaults, ...filledAll(step.with, contexts) } };
    await runSteps(runs.steps, machine, own, place, state);
    return {};
  }
  const [name = ""] = uses.split("@");
  const foreign = place.actions[name];
  if (foreign === undefined) throw new Error(`nobody knows the action ${name}`);
  try {
    return await foreign(filledAll(step.with, contexts), machine, state.env);
  } catch (error) {
    state.log += `::error::${name}: ${(error as Error).message}\n`;
    state.failed ||= step["continue-on-error"] !== true;
    return {};
  }
}

async function script(step: Step, machine: Machine, contexts: Contexts, place: JobPlace, state: State): Promise<Left> {
  const run = filled(step.run, contexts);
  const files = { GITHUB_OUTPUT: "output", GITHUB_ENV: "env", GITHUB_PATH: "path" } as const;
  const own = Object.fromEntries(
    Object.entries(files).map(([variable, name]) => {
      const file = join(machine.folder, `${name}-${state.scripts.length}`);
      writeFileSync(file, "");
      return [variable, file];
    }),
  );
  const env = { ...state.env, ...own, ...filledAll(step.env, contexts) };
  const { code, printed, cancelled } = await runScript(run, {
    shell: step.shell,
    file: join(machine.temp, `step-${state.scripts.length}.sh`),
    cwd: machine.workspace,
    env: { ...env, GITHUB_STEP_SUMMARY: join(machine.folder, "summary.md") },
    cancelAt: place.cancelAt,
  });
  state.log += printed;
  state.scripts.push({ run, code });
  state.cancelled ||= cancelled;
  state.failed ||= code !== 0 && step["continue-on-error"] !== true;
  const lines = (variable: keyof typeof files): string[] =>
    readFileSync(own[variable] ?? "", "utf8")
      .split("\n")
      .filter((line) => line !== "");
  return { env: pairs(lines("GITHUB_ENV")), path: lines("GITHUB_PATH"), outputs: pairs(lines("GITHUB_OUTPUT")) };
}

function pairs(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(lines.map((line) => [line.replace(/=.*/s, ""), line.replace(/^[^=]*=/, "")]));
}

function githubEnv({ github, workspace, temp, folder }: Machine): Record<string, string> {
  const told = Object.entries(github).map(([name, value]) => [`GITHUB_${name.toUpperCase()}`, value]);
  appendFileSync(join(folder, "summary.md"), "");
  return {
    ...Object.fromEntries(told),
    CI: "true",
    GITHUB_ACTIONS: "true",
    GITHUB_WORKSPACE: workspace,
    RUNNER_TEMP: temp,
  };
}
