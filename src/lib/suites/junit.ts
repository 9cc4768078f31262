import sax from "sax";

/** One test that did not pass. */
export interface FailedTest {
  /** As its runner names it: class or module, and the test. */
  readonly name: string;
  /** The first line of what it said; empty where it said nothing. */
  readonly says: string;
}

/** What JUnit's XML says of suites. */
export interface SuiteCounts {
  /** All that were found, skipped ones too. */
  readonly tests: number;
  readonly skipped: number;
  readonly failed: readonly FailedTest[];
}

/**
 * Reads a file in JUnit's format, of which the tests themselves are counted: not every runner writes sums, and some add a
 * suite's to those of the suites within it.
 * @returns undefined where it is another kind of file, or cut off
 */
export function readJunit(text: string): SuiteCounts | undefined {
  const seen = { isJunit: undefined as boolean | undefined, tests: 0, skipped: 0, failed: [] as FailedTest[] };
  // Of the test that is open.
  let test: { name: string; skipped: boolean; says: string | undefined } | undefined;
  let within = "";
  let broken = false;
  const said = (words: string): void => {
    if (test?.says === "" && (within === "failure" || within === "error")) test.says = firstLine(words);
  };
  const xml = sax
    .createStream(true, { trim: true })
    .on("opentag", ({ name, attributes }) => {
      const given = attributes as Readonly<Record<string, string>>;
      seen.isJunit ??= name === "testsuites" || name === "testsuite";
      if (name === "testcase") test = { name: nameOf(given), skipped: false, says: undefined };
      if (test === undefined) return;
      if (name === "skipped") test.skipped = true;
      if (name === "failure" || name === "error") test.says ??= firstLine(given["message"] ?? "");
      within = name;
    })
    .on("text", said)
    .on("cdata", said)
    .on("closetag", (name) => {
      within = "";
      if (name !== "testcase" || test === undefined) return;
      seen.tests += 1;
      if (test.skipped) seen.skipped += 1;
      else if (test.says !== undefined) seen.failed.push({ name: test.name, says: test.says });
      test = undefined;
    })
    .on("error", () => (broken = true));
  xml.end(text);
  const { isJunit = false, ...counts } = seen;
  return isJunit && !broken ? counts : undefined;
}

/** Of several files together. */
export function together(all: readonly SuiteCounts[]): SuiteCounts {
  const sum = (key: "tests" | "skipped"): number => all.reduce((total, one) => total + one[key], 0);
  return { tests: sum("tests"), skipped: sum("skipped"), failed: all.flatMap(({ failed }) => failed) };
}

function nameOf({ classname = "", name = "" }: Readonly<Record<string, string>>): string {
  return classname === "" ? name : `${classname} ${name}`;
}

function firstLine(text: string): string {
  return text.trim().split(/\r?\n/)[0] ?? "";
}
