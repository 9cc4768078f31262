import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { accepted } from "./mutants/accepted.ts";
import { functionAt, mutantsOf, withMutant } from "./mutants/shell.ts";
import { linesTraced, marked, sourced, traced, travellingLines } from "./mutants/trace.ts";

// What `npm run mutate:host` changes in the parts of a host's script.

const becomes = (line: string): readonly string[] =>
  mutantsOf(`f() {\n  ${line}\n  true\n}\n`)
    .filter((one) => one.line === 2)
    .map((one) => one.becomes.trim());

test.each([
  ["[[ -n $a ]]", [":", "! [[ -n $a ]]"]],
  [
    "[[ -n $a && $b == x ]] || return 1",
    [
      ":",
      "[[ -n $a && $b != x ]] || return 1",
      "[[ -n $a || $b == x ]] || return 1",
      "[[ -n $a && $b == x ]] && return 1",
      "[[ -n $a && $b == x ]] || return 0",
    ],
  ],
  ["((a > 2)) && b", [":", "((a > 3)) && b", "((a >= 2)) && b", "((a > 2)) || b"]],
  ["if ! a; then b; fi", [":", "if a; then b; fi"]],
  ["crashed=1", [":", "crashed=0"]],
  ['fail "$NOT_READY" "no room"', [":", 'fail "$BUG" "no room"']],
  [
    "timeout -k 5 20 docker ps -aq --filter label=x",
    [":", "timeout -k 5 20 docker ps --filter label=x", "timeout -k 5 20 docker ps -aq"],
  ],
  ["local a b _", []],
  ['say "nothing"', []],
  ["# a comment", []],
])("of %s", (line, changed) => {
  expect(new Set(becomes(line))).toEqual(new Set(changed));
});

test("what bash cannot read any more is none: a body that is left empty, half of a word", () => {
  expect(mutantsOf("if a; then\n  b\nfi\n").map((one) => one.becomes)).toEqual(["if ! a; then", "  :"]);
});

test("a change is met by the tests of the function that it is in", () => {
  const text = "a() { x; }\nb() {\n  y\n}\nz\n";
  expect([1, 2, 3, 5].map((line) => functionAt(text, line))).toEqual(["a", "b", "b", undefined]);
  expect(withMutant(text, { line: 3, was: "  y", becomes: "  :" })).toBe("a() { x; }\nb() {\n  :\n}\nz\n");
});

test("which lines of a part a script runs is told by their numbers in its file, also of what travels packed", () => {
  const part =
    "#!/bin/bash\n# Says something.\nf() {\n  # twice\n  echo once\n  if ((0)); then\n    echo never\n  fi\n}\nf\n";
  const folder = mkdtempSync(join(tmpdir(), "threads-trace-"));
  mkdirSync(join(folder, "traces"));
  const travelling = marked("part.sh", part).replaceAll(/^ *#.*\n/gm, "");
  const script = `ROOT=${folder}/host/root\nunpacked=$(cat ${folder}/part)\n`;
  writeFileSync(join(folder, "part"), `true\n${travelling}`);
  writeFileSync(join(folder, "script"), `${script}${traced("")}${sourced('eval "$unpacked"')}\n`);
  execFileSync("bash", [join(folder, "script")]);
  const trace = readFileSync(join(folder, "traces", readdirSync(join(folder, "traces"))[0] ?? ""), "utf8");
  rmSync(folder, { recursive: true });
  const numbers = travellingLines(part);
  const ran = linesTraced(trace).map((line) => numbers[Number(line.replace("part.sh ", "")) - 1]);
  expect(new Set(ran)).toEqual(new Set([5, 6, 10]));
});

test("what need not be noticed is a line of the script as it is", () => {
  const folder = new URL("../../src/lib/script/", import.meta.url);
  const parts = readdirSync(folder);
  for (const { part, was } of accepted) {
    expect(parts).toContain(part);
    const lines = readFileSync(new URL(part, folder), "utf8").split("\n");
    expect(lines.map((line) => line.trim())).toContain(was);
  }
});
