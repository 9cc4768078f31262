import type { Clock } from "../clock/clock.ts";
import { type Progress, settle, type Task } from "../progress/progress.ts";
import { took } from "../text/words.ts";
import { annotation } from "./annotation.ts";
import type { Paint } from "./paint.ts";

export interface PlainOptions {
  readonly write: (line: string) => void;
  readonly paint: Paint;
  readonly clock: Clock;
  /** In a job of GitHub Actions: what steps say is folded, and warnings are annotations. */
  readonly github: boolean;
}

/** An update is printed at most this often a task: a log is read afterwards, not watched. */
const updateEveryMs = 5_000;
/** Whoever does watch it must see that it goes on. */
const longestSilenceMs = 15_000;

/** Progress for logs: each fact once, on a line of its own, nothing redrawn, and never silent for long. */
export function plainProgress({ write: print, paint, clock, github }: PlainOptions): Progress {
  const groups = foldedGroups(github, print);
  const { write } = groups;
  return {
    tasks: async (tasks, options) => {
      const concurrent = options?.concurrent ?? false;
      // Groups cannot lie in each other, nor beside each other.
      const group = !concurrent || tasks.length === 1 ? groups : { ...foldedGroups(false, write), write };
      return settle(
        tasks.map((task) => () => runTask(task, { paint, clock, group })),
        concurrent,
      );
    },
    note: write,
    detail: (message) => write(paint.dim(message)),
    warn: (message) => (github ? write(annotation("warning", message)) : write(`${paint.warn("!")} ${message}`)),
    line: write,
    keep: () => undefined,
  };
}

interface TaskPorts extends Pick<PlainOptions, "paint" | "clock"> {
  readonly group: Groups;
}

async function runTask<T>(task: Task<T>, { paint, clock, group }: TaskPorts): Promise<T> {
  const { write } = group;
  const startedAt = clock.now();
  const elapsed = (): string => paint.dim(took(clock.now() - startedAt));
  let { title } = task;
  let saidAt = startedAt;
  let doing = "";
  let said = "";
  const say = (line: string): void => {
    saidAt = clock.now();
    said = doing;
    write(paint.dim(line));
  };
  const over = new AbortController();
  const goingOn = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(Math.max(0, saidAt + longestSilenceMs - clock.now()), over.signal);
      if (clock.now() - saidAt >= longestSilenceMs)
        say(`  ${title}${doing === "" ? "" : `: ${doing}`} (${took(clock.now() - startedAt)})`);
    }
  };
  const close = group.open(title, () => write(`${paint.dim("·")} ${title}`));
  const beating = goingOn().catch(() => undefined);
  const end = async (mark: string): Promise<void> => {
    over.abort();
    await beating;
    close();
    write(`${mark} ${title} ${elapsed()}`);
  };
  try {
    const value = await task.run({
      update: (text) => {
        doing = text;
        if (text !== said && clock.now() - saidAt >= updateEveryMs) say(`  ${title}: ${text}`);
      },
      done: (text) => (title = text),
    });
    await end(paint.good("✔"));
    return value;
  } catch (error) {
    await end(paint.bad("✖"));
    throw error;
  }
}

interface Groups {
  /** Begins a group, or says its title where there is none. @returns ends it */
  open(title: string, otherwise: () => void): () => void;
  /** Whatever is said while a group is open stands in it. */
  readonly write: (line: string) => void;
}

/** One group at a time: what is begun within it stands in it as lines. One in which nothing is said is none. */
function foldedGroups(github: boolean, print: (line: string) => void): Groups {
  let isOpen = false;
  let unsaid: string | undefined;
  return {
    write: (line) => {
      if (unsaid !== undefined) print(annotation("group", unsaid));
      unsaid = undefined;
      print(line);
    },
    open: (title, otherwise) => {
      if (!github || isOpen) {
        otherwise();
        return () => undefined;
      }
      isOpen = true;
      unsaid = title;
      return () => {
        if (unsaid === undefined) print("::endgroup::");
        isOpen = false;
        unsaid = undefined;
      };
    },
  };
}
