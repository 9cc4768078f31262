import { expect, test } from "vitest";
import { silentProgress, step } from "../../../src/lib/progress/progress.ts";
import { recorded, type Told } from "../../../src/lib/progress/recorded.ts";

function listening() {
  const [told, kept, shown]: [Told[], string[][], string[]] = [[], [], []];
  const progress = recorded(
    {
      ...silentProgress,
      note: (text) => shown.push(text),
      line: (text) => shown.push(text),
      keep: () => shown.push("kept"),
    },
    { tell: (one) => void told.push(one), keep: (name, lines) => void kept.push([name, ...lines]) },
  );
  return { told, kept, shown, progress };
}

test("what is told is heard, whether it is shown or not, and shown as before", async () => {
  const { told, shown, progress } = listening();
  progress.note("a note");
  progress.detail("a detail");
  progress.warn("a warning");
  progress.line("a line");
  const value = await step(progress, "Push web", (one) => {
    one.update("half");
    one.done("Pushed web");
    return Promise.resolve(42);
  });
  expect(value).toBe(42);
  expect(shown).toEqual(["a note", "a line"]);
  expect(told).toEqual([
    { event: "note", text: "a note" },
    { event: "detail", text: "a detail" },
    { event: "warn", text: "a warning" },
    { event: "line", text: "a line" },
    { event: "begin", task: 1, title: "Push web" },
    { event: "update", task: 1, text: "half" },
    { event: "end", task: 1, title: "Pushed web", ok: true },
  ]);
});

test("tasks at once, and within others, are told apart, and one that fails ends as such and fails all the same", async () => {
  const { told, progress } = listening();
  const failing = {
    title: "b",
    run: async () => {
      await step(progress, "inner", () => Promise.resolve());
      throw new Error("no");
    },
  };
  const both = [{ title: "a", run: () => Promise.resolve() }, failing];
  await expect(progress.tasks(both, { concurrent: true })).rejects.toThrow("no");
  const of = (title: string) => told.flatMap((one) => ("title" in one && one.title === title ? [one] : []));
  expect(new Set(["a", "b", "inner"].flatMap(of).map(({ task }) => task)).size).toBe(3);
  expect(of("b").at(-1)).toMatchObject({ event: "end", ok: false });
  expect(of("inner").at(-1)).toMatchObject({ event: "end", ok: true });
});

test("whole logs go to whoever listens, and to nobody else", () => {
  const { kept, shown, progress } = listening();
  progress.keep("web-1", ["a", "b"]);
  expect({ kept, shown }).toEqual({ kept: [["web-1", "a", "b"]], shown: [] });
});
