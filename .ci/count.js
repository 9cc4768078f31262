// What failed, shortly, what was not run, and one line that counts the tests: whoever sees only the end of a long log sees these.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

const [folder, status] = process.argv.slice(2);
const reports = readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")));
const linesShown = 20;

const say = (line) => process.stdout.write(`${line}\n`);
const ours = (line) => !line.includes("/node_modules/");
const shortened = (text) => text.split("\n").filter(ours).slice(0, linesShown).join("\n");
for (const file of reports.flatMap((report) => report.testResults)) {
  const name = relative(process.cwd(), file.name);
  const failed = file.assertionResults.filter((test) => test.status === "failed");
  for (const test of failed) say(`failed: ${name}: ${test.fullName}\n${shortened(test.failureMessages.join("\n"))}`);
  // A file that does not load has no test that failed.
  if (file.status === "failed" && failed.length === 0) say(`failed: ${name}\n${shortened(file.message ?? "")}`);
}

// Time was up, or what stands before them has failed.
const notRun = new Set(["pending", "skipped"]);
let skipped = 0;
for (const file of reports.flatMap((report) => report.testResults)) {
  const left = file.assertionResults.filter((each) => notRun.has(each.status)).length;
  if (left > 0) say(`not run: ${relative(process.cwd(), file.name)}: ${left}`);
  skipped += left;
}

const sum = (key) => reports.reduce((all, report) => all + report[key], 0);
// A file that does not load, an error outside of a test and a run that leaves no report fail without failing a test.
const well = status === "0" && reports.length === 2;
say(
  `${sum("numPassedTests")} passed, ${Math.max(sum("numFailedTests"), well ? 0 : 1)} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`,
);
process.exitCode = well ? 0 : Number(status) || 1;
