import { basename } from "node:path";
import type { ComposeFile } from "../../project/compose-file.ts";
import { servicesOf } from "../../project/merge.ts";
import { entriesOf } from "./entry.ts";

/** Which compose files make which stack. */
export interface Stacks {
  readonly smoke: readonly ComposeFile[];
  readonly runtime: readonly ComposeFile[];
  /** Empty where no file is there for the suites. */
  readonly test: readonly ComposeFile[];
}

const plain = /^(?:docker-)?compose\.ya?ml$/;
const kinds = {
  smoke: /smoke/,
  runtime: /prod|production|release|deploy/,
  test: /tests?\b|testing|\bci\b/,
};

/** Sorts compose files by their usual names; undefined where none is left that could run. */
export function chooseStacks(files: readonly ComposeFile[]): Stacks | undefined {
  const readable = files.filter(({ services }) => services.length > 0);
  const named = (pattern: RegExp): ComposeFile | undefined =>
    readable.find(({ path }) => pattern.test(basename(path).toLowerCase()));
  const smoke = named(kinds.smoke);
  const test = readable.find(
    ({ path }) => kinds.test.test(basename(path).toLowerCase()) && !kinds.smoke.test(basename(path).toLowerCase()),
  );
  const prod = named(kinds.runtime);
  const base = named(plain) ?? readable.find((file) => ![smoke, test, prod].includes(file) && !isForDevelopment(file));
  const runtime = prod === undefined ? base : prod;
  if (runtime === undefined && smoke === undefined) return undefined;
  const run = withOverride(stack(runtime ?? smoke, base), readable);
  return {
    smoke: smoke === undefined ? smokeOf(run, base) : stack(smoke, base),
    runtime: run,
    test: stack(test, base),
  };
}

/** Why these files are a stack, for a person. @param all that were found */
export function whyStack(files: readonly ComposeFile[], kind: keyof typeof kinds, all: readonly ComposeFile[]): string {
  const [base, change] = files;
  const name = basename(files.at(-1)?.path ?? "").toLowerCase();
  if (change !== undefined) return `${change.path} only changes what ${base?.path ?? ""} says`;
  if (all.length === 1) return "the only compose file here";
  if (kinds[kind].test(name)) return "its name says so";
  if (plain.test(name)) return "the usual name of a compose file";
  return "the first compose file that is not for development";
}

/** A file whose services have no image of their own only changes another one. */
function stack(file: ComposeFile | undefined, base: ComposeFile | undefined): ComposeFile[] {
  if (file === undefined) return [];
  const whole = file.services.every(({ image, built }) => built || image !== undefined);
  return whole || base === undefined || base === file ? [file] : [base, file];
}

/** Compose reads an override file by itself: it is taken along where nothing would answer without it, and left to development elsewhere. */
function withOverride(files: readonly ComposeFile[], all: readonly ComposeFile[]): readonly ComposeFile[] {
  const [base] = files;
  const beside = base?.path.replace(/\.ya?ml$/, "");
  const override = all.find(({ path }) => path.replace(/\.ya?ml$/, "") === `${beside}.override`);
  if (override === undefined || files.length > 1) return files;
  const answers = (some: readonly ComposeFile[]): boolean => entriesOf(servicesOf(some)).length > 0;
  return !answers(files) && answers([...files, override]) ? [...files, override] : files;
}

/** Smoke builds: where production only names images, the file beside it says how they are made. */
function smokeOf(runtime: readonly ComposeFile[], base: ComposeFile | undefined): readonly ComposeFile[] {
  const builds = runtime.some(({ services }) => services.some(({ built }) => built));
  return builds || base === undefined ? runtime : [base];
}

function isForDevelopment({ path }: ComposeFile): boolean {
  return /dev|local|override|debug/.test(basename(path).toLowerCase());
}
