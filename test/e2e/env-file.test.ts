import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { renderEnvFile } from "../../src/lib/compose/env-file.ts";

const values = [
  ..."plain|it's|a\\|$X${Y}'|\\n'|a\\\\'b|'\"|#' #|\\\"'|$$'|\\$'|a\\'b|= '|\\t\\u0041'|%'|`'|é'|'trail\\|| lead|#x|\"q\"|$HOME".split(
    "|",
  ),
  "two\nlines'",
  "two\nlines",
];

it("compose reads from our environment file exactly what was written, both ways in which it reads one", async () => {
  const folder = await mkdtemp(join(tmpdir(), "env-file-"));
  const keys = values.map((_value, index) => `V${index}`);
  await writeFile(
    join(folder, "app.env"),
    renderEnvFile(new Map(keys.map((key, index) => [key, values[index] ?? ""]))),
  );
  const interpolated = keys.map((key) => `      I${key}: \${${key}}`).join("\n");
  const file = `services:\n  a:\n    image: x\n    env_file: [app.env]\n    environment:\n${interpolated}\n`;
  await writeFile(join(folder, "compose.yml"), file);
  const args = [
    "compose",
    "-p",
    "env-file",
    "--env-file",
    "app.env",
    "-f",
    "compose.yml",
    "config",
    "--format",
    "json",
  ];
  const printed = JSON.parse(execFileSync("docker", args, { cwd: folder, encoding: "utf8" })) as {
    services: { a: { environment: Record<string, string> } };
  };
  await rm(folder, { recursive: true });
  // `config` prints a dollar as two.
  const read = (key: string): string | undefined => printed.services.a.environment[key]?.replaceAll("$$", "$");
  expect(keys.map(read)).toEqual(values);
  expect(keys.map((key) => read(`I${key}`))).toEqual(values);
});
