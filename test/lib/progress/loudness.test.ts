import { expect, test } from "vitest";
import { atLoudness, type Loudness } from "../../../src/lib/progress/loudness.ts";
import { type Progress, silentProgress, step } from "../../../src/lib/progress/progress.ts";

async function heard(loudness: Loudness): Promise<string[]> {
  const told: string[] = [];
  const say = (text: string): void => void told.push(text);
  const all: Progress = {
    ...silentProgress,
    tasks: (tasks, options) => {
      for (const { title } of tasks) say(title);
      return silentProgress.tasks(tasks, options);
    },
    note: say,
    detail: say,
    warn: say,
    line: say,
  };
  const progress = atLoudness(all, loudness);
  progress.note("a note");
  progress.detail("a detail");
  progress.warn("a warning");
  progress.line("a program's line");
  expect(await step(progress, "a step", () => Promise.resolve(42))).toBe(42);
  return told;
}

test("details are for whoever asks for them, and a quiet command tells what must not be missed", async () => {
  const usual = ["a note", "a warning", "a program's line", "a step"];
  expect(await heard({ quiet: false, verbose: false })).toEqual(usual);
  expect(await heard({ quiet: false, verbose: true })).toEqual(["a note", "a detail", ...usual.slice(1)]);
  expect(await heard({ quiet: true, verbose: false })).toEqual(["a warning", "a program's line"]);
});
