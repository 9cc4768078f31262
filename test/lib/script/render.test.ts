import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { bashWord, quote, renderScript } from "../../../src/lib/script/render.ts";
import { scripts } from "./scripts.ts";

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
