import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { bringReports, type CopyOut } from "../../../src/lib/suites/reports.ts";

const root = mkdtempSync(join(tmpdir(), "threads-reports-"));
afterAll(() => rmSync(root, { recursive: true }));

const junit = '<testsuite><testcase name="a"/></testsuite>';

/** A container whose folder holds these files. */
function holding(files: Readonly<Record<string, string>>): CopyOut {
  return ({ to }) => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(join(to, name, ".."), { recursive: true });
      writeFileSync(join(to, name), text);
    }
    return Promise.resolve(true);
  };
}

it("reads what is there, and brings nothing anywhere unless it is wanted", async () => {
  const bring = bringReports(holding({ "unit/junit.xml": junit, "coverage.xml": "<coverage/>", "log.txt": junit }));
  expect(await bring({ container: "c", from: "/r", to: undefined })).toEqual({
    files: ["coverage.xml", "log.txt", "unit/junit.xml"],
    counts: { tests: 1, skipped: 0, failed: [] },
    unsaved: undefined,
  });
});

it("puts them into a folder that may be there, and counts none of an earlier run's", async () => {
  const to = join(root, "deep", "reports");
  mkdirSync(to, { recursive: true });
  writeFileSync(join(to, "old.xml"), junit);
  const bring = bringReports(holding({ "junit.xml": junit }));
  expect(await bring({ container: "c", from: "/r", to })).toMatchObject({ files: ["junit.xml"], counts: { tests: 1 } });
  expect(readdirSync(to).toSorted()).toEqual(["junit.xml", "old.xml"]);
  expect(readFileSync(join(to, "junit.xml"), "utf8")).toBe(junit);
});

it("tells what failed, also where the files cannot be saved", async () => {
  const to = join(root, "a-file");
  writeFileSync(to, "");
  const bring = bringReports(holding({ "junit.xml": junit }));
  expect(await bring({ container: "c", from: "/r", to })).toMatchObject({
    counts: { tests: 1 },
    unsaved: expect.stringMatching(/^(?:EEXIST|ENOTDIR): /),
  });
});

it("leaves links in the container, which lead elsewhere here", async () => {
  const to = join(root, "links");
  const bring = bringReports((what) => {
    symlinkSync("/etc/passwd", join(what.to, "passwd.xml"));
    symlinkSync("/etc", join(what.to, "etc"));
    return holding({ "junit.xml": junit })(what);
  });
  expect(await bring({ container: "c", from: "/r", to })).toMatchObject({ files: ["junit.xml"] });
  expect(readdirSync(to)).toEqual(["junit.xml"]);
});

it("knows nothing of tests where no file is in JUnit's format", async () => {
  const bring = bringReports(holding({ "lcov.info": "TN:" }));
  expect(await bring({ container: "c", from: "/r", to: undefined })).toEqual({
    files: ["lcov.info"],
    counts: undefined,
  });
});

it("tells an empty folder as one that is not there, and makes none here for it", async () => {
  const to = join(root, "never");
  expect(await bringReports(holding({}))({ container: "c", from: "/r", to })).toBeUndefined();
  expect(await bringReports(() => Promise.resolve(false))({ container: "c", from: "/r", to })).toBeUndefined();
  expect(readdirSync(root)).not.toContain("never");
});
