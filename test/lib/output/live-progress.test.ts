import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { type Clock, systemClock } from "../../../src/lib/clock/clock.ts";
import { liveProgress } from "../../../src/lib/output/live-progress.ts";
import { plainPaint } from "../../../src/lib/output/paint.ts";
import { manualClock } from "../../fakes/manual-clock.ts";
import { type Progress, step } from "../../../src/lib/progress/progress.ts";

/** A terminal of 80 columns, and all that was ever written to it, without the codes that move the cursor. */
function terminal(clock: Clock = systemClock): { progress: Progress; written: () => string } {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24, hasColors: () => false });
  let all = "";
  stream.setEncoding("utf8").on("data", (text: string) => (all += text));
  return {
    progress: liveProgress({ stream: stream as unknown as NodeJS.WriteStream, paint: plainPaint, clock }),
    // oxlint-disable-next-line no-control-regex -- ANSI codes begin with the escape character
    written: () => all.replaceAll(/\u001B\[[0-9;?]*[A-Za-z]/g, ""),
  };
}

describe("live progress", () => {
  it("returns what the tasks return, and leaves their last titles", async () => {
    const { progress, written } = terminal();
    const tasks = ["web", "nginx"].map((name) => ({
      title: `Push ${name}`,
      run: (own: { done(title: string): void }) => {
        own.done(`Pushed ${name}`);
        return Promise.resolve(name);
      },
    }));
    expect(await progress.tasks(tasks, { concurrent: true })).toEqual(["web", "nginx"]);
    expect(written()).toContain("Pushed web");
    expect(written()).toContain("Pushed nginx");
  });

  it("leaves nothing of an empty list", async () => {
    const { progress, written } = terminal();
    expect(await progress.tasks([])).toEqual([]);
    expect(written()).toBe("");
  });

  it("shows a warning under the running task at once, and keeps it as a line afterwards", async () => {
    const { progress, written } = terminal();
    await step(progress, "Deploy", async () => {
      progress.warn("no further host is begun");
      await expect.poll(() => written()).toContain("› ! no further host is begun");
    });
    await expect.poll(() => written()).toMatch(/\n! no further host is begun\n$/);
  });

  it("breaks what is ours between words, and leaves what others wrote to the terminal", async () => {
    const { progress, written } = terminal();
    const words = Array.from({ length: 20 }, () => "words").join(" ");
    progress.note(words);
    progress.line(words);
    const [first = "", second = "", third] = written().split("\n");
    expect(first.length).toBeLessThanOrEqual(80);
    expect(`${first} ${second.trim()}`).toBe(words);
    expect(third).toBe(words);
    await step(progress, "Deploy", async () => {
      progress.warn(words);
    });
    await expect.poll(() => written()).toMatch(/\n! (?:words ?){12,13}\n +words/);
  });

  it("counts the seconds of a running task behind its title, and leaves the title as it was", async () => {
    const { clock, tick } = manualClock();
    const { progress, written } = terminal(clock);
    await step(progress, "Deploy", async (own) => {
      await tick(1_000);
      await expect.poll(() => written()).toContain("Deploy 1 s");
      own.done("Deployed");
      await tick(11_000);
      await expect.poll(() => written()).toContain("Deployed 12 s");
    });
    expect(written().trimEnd()).toMatch(/Deployed$/);
  });

  it("fails with the task's own error, and starts nothing after it", async () => {
    const { progress } = terminal();
    const cause = new Error("no space left");
    let second = false;
    const tasks = [
      { title: "a", run: () => Promise.reject(cause) },
      { title: "b", run: () => Promise.resolve((second = true)) },
    ];
    await expect(progress.tasks(tasks)).rejects.toBe(cause);
    expect(second).toBe(false);
  });
});
