import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const tests = fileURLToPath(new URL("..", import.meta.url));
/** At the top of a file, where it is registered as the file is loaded. */
const hook = /^(?:before|after)(?:Each|All)\(/m;
/** vitest loads a file of its `setupFiles` anew for each file of tests. */
const setup = ["host/mutants/cover.ts"];

it("no file that tests import has a hook of its own: it would be of the first file in a worker that imports it alone", () => {
  const files = readdirSync(tests, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const having = files.filter((file) => hook.test(readFileSync(join(tests, file), "utf8")));
  expect(having.filter((file) => !file.endsWith(".test.ts"))).toEqual(setup);
  // A probe: those that tests have themselves are seen.
  expect(having.length).toBeGreaterThan(20);
});
