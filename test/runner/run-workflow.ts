import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { filled, filledAll, holds, type Contexts } from "./expressions.ts";
import { type JobPlace, type Ran, runJob } from "./job.ts";
import { environmentOf, type Job, readWorkflow, type Workflow } from "./workflow.ts";

/** What made GitHub run a workflow. */
export interface Event {
  readonly name: "push" | "workflow_dispatch";
  /** Of the commit whose workflow it is. */
  readonly sha: string;
  readonly ref: string;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly runId: string;
  readonly attempt?: number;
  /** "Re-run failed jobs": the jobs of the attempt before, of which those that went well are not run again. */
  readonly before?: Jobs;
}

/** By name; of a called workflow `caller / job`. */
export type Jobs = Readonly<Record<string, Ran>>;

/** What GitHub is to a repository. */
export interface GitHub extends JobPlace {
  /** A bare repository. */
  readonly origin: string;
  /** Folder for machines. */
  readonly machines: string;
  readonly repository: string;
  /** Of its API, and the token that each job is given for it. */
  readonly api: { readonly url: string; readonly token: string };
  /** Of the repository, and of each environment on top of it. */
  readonly variables: (environment: string) => Readonly<Record<string, string>>;
}

/** Runs a workflow as it is at the event's commit: its jobs in the order of their needs, each on a fresh machine. */
export async function runWorkflow(file: string, event: Event, github: GitHub): Promise<Jobs> {
  const workflow = workflowAt(file, event, github);
  if (!Object.hasOwn(workflow.on, event.name)) throw new Error(`${file} is not run on ${event.name}`);
  return runJobs(workflow, { file, event, inputs: event.inputs ?? {} }, github);
}

function workflowAt(file: string, { sha }: Event, { origin }: GitHub): Workflow {
  const path = `${sha}:.github/workflows/${file}`;
  return readWorkflow(execFileSync("git", ["--git-dir", origin, "show", path], { encoding: "utf8" }));
}

interface Call {
  /** Of the workflow whose jobs they are. */
  readonly file: string;
  readonly event: Event;
  readonly inputs: Readonly<Record<string, string>>;
}

async function runJobs(workflow: Workflow, { file, event, inputs }: Call, github: GitHub): Promise<Jobs> {
  const done: Record<string, Ran> = {};
  for (const [name, job] of inOrder(workflow.jobs)) {
    const before = event.before?.[name];
    if (before?.result === "success") {
      done[name] = before;
      continue;
    }
    const needs = Object.fromEntries(needsOf(job).map((need) => [need, done[need]]));
    if (!Object.values(needs).every((need) => need?.result === "success")) continue;
    const environment = filled(environmentOf(job), { inputs });
    const context = { ...githubContext(event, github), job: name };
    const contexts = { github: context, inputs, needs, vars: github.variables(environment), steps: {} };
    if (!holds(undefined, contexts, "success")) continue;
    if (job.uses === undefined) done[name] = await onMachine(job, { file, environment, context, contexts }, github);
    else Object.assign(done, await called(name, job, { event, contexts }, github));
  }
  return done;
}

function needsOf({ needs = [] }: Job): readonly string[] {
  return [needs].flat();
}

function inOrder(jobs: Workflow["jobs"]): readonly (readonly [string, Job])[] {
  const left = new Map(Object.entries(jobs));
  const order: [string, Job][] = [];
  while (left.size > 0) {
    const ready = [...left].filter(([, job]) => needsOf(job).every((need) => !left.has(need)));
    if (ready.length === 0) throw new Error(`jobs wait for each other: ${[...left.keys()].join(", ")}`);
    for (const [name, job] of ready) {
      order.push([name, job]);
      left.delete(name);
    }
  }
  return order;
}

/** A called workflow may do no more than the job that calls it. */
async function called(
  name: string,
  job: Job,
  { event, contexts }: { readonly event: Event; readonly contexts: Contexts },
  github: GitHub,
): Promise<Jobs> {
  const file = (job.uses ?? "").replace("./.github/workflows/", "");
  const workflow = workflowAt(file, event, github);
  const wants = workflow.on["workflow_call"]?.inputs;
  if (wants === undefined) throw new Error(`${job.uses ?? ""} is not to be called`);
  const given = filledAll(job.with, contexts);
  const unknown = Object.keys(given).filter((key) => wants[key] === undefined);
  const lacking = Object.keys(wants).filter((key) => wants[key]?.required === true && given[key] === undefined);
  if (unknown.length + lacking.length > 0) throw new Error(`unknown: ${unknown.join()}; lacking: ${lacking.join()}`);
  for (const { permissions } of Object.values(workflow.jobs))
    for (const [what, level] of Object.entries(permissions))
      if (job.permissions[what] !== level) throw new Error(`${name} may not pass on ${what}: ${level}`);
  const inputs = Object.fromEntries(Object.keys(wants).map((key) => [key, given[key] ?? ""]));
  const ran = await runJobs(workflow, { file, event: { ...event, before: {} }, inputs }, github);
  return Object.fromEntries(Object.entries(ran).map(([inner, one]) => [`${name} / ${inner}`, one]));
}

function githubContext(event: Event, { repository, api }: GitHub): Readonly<Record<string, string>> {
  return {
    actor: "octocat",
    api_url: api.url,
    event_name: event.name,
    ref: event.ref,
    ref_name: event.ref.replace(/^refs\/heads\//, ""),
    repository,
    run_attempt: String(event.attempt ?? 1),
    run_id: event.runId,
    server_url: "https://github.invalid",
    sha: event.sha,
    token: api.token,
  };
}

function onMachine(
  job: Job,
  given: {
    readonly file: string;
    readonly environment: string;
    readonly context: Readonly<Record<string, string>>;
    readonly contexts: Contexts;
  },
  github: GitHub,
): Promise<Ran> {
  mkdirSync(github.machines, { recursive: true });
  const folder = mkdtempSync(join(github.machines, "job-"));
  const machine = {
    folder,
    workspace: join(folder, "work"),
    temp: join(folder, "temp"),
    job,
    environment: given.environment,
    github: given.context,
    // What a branch has of it: whoever calls it by a path takes it from the same commit.
    workflow: `${github.repository}/.github/workflows/${given.file}@${given.context["ref"] ?? ""}`,
  };
  return runJob(machine, given.contexts, github);
}
