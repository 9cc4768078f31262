import { stripVTControlCharacters } from "node:util";

/** A step of a build that failed by itself; one that was only canceled because of another is none. */
export interface FailedStep {
  /** BuildKit's name for it, what is built first: `[web 2/5] RUN pip install …`. */
  readonly name: string;
  /** `exit code: 1` where a program ended badly, BuildKit's own sentence otherwise. */
  readonly reason: string;
  /** Whether a program of the Dockerfile ended badly: then neither the network nor a registry is to blame. */
  readonly ran: boolean;
  /** The last that it printed, without BuildKit's numbers and times. */
  readonly log: readonly string[];
}

export interface BuildOutput {
  /** One line of `--progress plain`, of either stream. */
  read(line: string): void;
  /** In the order in which they failed. */
  failed(): readonly FailedStep[];
}

const lastLines = 20;

interface StepSoFar {
  readonly name: string;
  readonly log: string[];
  error?: string;
}

/**
 * Follows a build by BuildKit's plain progress, the same from compose, bake and buildx: `#8 [web 2/5] RUN …` names a step,
 * `#8 0.532 …` is what it prints, `#8 ERROR: …` its end. Its own summary at the end has ten lines, and not in all versions.
 */
export function buildOutput(): BuildOutput {
  const steps = new Map<string, StepSoFar>();
  return {
    read: (raw) => {
      const [, id, text] = /^#(\d+) (.*)$/.exec(printed(raw)) ?? [];
      if (id === undefined || text === undefined) return;
      const step = steps.get(id);
      if (step === undefined) steps.set(id, { name: text, log: [] });
      else follow(step, text);
    },
    failed: () => {
      const failed = [...steps.values()].flatMap((step) => (step.error === undefined ? [] : [failedStep(step)]));
      const own = failed.filter(({ reason }) => !/context canceled/.test(reason));
      return own.length === 0 ? failed : own;
    },
  };
}

function follow(step: StepSoFar, text: string): void {
  const [, error] = /^ERROR: (.*)$/.exec(text) ?? [];
  const [, said] = /^\d+\.\d+ (.*)$/.exec(text) ?? [];
  if (error !== undefined) step.error = error;
  else if (said !== undefined && said.trim() !== "") {
    step.log.push(said.trimEnd());
    if (step.log.length > lastLines) step.log.shift();
  }
}

/** Without escapes; of a line that was written over itself, what was seen last. */
function printed(line: string): string {
  const plain = stripVTControlCharacters(line).trimEnd();
  const [, start = ""] = /^(#\d+ (?:\d+\.\d+ )?)/.exec(plain) ?? [];
  return start + (plain.slice(start.length).split("\r").at(-1) ?? "");
}

function failedStep({ name, log, error = "" }: StepSoFar): FailedStep {
  const [, ending] = /^(?:\w+: )?process ".*" did not complete successfully: (.*)$/.exec(error) ?? [];
  return { name, log, ran: ending !== undefined, reason: ending ?? withoutIds(error) };
}

/** `failed to calculate checksum of ref 222e1f60::iwiey: "/x": not found` is about /x. */
function withoutIds(error: string): string {
  return error.replace(/^(?:failed to compute cache key: )?failed to calculate checksum of ref \S+: /, "");
}
