import { expect, test } from "vitest";
import { allLogs } from "../../../src/lib/compose/all-logs.ts";
import { CommandFailed, type Processes } from "../../../src/lib/process/processes.ts";

const command = { file: "docker", args: ["compose", "logs"] };
const printing = (...lines: readonly string[]): Processes => ({
  run: (_, { onLine } = {}) => {
    for (const line of lines) onLine?.(line, "stdout");
    return Promise.resolve({ exitCode: 0, stdout: "", stderr: "" });
  },
});

test("each container's lines are its own, whatever stands in them", async () => {
  const said = ["web-1          | a | b", "celery-beat-1  |   indented", "web-1          | ", "no line of a container"];
  expect(await allLogs(command, {}, printing(...said))).toEqual(
    new Map([
      ["web-1", ["a | b", ""]],
      ["celery-beat-1", ["  indented"]],
    ]),
  );
});

test("what cannot be read fails nothing", async () => {
  const failing = { run: () => Promise.reject(new CommandFailed({ command, exitCode: 1, tail: [], reason: "no" })) };
  expect(await allLogs(command, {}, failing)).toEqual(new Map());
});
