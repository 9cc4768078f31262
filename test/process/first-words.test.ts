import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { requireBuild } from "./built.ts";

requireBuild();

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What a person sees, in a pipe and with a width of their own: the two ways in which help is made. */
function threads(line: string, columns = ""): { code: number | null; stdout: string; stderr: string } {
  const env = { ...process.env, OCLIF_COLUMNS: columns, FORCE_COLOR: "", THREADS_CONFIG: "" };
  const { status, stdout, stderr } = spawnSync(process.execPath, [`${root}/bin/run.js`, ...line.split(" ")], {
    cwd: root,
    encoding: "utf8",
    env,
  });
  return { code: status, stdout, stderr };
}

it.each([
  ["-h", "--help"],
  ["help", "--help"],
  ["help deploy", "deploy --help"],
  ["deploy -h", "deploy --help"],
  ["help sandbox up", "sandbox up --help"],
  ["sandbox -h", "sandbox --help"],
  ["status prod --help", "status --help"],
  ["-v", "--version"],
  ["-V", "--version"],
  ["version", "--version"],
])("threads %s is threads %s", (typed, meant) => {
  for (const columns of ["", "100"]) {
    const seen = threads(typed, columns);
    expect(seen).toEqual(threads(meant, columns));
    expect(seen).toMatchObject({ code: 0, stderr: "" });
    expect(seen.stdout).toContain("threads");
  }
});

it("threads help json deploy prints a schema that a program can read, and threads help gates a page", () => {
  expect(JSON.parse(threads("help json deploy").stdout)).toMatchObject({ title: "threads deploy --json" });
  expect(threads("help gates")).toMatchObject({ code: 0, stdout: expect.stringMatching(/^# Gates: /), stderr: "" });
  expect(threads("gates --help").stdout).toContain("$ threads help gates");
});

it.each(["help deplyo", "deplyo --help", "deplyo -h"])("threads %s has no page, and tells which there is", (typed) => {
  expect(threads(typed)).toEqual({
    code: 2,
    stdout: "",
    stderr: '✖ there is no command "deplyo", did you mean "deploy"? [UNKNOWN_COMMAND]\n  next: threads deploy --help\n',
  });
});
