import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { parseThreadsYaml } from "../../config/parse.ts";
import { annotate, type ThreadsYaml } from "../../config/template.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import type { Project } from "../../project/look.ts";
import { isInstalledLoose } from "../../source/commit-all.ts";
import { type Ask, answersTo } from "./ask.ts";
import { choose, firstAnswers } from "./choose.ts";
import { commitLine } from "./commit.ts";
import { fileOf } from "./file.ts";
import type { InitFile, InitResult } from "./result.ts";
import { actionFor, ownAction, workflowsFor } from "./workflows.ts";

export interface InitOptions {
  readonly dryRun: boolean;
  /** Replace what is there. */
  readonly force: boolean;
  readonly workflows: boolean;
}

export interface InitPorts {
  /** Absolute path of the threads.yml to be: its folder is the one that is looked at. */
  readonly file: string;
  /** Working directory, where what is next is typed. */
  readonly cwd: string;
  /** The version of this package, for the workflows. */
  readonly version: string;
  look(): Project;
  /** URL that git pushes to, or undefined. */
  remote(): Promise<string | undefined>;
  /** What git does not have as it is, relative to the folder; undefined where there is no repository. */
  uncommitted(): Promise<readonly string[] | undefined>;
  /** Undefined where there is nobody to ask. */
  readonly ask: Ask | undefined;
}

/**
 * Looks at a folder and writes the threads.yml that fits it.
 * @throws ThreadsError refused FILES_EXIST; usage NOTHING_TO_RUN, where there is no compose file with a service that answers
 */
export async function init(options: InitOptions, ports: InitPorts): Promise<InitResult> {
  const [root, main] = [dirname(ports.file), basename(ports.file)];
  const choice = choose(ports.look(), await ports.remote());
  // What is asked decides none of the names but to leave some out.
  if (!options.force && !options.dryRun)
    refuseToReplace([main, ...Object.keys(workflows(options, fileOf(choice, firstAnswers(choice)).file, ports))], root);
  const answers = await answersTo(choice, ports.ask);
  const { file: without, found } = fileOf(choice, answers);
  // The jobs leave it to threads to tell GitHub, so that has to be on.
  const file: ThreadsYaml = options.workflows ? { ...without, github: { deployments: true } } : without;
  const reasons = Object.fromEntries(found.map(({ key, because }) => [key, because]));
  const text = annotate(file, reasons, schemaOf(ports.version));
  // What this writes must be what the program reads: a mistake here is found here.
  parseThreadsYaml(text, ports.file);
  const texts = {
    [main]: text,
    ...workflows(options, file, ports),
  };
  const files = Object.entries(texts).map(([path, body]): InitFile => ({
    path,
    state: existsSync(join(root, path)) ? "replaced" : "new",
    text: body,
  }));
  if (!options.dryRun) for (const one of files) write(join(root, one.path), one.text);
  const commit = async (): Promise<string> =>
    commitLine({
      root,
      cwd: ports.cwd,
      names: Object.keys(texts),
      uncommitted: await ports.uncommitted(),
      isLoose: isInstalledLoose(root),
    });
  return {
    outcome: options.dryRun ? "planned" : "written",
    files,
    found,
    next: options.dryRun
      ? [`threads init${options.workflows ? " --workflows" : ""}${options.force ? " --force" : ""}`]
      : [`${await commit()} && threads sandbox up`],
    advice: options.dryRun ? [] : [`look through ${main} first: it says of each choice why it was made`],
  };
}

/** By path. Merges to the main branch are published; the suites run for what asks to be merged. */
function workflows(
  options: InitOptions,
  { environments, test }: ThreadsYaml,
  { version }: Pick<InitPorts, "version">,
): Readonly<Record<string, string>> {
  if (!options.workflows) return {};
  const gated = Object.entries(environments).find(([, environment]) => environment?.gates !== undefined)?.[0];
  return {
    ...actionFor(version),
    ...workflowsFor({
      branch: "main",
      publisher: "publish",
      environments: Object.keys(environments),
      gated,
      testOn: test === undefined ? undefined : "pull_request:",
      action: ownAction,
    }),
  };
}

/** The JSON Schema as every published version of the package has it. */
function schemaOf(version: string): string {
  return `https://unpkg.com/@threads-release/cli@${version}/dist/lib/config/threads.schema.json`;
}

function refuseToReplace(names: readonly string[], root: string): void {
  const there = names.filter((name) => existsSync(join(root, name)));
  if (there.length === 0) return;
  throw new ThreadsError("FILES_EXIST", {
    message: `${there.join(", ")} ${there.length === 1 ? "is" : "are"} there already`,
    next: ["threads config", "threads init --dry-run", "threads init --force"],
    advice: ["--force replaces what is there; --dry-run shows what would be written"],
  });
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
