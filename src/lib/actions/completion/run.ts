import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { suggest } from "../../config/suggest.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { commandText } from "../../process/processes.ts";
import { type Home, placeFor } from "./place.ts";
import type { CompletionInstalled, CompletionScript } from "./result.ts";
import { completionScript, mark, type Shell, shells, type Subject } from "./script.ts";

/** @param shell as it was typed */
export function printCompletion(shell: string | undefined, subject: Subject): CompletionScript {
  const known = shellOf(shell, (name) => `threads completion ${name}`, ["install", "uninstall"]);
  return { outcome: "printed", shell: known, script: completionScript(known, subject), next: [], advice: [] };
}

export interface InstallOptions {
  /** As it was typed; that of $SHELL where it was not. */
  readonly shell: string | undefined;
  readonly dryRun: boolean;
  readonly yes: boolean;
}

export interface InstallPorts {
  readonly subject: Subject;
  readonly home: Home;
  /** @returns whether the person wants it; undefined where there is nobody to ask */
  readonly confirm: ((what: string) => Promise<boolean>) | undefined;
}

/** Puts the script where its shell looks. @throws ThreadsError UNKNOWN_SHELL (usage), FILES_EXIST (refused) */
export async function installCompletion(options: InstallOptions, ports: InstallPorts): Promise<CompletionInstalled> {
  const { subject, home } = ports;
  const shell = shellOf(options.shell ?? ownShell(home), (name) => `threads completion install ${name}`);
  const { path, next } = placeFor(shell, home);
  const script = completionScript(shell, subject);
  const there = home.read(path);
  const known = { shell, path, advice: next.length > 0 ? [] : ["a new shell has it"] };
  if (there === script) return { outcome: "up-to-date", ...known, next };
  requireOurs(there, path);
  const word = there === undefined ? "Write" : "Replace";
  if (!(await isWanted(`${word} ${path}?`, options, ports)))
    return { outcome: "planned", ...known, next: [`threads completion install ${shell} --yes`], advice: [] };
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, script);
  return { outcome: there === undefined ? "installed" : "replaced", ...known, next };
}

/** Takes it away again. @throws ThreadsError UNKNOWN_SHELL (usage), FILES_EXIST (refused) */
export async function removeCompletion(options: InstallOptions, ports: InstallPorts): Promise<CompletionInstalled> {
  const { home } = ports;
  const shell = shellOf(options.shell ?? ownShell(home), (name) => `threads completion uninstall ${name}`);
  const { path } = placeFor(shell, home);
  const there = home.read(path);
  const known = { shell, path, advice: [] };
  if (there === undefined) return { outcome: "not-installed", ...known, next: [] };
  requireOurs(there, path);
  if (!(await isWanted(`Remove ${path}?`, options, ports)))
    return { outcome: "planned", ...known, next: [`threads completion uninstall ${shell} --yes`] };
  rmSync(path);
  return { outcome: "removed", ...known, next: [] };
}

async function isWanted(what: string, { dryRun, yes }: InstallOptions, { confirm }: InstallPorts): Promise<boolean> {
  if (dryRun) return false;
  return yes || (confirm !== undefined && (await confirm(what)));
}

function requireOurs(there: string | undefined, path: string): void {
  if (there === undefined || there.slice(0, 200).includes(mark)) return;
  throw new ThreadsError("FILES_EXIST", {
    message: `${path} is there already, and threads has not made it`,
    next: [commandText({ file: "ls", args: ["-l", path] })],
    advice: ["move it away first, if nobody needs it there"],
  });
}

function ownShell({ env }: Home): string | undefined {
  return env["SHELL"]?.split("/").at(-1);
}

/** @param type the line with another word. @param others what may have been meant beside a shell */
function shellOf(word: string | undefined, type: (word: string) => string, others: readonly string[] = []): Shell {
  const known = shells.find((shell) => shell === word);
  if (known !== undefined) return known;
  const meant = word === undefined ? undefined : suggest(word, [...shells, ...others]);
  const which = word === undefined ? "which shell it is for" : `for ${JSON.stringify(word)}`;
  const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
  throw new ThreadsError("UNKNOWN_SHELL", {
    message: `${word === undefined ? "it must be said" : "there is no completion"} ${which}: bash, zsh or fish${hint}`,
    next: (meant === undefined ? shells : [meant]).map(type),
  });
}
