// What each test of a file has a host's script do: lines of its parts that run.ts has made tell of themselves, by test.
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, relative } from "node:path";
import { afterAll, afterEach, beforeEach } from "vitest";
import { linesTraced } from "./trace.ts";

const told = process.env["THREADS_COVER"] ?? "";
const folder = mkdtempSync(join(tmpdir(), "cover-"));
const traces = join(folder, "traces");
mkdirSync(traces);
process.env["TMPDIR"] = folder;

/** Of each script that has run, by the name of its trace. */
const lines = new Map<string, readonly string[]>();
/** Before the first test of the file: of use to all of them. */
let before: readonly string[] | undefined;
let seen = new Set<string>();

function unseen(): string[] {
  const names = readdirSync(traces).filter((name) => !seen.has(name));
  for (const name of names) lines.set(name, linesTraced(readFileSync(join(traces, name), "utf8")));
  seen = new Set([...seen, ...names]);
  return names;
}

/** What has made the hosts that are there as they are, also before this test: a host that is copied brings it with it. */
function behindHosts(): string[] {
  return readdirSync(folder)
    .map((name) => join(folder, name, "traced"))
    .filter((path) => existsSync(path))
    .flatMap((path) => readFileSync(path, "utf8").trim().split("\n"));
}

beforeEach(() => {
  before ??= unseen();
});
afterEach(({ task }) => {
  const names = new Set([...(before ?? []), ...unseen(), ...behindHosts()]);
  const all = new Set([...names].flatMap((name) => lines.get(name) ?? []));
  appendFileSync(
    join(told, basename(folder)),
    `@${relative(process.cwd(), task.file.filepath)}\t${task.fullTestName}\n${[...all, ""].join("\n")}`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
