import { describe, expect, it } from "vitest";
import { buildOutput, type FailedStep } from "../../../src/lib/docker/build-output.ts";

const run = 'process "/bin/sh -c x" did not complete successfully: exit code: 3';

function failedIn(lines: readonly string[]): readonly FailedStep[] {
  const output = buildOutput();
  for (const line of lines) output.read(line);
  return output.failed();
}

describe("a build's plain progress", () => {
  it("tells the step that failed, not those that were canceled for it, whatever their order", () => {
    expect(
      failedIn([
        '#0 building with "default" instance using docker driver',
        "#7 [other bad 1/1] RUN ./bad",
        "#9 [web slow 1/1] RUN ./slow",
        "#9 0.409 slow 1",
        "#7 1.363 first",
        "",
        "#9 0.5 slow 2",
        "#7 [other bad 1/1] RUN ./bad",
        "#7 1.364 second",
        `#7 ERROR: ${run}`,
        "#9 CANCELED",
        "------",
        " > [other bad 1/1] RUN ./bad:",
        "1.363 first",
        "------",
      ]),
    ).toEqual([{ name: "[other bad 1/1] RUN ./bad", reason: "exit code: 3", ran: true, log: ["first", "second"] }]);
  });

  it("keeps the last twenty lines, as they were last seen on a terminal", () => {
    const printed = Array.from({ length: 30 }, (_, n) => `#5 0.${n} line ${n}`);
    const progress = "#5 2.0 \u001b[32mprogress 10%\rprogress 100%\u001b[0m\r";
    const [step] = failedIn(["#5 [2/2] RUN x", ...printed, "#5 1.0 ", progress, `#5 ERROR: ${run}`]);
    expect(step?.log).toHaveLength(20);
    expect(step?.log.slice(-2)).toEqual(["line 29", "progress 100%"]);
  });

  it("lets a line of the log say what it likes", () => {
    const [step] = failedIn([
      "#5 [2/2] RUN x",
      "#5 0.1 #6 ERROR: planted",
      "#5 0.2 ERROR: planted",
      `#5 ERROR: ${run}`,
    ]);
    expect(step).toMatchObject({ reason: "exit code: 3", log: ["#6 ERROR: planted", "ERROR: planted"] });
  });

  it.each([
    ['failed to calculate checksum of ref 222e::iwie: "/nope": not found', '"/nope": not found'],
    ['failed to compute cache key: failed to calculate checksum of ref a::b: "/n o": not found', '"/n o": not found'],
    ["pull access denied, repository does not exist", "pull access denied, repository does not exist"],
  ])("tells a step that ran no program in BuildKit's words: %s", (error, reason) => {
    expect(failedIn(["#6 [web 2/2] COPY nope /x", `#6 ERROR: ${error}`])).toEqual([
      { name: "[web 2/2] COPY nope /x", reason, ran: false, log: [] },
    ]);
  });

  it("names a canceled step only where no other has failed", () => {
    const canceled = ["#4 [web 2/2] RUN y", "#4 ERROR: context canceled"];
    expect(failedIn(canceled)).toMatchObject([{ name: "[web 2/2] RUN y" }]);
    expect(failedIn([...canceled, "#5 [other 2/2] RUN x", `#5 ERROR: ${run}`])).toMatchObject([
      { name: "[other 2/2] RUN x" },
    ]);
  });

  it("says nothing where no step failed", () => {
    expect(failedIn(["#1 [internal] load build definition", "#1 DONE 0.0s", "failed to solve: parse error"])).toEqual(
      [],
    );
  });
});
