import { describe, expect, it } from "vitest";
import { readJunit, together } from "../../../src/lib/suites/junit.ts";

// As pytest 8 writes it (junit_family xunit2).
const pytest = `<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" errors="1" failures="1" skipped="1" tests="4" time="0.1">
<testcase classname="tests.unit.test_posts" name="test_order[&lt;b&gt;]" time="0.001" />
<testcase classname="tests.unit.test_posts" name="test_length" time="0.002"><failure message="AssertionError: assert 3 == 2&#10;  where 3 = len(x)">def test_length():
&gt;       assert len(x) == 2
tests/unit/test_posts.py:7: AssertionError</failure></testcase>
<testcase classname="tests.unit.test_posts" name="test_later"><skipped type="pytest.skip" message="not yet">test_posts.py:9: not yet</skipped></testcase>
<testcase classname="tests.unit.test_db" name="test_rows"><error message="failed on setup with &quot;OperationalError&quot;">…</error></testcase>
</testsuite></testsuites>`;

describe("a file in JUnit's format", () => {
  it("counts each test once and names those that failed, by the first line of what they say", () => {
    expect(readJunit(pytest)).toEqual({
      tests: 4,
      skipped: 1,
      failed: [
        { name: "tests.unit.test_posts test_length", says: "AssertionError: assert 3 == 2" },
        { name: "tests.unit.test_db test_rows", says: 'failed on setup with "OperationalError"' },
      ],
    });
  });

  it("may say it in the text alone, in a suite within a suite, without a class (Maven, jest-junit)", () => {
    const nested = `<testsuite name="a" tests="2"><testsuite name="b" tests="1">
      <testcase name="adds"><failure type="x"><![CDATA[
  Expected: 2
  Received: 3]]></failure><system-out>Expected nothing</system-out></testcase></testsuite>
      <testcase name="quiet"><failure/><system-err>noise</system-err></testcase></testsuite>`;
    expect(readJunit(nested)).toEqual({
      tests: 2,
      skipped: 0,
      failed: [
        { name: "adds", says: "Expected: 2" },
        { name: "quiet", says: "" },
      ],
    });
  });

  it("may hold no test", () => {
    expect(readJunit("<testsuites/>")).toEqual({ tests: 0, skipped: 0, failed: [] });
  });

  it.each([
    ["coverage's", `<?xml version="1.0"?><coverage version="7"><packages/></coverage>`],
    ["one that is cut off", pytest.slice(0, 300)],
    ["no XML", "1..4\nok 1"],
    ["an empty one", ""],
  ])("is not %s", (_, text) => {
    expect(readJunit(text)).toBeUndefined();
  });
});

it("several together are one", () => {
  const one = { tests: 2, skipped: 1, failed: [{ name: "a", says: "" }] };
  expect(together([one, { ...one, failed: [{ name: "b", says: "c" }] }])).toEqual({
    tests: 4,
    skipped: 2,
    failed: [
      { name: "a", says: "" },
      { name: "b", says: "c" },
    ],
  });
});
