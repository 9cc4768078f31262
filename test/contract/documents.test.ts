import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { explain } from "../../src/lib/actions/explain/run.ts";
import { outcomes } from "../../src/lib/errors/exit-codes.ts";
import { gateNames } from "../../src/lib/gates/names.ts";
import { plainPaint } from "../../src/lib/output/paint.ts";
import { renderExplain } from "../../src/lib/output/render/explain.ts";
import { commandsFromSource } from "../fakes/commands.ts";
import { example } from "../fakes/config.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const readme = readFileSync(`${root}/README.md`, "utf8");
const commands = await commandsFromSource(root);

describe("the README", () => {
  it.each(Object.values(outcomes))("explains exit code $exit in the words of the map", ({ exit, meaning }) => {
    expect(readme).toContain(`| ${exit} | ${meaning} |`);
  });

  it.each(commands.map(({ id }) => id))("names %s in its table", (id) => {
    const [topic = "", word = ""] = id.split(":");
    const rows = readme.split("\n").filter((line) => line.startsWith(`| \`threads ${topic}`));
    expect(rows.join("\n")).toMatch(new RegExp(`threads ${topic}\\b.*${word}`));
  });

  it.each(["compose.yml", "threads.yml"])("shows the %s of an application that a test takes to production", (file) => {
    const shown = readFileSync(`${root}/test/e2e/foreign-project/${file}`, "utf8");
    expect(readme).toContain(`\`${file}\`:\n\n\`\`\`yaml\n${shown}\`\`\`\n`);
  });

  it("shows what `threads explain` says, word for word", () => {
    const asked = [...readme.matchAll(/^ {4}\$ threads explain (\S+)$/gm)].map(([, code]) => code);
    expect(asked.length).toBeGreaterThan(0);
    for (const code of asked) {
      const lines = [`$ threads explain ${code}`, ...renderExplain(explain(code), plainPaint)];
      expect(readme).toContain(lines.map((line) => `    ${line}\n`).join(""));
    }
  });

  it.each(gateNames)("names the gate %s where it explains them", (gate) => {
    const [, paragraph = ""] = /^(Gates are (?:.+\n)+)/m.exec(readme) ?? [];
    expect(paragraph).toContain(`\`${gate}\``);
  });

  it("has links that lead somewhere", () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map((match) => match[1] ?? "");
    expect(links.length).toBeGreaterThan(3);
    for (const link of links) expect(() => readFileSync(`${root}/${link}`)).not.toThrow(/ENOENT/);
  });
});

it.each(gateNames)("threads gates --help names the gate %s", (gate) => {
  expect(commands.find(({ id }) => id === "gates")?.description).toMatch(new RegExp(`^${gate}: `, "m"));
});

it.each(gateNames)("threads.yml shows the gate %s", (gate) => {
  const always = gate === "published" || gate === "freeze";
  expect(example).toMatch(always ? new RegExp(`(?:release is|no) ${gate}`) : new RegExp(`^ {6}(?:# )?${gate}: ?`, "m"));
});
