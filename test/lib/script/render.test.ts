import { execFileSync, spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { renderScript } from "../../../src/lib/script/render.ts";
import { bashWord, quote } from "../../../src/lib/script/shell-words.ts";
import { hostScripts, plain, scripts } from "./scripts.ts";

/** How far a script of the deployment is readable where it arrives. */
const packedLine = /^PACKED=[A-Za-z0-9+/]+=*$/m;

test.each(Object.entries(scripts))(
  "%s begins with the shebang that the agent honours and stays far below SSM's 64 KB",
  (_, text) => {
    expect(text.split("\n")[0]).toBe("#!/bin/bash");
    expect(Buffer.byteLength(text)).toBeLessThan(47_000);
    expect(text).not.toContain("{{");
  },
);

test("what is packed is what a reader gets with the line that stands before it, the same bytes each time", () => {
  expect(scripts.deploy).toMatch(packedLine);
  expect(renderScript(hostScripts.deploy)).toBe(scripts.deploy);
  const [, line = ""] = /^# To read the rest of this file: (.*)\nPACKED=/m.exec(scripts.deploy) ?? [];
  const { stdout } = spawnSync("sh", ["-c", line.replace(" FILE", "")], {
    input: scripts.deploy,
    encoding: "utf8",
  });
  expect(stdout.length).toBeGreaterThan(40_000);
  expect(plain.deploy.endsWith(stdout)).toBe(true);
});

test.each(["it's", "$(reboot)", "`id`", "a b", '"', "\\", "ä", "two\nlines"])(
  "a value arrives as it is: %j",
  (value) => {
    expect(execFileSync("sh", ["-c", `printf %s ${quote(value)}`], { encoding: "utf8" })).toBe(value);
  },
);

test.each(["", "it's", "$(reboot)", "{{ssm:secret}}", "{{{{", "a\r\nb", "\r", "-n", "*", "{a,b}"])(
  "a word of a command arrives as it is, and nothing in it that SSM or its agent would change: %j",
  (value) => {
    const text = renderScript({ name: "exec", assignments: { COMMAND: ["first", value] } });
    const line = text.slice(text.indexOf("COMMAND="), text.indexOf(")\n", text.indexOf("COMMAND=")) + 1);
    expect(line).toBe(`COMMAND=('first' ${bashWord(value)})`);
    const said = execFileSync("bash", ["-c", `${line}; printf '%s|' "\${COMMAND[@]}"`], { encoding: "utf8" });
    expect(said).toBe(`first|${value}|`);
  },
);

test("a value that SSM would resolve is refused", () => {
  expect(() => renderScript({ name: "status", assignments: { APP: "{{ssm:secret}}" } })).toThrow(/double brace/);
  expect(() => renderScript({ name: "status", assignments: { APP: "a\r\n" } })).toThrow(/carriage/);
});
