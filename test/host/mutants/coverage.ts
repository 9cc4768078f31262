import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Copy, source } from "./copy.ts";
import { functionAt } from "./shell.ts";
import { marked, sourced, traced, travellingLines } from "./trace.ts";

/** The tests of a file by their full names. */
type Tests = ReadonlyMap<string, ReadonlySet<string>>;
/** By part and line, and for what no line says of itself by part and function. */
export type Coverage = ReadonlyMap<string, Tests>;

/** Which tests run which lines of these parts. @param files of tests; all of them where none is named */
export async function coverage(copy: Copy, parts: readonly string[], files: readonly string[]): Promise<Coverage> {
  const folder = mkdtempSync(join(tmpdir(), "threads-cover-"));
  const changed = new Set([...parts, "begin.sh", "unpack.sh"]);
  for (const part of changed) {
    let text = source(part);
    if (parts.includes(part)) text = marked(part, text);
    if (part === "unpack.sh") text = sourced(text);
    copy.write(part, part === "begin.sh" ? traced(text) : text);
  }
  const failed = await copy.test(files, { THREADS_COVER: folder });
  if (failed !== undefined) throw new Error(`as it is, ${failed.name} fails: ${failed.why}`);
  for (const part of changed) copy.write(part, source(part));
  const found = testsByLine(folder, parts);
  rmSync(folder, { recursive: true });
  return found;
}

function testsByLine(folder: string, parts: readonly string[]): Coverage {
  const found = new Map<string, Map<string, Set<string>>>();
  const texts = new Map(parts.map((part) => [part, source(part)]));
  const numbers = new Map(parts.map((part) => [part, travellingLines(source(part))]));
  for (const file of readdirSync(folder)) {
    let of = "";
    let test = "";
    for (const told of readFileSync(join(folder, file), "utf8").split("\n")) {
      if (told.startsWith("@")) [of = "", test = ""] = told.slice(1).split("\t");
      const [part = "", at] = told.split(" ");
      const line = numbers.get(part)?.[Number(at) - 1];
      if (told.startsWith("@") || line === undefined) continue;
      for (const key of [`${part}:${line}`, `${part} ${functionAt(texts.get(part) ?? "", line) ?? ""}`]) {
        const tests = found.get(key) ?? new Map<string, Set<string>>();
        found.set(key, tests.set(of, (tests.get(of) ?? new Set()).add(test)));
      }
    }
  }
  return found;
}

/** Tests that may notice a change of a line. What a process substitution runs has the numbers of other lines. */
export function testsOf(by: Coverage, part: string, line: number): Tests {
  const text = source(part);
  const isTold = !/<\(|^ *done\b/.test(text.split("\n")[line - 1] ?? "");
  const own = isTold ? by.get(`${part}:${line}`) : undefined;
  return own ?? by.get(`${part} ${functionAt(text, line) ?? ""}`) ?? new Map();
}

/** As vitest takes them: the files, and one pattern for the names. */
export function chosen(tests: Tests, only: ReadonlySet<string>): string[] {
  const files = [...tests].filter(([, names]) => [...names].some((name) => only.has(name)));
  const names = files.flatMap(([, all]) => [...all]).filter((name) => only.has(name));
  const pattern = names.map((name) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
  return names.length === 0 ? [] : [...files.map(([file]) => file), "-t", `^(${pattern})$`];
}
