// `npm run mutate:host -- look.sh retire.sh [--every N] [--in verdict.test.ts] [--most N]`: changes these parts of a host's
// script line by line, and prints what no test of test/host notices. Each change meets only the tests that run its line, those
// first that noticed one in its function before.
import { parseArgs } from "node:util";
import { accepted } from "./accepted.ts";
import { Copy, type Failed, source } from "./copy.ts";
import { chosen, type Coverage, coverage, testsOf } from "./coverage.ts";
import { functionAt, type Mutant, mutantsOf, withMutant } from "./shell.ts";

const { values, positionals: parts } = parseArgs({
  allowPositionals: true,
  options: {
    /** One of so many changes only. */
    every: { type: "string", default: "1" },
    /** So many at a time. */
    at: { type: "string", default: "2" },
    /** Files of tests; all of them where none is named. */
    in: { type: "string", multiple: true, default: [] },
    /** So many tests for a change, of those that may notice it: a first look, where a line is run by hundreds. */
    most: { type: "string" },
  },
});

/** Tests that have noticed a change in a function, the last one first, as vitest joins their names. */
const noticed = new Map<string, readonly string[]>();

/** Of all kinds: the tests of a file are beside each other, and alike. */
function spread(names: readonly string[], most: number): readonly string[] {
  return names.filter(
    (_, at) => Math.floor((at * most) / names.length) !== Math.floor(((at - 1) * most) / names.length),
  );
}

/** @returns the test that notices what the copy has now, and how many there are that it met */
async function noticing(copy: Copy, part: string, line: number, by: Coverage): Promise<Failed | number> {
  const name = `${part} ${functionAt(source(part), line) ?? ""}`;
  const tests = testsOf(by, part, line);
  const all = [...new Set([...tests.values()].flatMap((names) => [...names]))];
  const before = noticed.get(name) ?? [];
  const known = all.filter((test) => before.includes(test.replaceAll(" > ", " ")));
  const rest = all.filter((test) => !known.includes(test));
  const more = values.most === undefined ? rest : spread(rest, Math.max(Number(values.most) - known.length, 0));
  for (const only of [known, more]) {
    const args = chosen(tests, new Set(only));
    const failed = args.length === 0 ? undefined : await copy.test(args);
    if (failed === undefined) continue;
    noticed.set(name, [failed.name, ...before.filter((test) => test !== failed.name)].slice(0, 6));
    return failed;
  }
  return known.length + more.length;
}

const isAccepted = (part: string, { was, becomes }: Mutant): boolean =>
  accepted.some(
    (one) => one.part === part && one.was === was.trim() && (one.becomes ?? becomes.trim()) === becomes.trim(),
  );

/** Prints what nobody noticed. @returns how many there are */
async function mutate(copies: readonly Copy[], part: string, by: Coverage): Promise<number> {
  const text = source(part);
  const every = Number(values.every);
  const all = mutantsOf(text).filter((_, index) => index % every === 0);
  const open = all.filter((mutant) => !isAccepted(part, mutant));
  const count = { survived: 0, late: 0 };
  const rest = [...open];
  await Promise.all(
    copies.map(async (copy) => {
      for (let mutant = rest.shift(); mutant !== undefined; mutant = rest.shift()) {
        copy.write(part, withMutant(text, mutant));
        process.stderr.write(`\r${open.length - rest.length} of ${open.length} `);
        const test = await noticing(copy, part, mutant.line, by);
        if (typeof test === "object") {
          count.late += test.isLate ? 1 : 0;
          continue;
        }
        count.survived += 1;
        const where = `${part}:${mutant.line} ${functionAt(text, mutant.line) ?? ""} (${test} tests)`;
        process.stdout.write(`${where}\n  - ${mutant.was.trim()}\n  + ${mutant.becomes.trim()}\n`);
      }
      copy.write(part, text);
    }),
  );
  const late = count.late === 0 ? "" : ` (${count.late} since a test did not end)`;
  const [tried, left] = [open.length, all.length - open.length];
  process.stdout.write(`${part}: ${tried - count.survived} of ${tried} noticed${late}, ${left} need not be\n`);
  return count.survived;
}

const copies = Array.from({ length: Number(values.at) }, () => new Copy());
try {
  const by = await coverage(copies[0]!, parts, values.in);
  for (const part of parts) if ((await mutate(copies, part, by)) > 0) process.exitCode = 1;
} finally {
  for (const copy of copies) copy.remove();
}
