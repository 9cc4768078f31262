import { basename } from "node:path";
import type { ThreadsYaml } from "../../config/template.ts";
import type { ComposeFile } from "../../project/compose-file.ts";
import { healthPath } from "../../project/health.ts";
import type { Project } from "../../project/look.ts";
import { servicesOf } from "../../project/merge.ts";
import { list } from "../../text/words.ts";
import type { Answers, Choice } from "./choose.ts";
import { type Entry, isMigration, isSingle } from "./entry.ts";
import { whyStack } from "./stacks.ts";
import { type Suites, suitesOf } from "./suites.ts";
import type { Finding } from "./result.ts";

/** Everything that the file says, put together from what was found and what was answered. */
interface Parts {
  readonly services: readonly string[];
  readonly migrate: string | undefined;
  readonly singletons: readonly string[];
  readonly environment: ReturnType<typeof environmentOf>;
  readonly suites: Suites | undefined;
}

/** The file that the answers make, and why each of its keys says what it does. */
export function fileOf(
  choice: Choice,
  answers: Answers,
): { readonly file: ThreadsYaml; readonly found: readonly Finding[] } {
  const { stacks, services, project } = choice;
  const runtime = servicesOf(stacks.runtime).map(({ name }) => name);
  const migrate = runtime.find((name) => isMigration(name));
  const others = services.names.filter((name) => name !== migrate);
  const parts: Parts = {
    services: others.length > 0 ? others : services.names,
    migrate,
    singletons: others.filter((name) => isSingle(name)),
    environment: environmentOf(project, envFilesOf(stacks.runtime)),
    suites: suitesOf(stacks),
  };
  return { file: written(parts, choice, answers), found: findings(parts, choice, answers) };
}

function written(parts: Parts, { stacks }: Choice, { app, entry, health, environments }: Answers): ThreadsYaml {
  const { services, migrate, singletons, environment, suites } = parts;
  return {
    app,
    services: [...services],
    ...(suites === undefined ? {} : { test: { compose: paths(suites.files), service: suites.service } }),
    smoke: {
      compose: paths(stacks.smoke),
      ...(environment === undefined
        ? {}
        : { env: { template: environment.path, generate: [...environment.generate] } }),
      entry: { service: entry.service.name, port: entry.port },
    },
    checks: [{ path: health }],
    runtime: {
      compose: paths(stacks.runtime),
      ...(migrate === undefined ? {} : { migrate }),
      ...(singletons.length === 0 ? {} : { singletons: [...singletons] }),
      port: hostPort(stacks.runtime, entry) ?? 80,
      health,
    },
    environments: environmentsOf(environments),
    ...(environment === undefined ? {} : { sandbox: { env: environment.path } }),
  };
}

/** As the files of the hosts have it: the port of a stack for smoke is somebody's own machine's. */
function hostPort(runtime: readonly ComposeFile[], entry: Entry): number | undefined {
  const service = servicesOf(runtime).find(({ name }) => name === entry.service.name);
  return service?.ports.find(({ target }) => target === entry.port)?.published;
}

function findings(parts: Parts, choice: Choice, { app, entry, health }: Answers): Finding[] {
  const { services, migrate, environment, suites } = parts;
  const { stacks, project } = choice;
  const guess = healthPath(entry.service, project.sources);
  const found = (key: string, value: string | undefined, because: string): Finding[] =>
    value === undefined ? [] : [{ key, value, because }];
  const shown = (files: readonly ComposeFile[]): string => files.map(({ path }) => path).join(" + ");
  return [
    ...found("app", app, app === choice.app.value ? choice.app.because : answered),
    ...found("services", list(services), choice.services.because),
    ...found("test.service", suites?.service, suites?.because ?? ""),
    ...found("smoke.compose", shown(stacks.smoke), whyStack(stacks.smoke, "smoke", project.compose)),
    ...found("smoke.entry", `${entry.service.name}:${entry.port}`, entry.because),
    ...found("checks", health, health === guess.path ? guess.because : answered),
    ...found("runtime.compose", shown(stacks.runtime), whyStack(stacks.runtime, "runtime", project.compose)),
    ...found("runtime.migrate", migrate, "its name says so"),
    ...found("sandbox.env", environment?.path, "it has the keys of the environment"),
  ];
}

const answered = "you said so";

function paths(files: readonly ComposeFile[]): string | string[] {
  const [only, ...others] = files.map(({ path }) => path);
  return others.length === 0 ? (only ?? "") : [only ?? "", ...others];
}

/** The last one asks for what was seen in the first. */
function environmentsOf(names: readonly string[]): ThreadsYaml["environments"] {
  const [first] = names;
  return Object.fromEntries(
    names.map((name, index) => [
      name,
      {
        hosts: { tag: `threads-env=${name}`, minimum: 1 },
        ...(index > 0 && index === names.length - 1 && first !== undefined ? { gates: { verified: first } } : {}),
      },
    ]),
  );
}

const unset = /^([A-Z0-9_]*(?:SECRET|PASSWORD|TOKEN)[A-Z0-9_]*)=\s*$/gm;

/** Files that the stack reads and git mostly lacks, by name. */
function envFilesOf(stack: readonly ComposeFile[]): ReadonlySet<string> {
  return new Set(servicesOf(stack).flatMap(({ envFiles }) => envFiles.map((path) => basename(path))));
}

const usualTemplate = /^\.?env[._-][a-z]+$|^[a-z]+\.env$/;

/**
 * The one of the usual name, or else the one that is the model of a file that the stack reads: `.env.prod-sample` of
 * `.env.prod`; of several such files none has every key. A template that threads could not read, or whose `$` the sandbox
 * would not know, is left to the person.
 */
function environmentOf(
  { environments }: Project,
  read: ReadonlySet<string>,
): { readonly path: string; readonly generate: readonly string[] } | undefined {
  const usual = environments.find(({ path }) => usualTemplate.test(basename(path)));
  const [own, ...others] = environments.filter(({ path }) => read.has(basename(path).replace(/[._-][a-z]+$/, "")));
  const environment = usual ?? (others.length === 0 ? own : undefined);
  if (environment === undefined || /^[^#\n]*\$/m.test(environment.text)) return undefined;
  const lines = environment.text.split(/\r?\n/).filter((line) => !/^\s*(?:#|$)/.test(line));
  if (!lines.every((line) => /^(?:export\s+)?[A-Za-z_]\w*\s*=(?:[^'"]*|\s*'[^']*'\s*|\s*"[^"]*"\s*)$/.test(line)))
    return undefined;
  return { path: environment.path, generate: [...environment.text.matchAll(unset)].map(([, key = ""]) => key) };
}
