// The tests of `npm test`. Those with containers mostly wait, and the others compute: each fills the time that the other
// leaves. What they print comes whole, one after the other, as early as may be.
import { spawn } from "node:child_process";
import { constants, setPriority } from "node:os";
import { join } from "node:path";

const vitest = join(import.meta.dirname, "..", "node_modules", "vitest", "vitest.mjs");
// A folder, set by .ci/run, which counts the tests from the reports in it.
const reports = process.env["TEST_REPORTS"];
// In how many minutes from now none is begun any more, and none of the longest, set by .ci/run.
const limits = { TEST_UNTIL: process.env["TEST_MINUTES"], TEST_LONG_UNTIL: process.env["TEST_LONG_MINUTES"] };
const until = Object.fromEntries(
  Object.entries(limits).flatMap(([name, minutes]) =>
    minutes === undefined ? [] : [[name, String(Date.now() + Number(minutes) * 60_000)]],
  ),
);
const filters = process.argv.slice(2);
const running = [];

/** @param {string[]} projects of vitest.config.ts */
function start(name, projects, stdout) {
  const more = filters.length === 0 ? [] : ["--passWithNoTests", ...filters];
  const env = { ...process.env, ...until, ...(reports && { VITEST_REPORT: join(reports, `${name}.json`) }) };
  const child = spawn(
    process.execPath,
    [vitest, "run", ...projects.flatMap((project) => ["--project", project]), ...more],
    {
      env,
      stdio: ["inherit", stdout, stdout],
    },
  );
  running.push(child);
  const ended = new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
  return { child, ended };
}

/** Keeps what a process prints until `until`, then prints it, and from then on passes it on. */
async function tellAfter({ child }, until) {
  const kept = [];
  let tell = (to, chunk) => void kept.push([to, chunk]);
  child.stdout.on("data", (chunk) => tell(process.stdout, chunk));
  child.stderr.on("data", (chunk) => tell(process.stderr, chunk));
  await until;
  tell = (to, chunk) => void to.write(chunk);
  for (const [to, chunk] of kept) tell(to, chunk);
}

// From a terminal they get it, too; whoever is asked to end waits for them.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => running.forEach((child) => child.kill("SIGTERM")));

const others = start("others", ["fast", "faults", "process", "host"], "inherit");
const containers = start("e2e", ["e2e", "long"], "pipe");
// The containers take three times as long.
setPriority(others.child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
await Promise.all([others.ended, tellAfter(containers, others.ended)]);
const [first, second] = [await others.ended, await containers.ended];
if (first !== 0)
  process.stderr.write("The tests without containers failed: their output stands above that of those with.\n");
process.exitCode = Math.max(first, second);
