import { execFileSync, spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { deployScript, execScript, restoreScript, statusScript } from "../../../src/lib/script/host-scripts.ts";
import { bashWord, quote, renderScript } from "../../../src/lib/script/render.ts";
import { digestOf } from "../../host/host.ts";

const settings = {
  app: "app",
  number: 12,
  nonce: "n",
  absent: ["celery-beat"],
  envFile: "/etc/threads/threads.env",
  port: 80,
  healthPath: "/healthz",
  healthTimeoutMs: 120_000,
  deadlineMs: 900_000,
  drainMs: 30_000,
};
const scripts = {
  deploy: deployScript({
    ...settings,
    bundle: `r/app/bundle@${digestOf("b")}`,
    revision: "a".repeat(40),
    images: { web: `r/app/web@${digestOf("w")}` },
    variables: { REVISION: "a".repeat(40) },
    migrate: "migrate",
  }),
  restore: restoreScript(settings),
  status: statusScript({ app: "app", nonce: "n" }),
  exec: execScript({ app: "app", service: "web", command: ["ls", "-l", "it's {{"], nonce: "n", limitMs: 60_000 }),
};

test.each(Object.entries(scripts))("%s is clean under shellcheck", (_, text) => {
  const check = spawnSync("shellcheck", ["-s", "bash", "-"], { input: text, encoding: "utf8" });
  expect([check.error, check.stdout]).toEqual([undefined, ""]);
});

test.each(Object.entries(scripts))(
  "%s begins with the shebang that the agent honours and stays far below SSM's 64 KB",
  (_, text) => {
    expect(text.split("\n")[0]).toBe("#!/bin/bash");
    expect(Buffer.byteLength(text)).toBeLessThan(49_000);
    expect(text).not.toContain("{{");
  },
);

test.each(["it's", "$(reboot)", "`id`", "a b", '"', "\\", "ä", "two\nlines"])(
  "a value arrives as it is: %j",
  (value) => {
    expect(execFileSync("sh", ["-c", `printf %s ${quote(value)}`], { encoding: "utf8" })).toBe(value);
  },
);

test.each(["", "it's", "$(reboot)", "{{ssm:secret}}", "{{{{", "a\r\nb", "\r", "-n", "*", "{a,b}"])(
  "a word of a command arrives as it is, and nothing in it that SSM or its agent would change: %j",
  (value) => {
    const text = renderScript("exec", { COMMAND: ["first", value] });
    const line = text.slice(text.indexOf("COMMAND="), text.indexOf(")\n", text.indexOf("COMMAND=")) + 1);
    expect(line).toBe(`COMMAND=('first' ${bashWord(value)})`);
    const said = execFileSync("bash", ["-c", `${line}; printf '%s|' "\${COMMAND[@]}"`], { encoding: "utf8" });
    expect(said).toBe(`first|${value}|`);
  },
);

test("a value that SSM would resolve is refused", () => {
  expect(() => renderScript("status", { APP: "{{ssm:secret}}" })).toThrow(/double brace/);
  expect(() => renderScript("status", { APP: "a\r\n" })).toThrow(/carriage/);
});
