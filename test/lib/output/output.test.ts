import { describe, expect, it } from "vitest";
import { ThreadsError } from "../../../src/lib/errors/threads-error.ts";
import { errorJson, githubAnnotation, renderError } from "../../../src/lib/output/error.ts";
import { choosePaint, plainPaint } from "../../../src/lib/output/paint.ts";
import { plainProgress } from "../../../src/lib/output/plain-progress.ts";
import { table } from "../../../src/lib/output/table.ts";
import { manualClock } from "../../fakes/manual-clock.ts";
import { describeTerminal } from "../../../src/lib/output/terminal.ts";
import { step } from "../../../src/lib/progress/progress.ts";

const refusal = new ThreadsError("DIRTY_TREE", {
  message: "the working tree has changes",
  details: ["M a.ts"],
  next: ["git stash", "git commit"],
});

describe("a failure", () => {
  it("says what is wrong, the facts, and what to type next", () => {
    expect(renderError(refusal, plainPaint)).toEqual([
      "✖ the working tree has changes [DIRTY_TREE]",
      "  M a.ts",
      "  next: git stash",
      "    or: git commit",
    ]);
  });

  it("has the same shape in JSON as a result: an outcome, and how to go on", () => {
    const advised = new ThreadsError("ECR_LIMIT", { message: "no", advice: ["wait for an hour"] });
    expect(errorJson(refusal)).toEqual({
      outcome: "refused",
      code: "DIRTY_TREE",
      message: "the working tree has changes",
      details: ["M a.ts"],
      deployment: null,
      next: ["git stash", "git commit"],
      advice: [],
    });
    expect(errorJson(advised)).toMatchObject({ next: [], advice: ["wait for an hour"] });
    expect(renderError(advised, plainPaint).at(-1)).toBe("  wait for an hour");
  });

  it("cannot smuggle a workflow command into an annotation", () => {
    const evil = new ThreadsError("GIT_FAILED", { message: "100%\n::set-output name=a::b" });
    expect(githubAnnotation(evil, undefined)).toBe("::error title=threads GIT_FAILED::100%25%0A::set-output name=a::b");
  });
});

describe("the terminal", () => {
  const streams = (tty: boolean): never => ({ stdout: { isTTY: tty }, stderr: { isTTY: tty } }) as never;

  it("has no colour and no redrawing without a terminal, and obeys NO_COLOR, CI and TERM=dumb", () => {
    expect(describeTerminal(streams(false), {})).toMatchObject({ live: false, colourOut: false, colourErr: false });
    expect(describeTerminal(streams(true), {})).toMatchObject({ live: true, colourOut: true });
    expect(describeTerminal(streams(true), { NO_COLOR: "1" })).toMatchObject({ live: true, colourErr: false });
    const narrow = { stdout: { isTTY: true }, stderr: { isTTY: true, columns: 0 } } as never;
    expect(describeTerminal(narrow, {})).toMatchObject({ live: false, colourErr: true });
    expect(describeTerminal(streams(true), { CI: "true" })).toMatchObject({ live: false });
    expect(describeTerminal(streams(true), { TERM: "dumb" })).toMatchObject({ live: false, colourOut: false });
    expect(describeTerminal(streams(false), { FORCE_COLOR: "1" })).toMatchObject({ live: false, colourOut: true });
  });
});

describe("a table", () => {
  it("aligns by what is seen, not by colour codes", async () => {
    const paint = await choosePaint(true);
    const lines = table([
      ["host", "state"],
      [paint.bad("i-1"), "gone"],
    ]);
    expect(lines[0]).toBe("host  state");
    expect(lines[1]).toBe(`${paint.bad("i-1")}   gone`);
  });
});

describe("plain progress", () => {
  function recorded(github = false): {
    lines: string[];
    progress: ReturnType<typeof plainProgress>;
    tick: (ms: number) => Promise<void>;
  } {
    const { clock, tick } = manualClock();
    const lines: string[] = [];
    return {
      lines,
      progress: plainProgress({ write: (line) => lines.push(line), paint: plainPaint, clock, github }),
      tick,
    };
  }

  it("prints each fact once, and an update only when it has been quiet", async () => {
    const { lines, progress, tick } = recorded();
    await step(progress, "Push web", async (task) => {
      task.update("1 of 9");
      await tick(6_000);
      task.update("5 of 9");
      task.update("6 of 9");
      task.done("Pushed web");
    });
    expect(lines).toEqual(["· Push web", "  Push web: 5 of 9", "✔ Pushed web 6.0 s"]);
  });

  it("says what it is at where nothing has been said for a while, and goes quiet when it is done", async () => {
    const { lines, progress, tick } = recorded();
    await step(progress, "Deploy", async (task) => {
      await tick(15_000);
      task.update("the host is at work");
      await tick(10_000);
      task.update("the host is at work");
      await tick(5_000);
      // Said already: no news.
      task.update("the host is at work");
      await tick(10_000);
    });
    await tick(60_000);
    expect(lines).toEqual([
      "· Deploy",
      "  Deploy (15 s)",
      "  Deploy: the host is at work",
      "  Deploy: the host is at work (40 s)",
      "✔ Deploy 40 s",
    ]);
  });

  it("folds what a step says in a job of GitHub, one group at a time, and leaves its end and warnings outside", async () => {
    const { lines, progress, tick } = recorded(true);
    await step(progress, "Publish 100%", async () => {
      await step(progress, "Push web", () => tick(1_000));
      progress.warn("slow");
    });
    const both = ["a", "b"].map((title) => ({ title, run: () => Promise.resolve() }));
    await progress.tasks(both, { concurrent: true });
    expect(lines).toEqual([
      "::group::Publish 100%25",
      "· Push web",
      "✔ Push web 1.0 s",
      "::warning::slow",
      "::endgroup::",
      "✔ Publish 100% 1.0 s",
      "· a",
      "· b",
      "✔ a 0.0 s",
      "✔ b 0.0 s",
    ]);
  });

  it("folds nothing in a job of GitHub where nothing is said", async () => {
    const { lines, progress } = recorded(true);
    await step(progress, "Look", async (task) => task.done("Looked"));
    await step(progress, "Look again", async () => progress.note("seen"));
    expect(lines).toEqual(["✔ Looked 0.0 s", "::group::Look again", "seen", "::endgroup::", "✔ Look again 0.0 s"]);
  });

  it("lets concurrent tasks settle before it fails with the first failure", async () => {
    const { lines, progress } = recorded();
    const tasks = [
      { title: "a", run: () => Promise.reject(new Error("first")) },
      { title: "b", run: () => Promise.resolve(1) },
    ];
    await expect(progress.tasks(tasks, { concurrent: true })).rejects.toThrow("first");
    expect(lines.toSorted()).toEqual(["· a", "· b", "✔ b 0.0 s", "✖ a 0.0 s"]);
  });
});
