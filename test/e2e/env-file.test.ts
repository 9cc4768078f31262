import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
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
/** What Parameter Store and Secrets Manager may have beside that. */
const stored = [
  ...values,
  ..."| trail |\ttab\t|{a}'s ${B|\\|'\\|\\r\\n|日本語 😀|\\$'|$${X}'|x=y|export A=1".split("|"),
  "dos\r\nends\r\n",
  "it's\r\n$dos\\r",
  "\nfirst\n\nlast\n",
  "-----BEGIN X-----\nMII+/=\n-----END X-----\n",
  "\u0001\u007f",
];

/** What compose makes of an environment file, by the two ways in which it reads one: of services, and of variables. */
async function readByCompose(file: string, count: number): Promise<{ given: string[]; filled: string[] }> {
  const folder = await mkdtemp(join(tmpdir(), "env-file-"));
  await writeFile(join(folder, "app.env"), file);
  const keys = Array.from({ length: count }, (_, index) => `V${index}`);
  const interpolated = keys.map((key) => `      I${key}: \${${key}}`).join("\n");
  const model = `services:\n  a:\n    image: x\n    env_file: [app.env]\n    environment:\n${interpolated}\n`;
  await writeFile(join(folder, "compose.yml"), model);
  const args = "compose -p env-file --env-file app.env -f compose.yml config --format json".split(" ");
  const printed = JSON.parse(execFileSync("docker", args, { cwd: folder, encoding: "utf8" })) as {
    services: { a: { environment: Record<string, string> } };
  };
  await rm(folder, { recursive: true });
  // `config` prints a dollar as two.
  const read = (key: string): string => printed.services.a.environment[key]?.replaceAll("$$", "$") ?? "nothing";
  return { given: keys.map(read), filled: keys.map((key) => read(`I${key}`)) };
}

it("compose reads from our environment file exactly what was written, both ways in which it reads one", async () => {
  const file = renderEnvFile(new Map(values.map((value, index) => [`V${index}`, value])));
  expect(await readByCompose(file, values.length)).toEqual({ given: values, filled: values });
});

it("and from the one that a host makes of what the AWS CLI gives it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "env-from-"));
  const script = (name: string): Promise<string> =>
    readFile(new URL(`../../src/lib/script/${name}`, import.meta.url), "utf8");
  const program = `${await script("json.awk")}\n${await script("values.awk")}`;
  // As `aws` writes it, all that is no ASCII by its number.
  const ascii = (text: string): string =>
    text.replaceAll(/[^\n -~]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);
  const rows = stored.map((value, index) => ascii(JSON.stringify([`/app/V${index}`, 1, value])));
  const [file, versions] = [join(folder, "env"), join(folder, "versions")];
  const args = ["-v", "from=path", "-v", `file=${file}`, "-v", `versions=${versions}`, program];
  execFileSync("sh", ["-c", 'exec awk "$@"', "awk", ...args], {
    input: `${rows.join("\n")}\n`,
    env: { ...process.env, LC_ALL: "C" },
  });
  const made = await readFile(file, "utf8");
  await rm(folder, { recursive: true });
  expect(await readByCompose(made, stored.length)).toEqual({ given: stored, filled: stored });
});
