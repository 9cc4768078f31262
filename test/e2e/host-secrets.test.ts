import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { revisions, StubHost } from "../host/host.ts";

// Which values a host hides is compose's own word: each way of writing one in an environment file, read by the real compose.

const host = new StubHost();
beforeAll(() => host.open());
beforeEach(async () => {
  await host.withOldRelease();
  host.set("real", execFileSync("sh", ["-c", "command -v docker"], { encoding: "utf8" }).trim());
});
afterAll(() => host.close());

const pem = "MIIEpAIBAAKCAQEA7secretbody";

test.each([
  ["a note behind it", "KEY=s3cr3t-key   # rotated", "s3cr3t-key"],
  ["a note behind quotes", "KEY='s3cr3t-key' # c", "s3cr3t-key"],
  ["blanks behind it", "KEY=s3cr3t-key  \t", "s3cr3t-key"],
  ["indented", "   KEY=s3cr3t-key", "s3cr3t-key"],
  ["exported", "export  KEY=s3cr3t-key", "s3cr3t-key"],
  ["as YAML", "KEY: s3cr3t-key", "s3cr3t-key"],
  ["escaped quotes", String.raw`KEY="pa\"ss-4711"`, 'pa"ss-4711'],
  ["an escaped backslash", String.raw`KEY="pa\\ss-4711"`, String.raw`pa\ss-4711`],
  ["an escaped dollar", String.raw`KEY="tok\$en-4711"`, "tok$en-4711"],
  ["a dollar in single quotes", "KEY='pa$word-4711'", "pa$word-4711"],
  ["two dollars", 'KEY="pa$$word-4711"', "pa$word-4711"],
  ["made of another one", "A=s3cr3t\nKEY=${A}-key-4711", "s3cr3t-key-4711"],
  ["an inner line of several", `KEY="-----BEGIN X-----\n${pem}\n-----END X-----"`, pem],
  ["line ends that are written", String.raw`KEY="first\nsecond-s3cr3t"`, "second-s3cr3t"],
  ["five signs", "KEY=12345", "12345"],
  ["the password of an address", "KEY=postgres://u:s3cretpw@db/x", "s3cretpw"],
  ["a credential in JSON", `KEY={"private_key":"${pem}","id":"x"}`, pem],
  ["unlike in the file", 'KEY="it\'s\\tsecret"', "it's\tsecret"],
])("%s", async (_, line, secret) => {
  writeFileSync(join(host.home, "threads.env"), `${line}\n`);
  host.set("fail-migrate", `before ${secret} after\n`);
  const ran = await host.run(host.deployScript(2, revisions.next));
  expect(ran.code).toBe(14);
  expect(ran.stderr).toContain("before [redacted] after");
  expect(ran.stdout + ran.stderr).not.toContain(secret);
});

test.each([
  ["a line without a name", "POSTGRES_PASSWORD p@ss!word-4711"],
  ["a quote that is not closed", "KEY='p@ss!word-4711"],
  ["a variable that must be there", "KEY=${GONE:?p@ss!word-4711}"],
])("a file that compose refuses: nothing of it leaves, compose's complaint neither: %s", async (_, line) => {
  writeFileSync(join(host.home, "threads.env"), `OTHER=hunter22\n${line}\n`);
  host.set("fail-migrate", "the password is hunter22 p@ss!word-4711\n");
  const ran = await host.run(host.deployScript(2, revisions.next));
  expect(ran.code).toBe(10);
  expect(ran.stdout + ran.stderr).not.toMatch(/p@ss!word|hunter22/);
  expect(ran.stdout).toContain("compose cannot read");
});
