import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { lexer, type Token, type Tokens, walkTokens } from "marked";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { withParts } from "../../bin/generated-parts.ts";
import { parseThreadsYaml } from "../../src/lib/config/parse.ts";
import { gateNames } from "../../src/lib/gates/names.ts";
import { findPage, pageNames } from "../../src/lib/help/pages.ts";
import { commandsFromSource } from "../fakes/commands.ts";
import { example } from "../fakes/config.ts";
import { requireResult } from "../fakes/results.ts";
import { faultOf, lacksOnly } from "../fakes/typed-lines.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const commands = await commandsFromSource(root);
const paths = [
  "README.md",
  ".github/CONTRIBUTING.md",
  ".github/SECURITY.md",
  ...pageNames().map((name) => `src/lib/help/${name}.md`),
];
const documents = paths.map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
const readme = documents[0]?.text ?? "";

function tokensOf<T extends Token>(text: string, type: T["type"]): T[] {
  const found: T[] = [];
  void walkTokens(lexer(text), (token) => {
    if (token.type === type) found.push(token as T);
  });
  return found;
}

/** Indented, with `$` before what is typed and below it what is said. */
const typedIn = (text: string): string[] =>
  tokensOf<Tokens.Code>(text, "code").flatMap((block) =>
    [...block.text.matchAll(/^\$ (?:npx )?(?:.*\$\((?:npx )?)?(threads\b[^)\n]*)/gm)].map(([, line = ""]) => line),
  );
/** Between backticks; `…` stands for whatever one likes. */
const namedIn = (text: string): string[] =>
  tokensOf<Tokens.Codespan>(text, "codespan").flatMap(({ text: line }) =>
    /^threads [a-z]/.test(line) && !/…|SUBJECT|COMMAND|\[|, /.test(line) ? [line] : [],
  );

describe.each(documents)("$path", ({ path, text }) => {
  it("shows commands that can be typed as they stand", async () => {
    const faults = await Promise.all(typedIn(text).map((line) => faultOf(line, commands)));
    expect(faults.filter((fault) => fault !== undefined)).toEqual([]);
  });

  it("names commands that there are", async () => {
    const faults = await Promise.all(namedIn(text).map((line) => faultOf(line, commands)));
    expect(faults.filter((fault) => fault !== undefined && !lacksOnly(fault))).toEqual([]);
  });

  it("shows a threads.yml, or parts of one, that are accepted", () => {
    const blocks = tokensOf<Tokens.Code>(text, "code").filter(({ lang }) => lang === "yaml");
    for (const block of blocks) {
      const shown = parse(block.text) as Record<string, unknown>;
      // A compose file's services are no list.
      if (!Array.isArray(shown["services"] ?? [])) continue;
      const whole = "app" in shown ? block.text : stringify({ ...(parse(example) as object), ...shown });
      expect(() => parseThreadsYaml(whole, path)).not.toThrow();
    }
  });

  it("shows results that the schema knows", () => {
    const shown = tokensOf<Tokens.Code>(text, "code").flatMap((block) => {
      const [, line = "", json = ""] = /^\$ threads (.* --json)\n(\{[^]*)$/.exec(block.text) ?? [];
      return json === "" ? [] : [{ line: line.split(" "), json }];
    });
    expect(() => shown.forEach(({ line, json }) => requireResult(line, json))).not.toThrow();
  });

  it("has links that lead somewhere", () => {
    for (const { href } of tokensOf<Tokens.Link>(text, "link")) {
      const [file = "", anchor] = href.split("#");
      if (file.startsWith("https:")) continue;
      const target = file === "" ? text : readFileSync(join(root, dirname(path), file), "utf8");
      const anchors = [...target.matchAll(/^#+ (.*)$/gm)].map(([, title = ""]) =>
        title.toLowerCase().replaceAll(" ", "-"),
      );
      expect({ href, found: anchor === undefined || anchors.includes(anchor) }).toEqual({ href, found: true });
    }
  });

  it("has the tables and files of the sources (npm run generate puts them in)", () => {
    expect(withParts(text)).toBe(text);
  });
});

describe("what is looked for in documents", () => {
  it("is found where it is", () => {
    const typed = documents.flatMap(({ text }) => typedIn(text));
    expect(typed).toEqual(expect.arrayContaining(["threads sandbox env", "threads promote --json | jq -r .outcome"]));
    expect(documents.flatMap(({ text }) => namedIn(text)).length).toBeGreaterThan(50);
  });

  it.each([
    "threads promte",
    "threads deploy -e prod --nope",
    "threads deploy",
    "threads publish HEAD",
    "threads history -e prod --limit many",
  ])("is at fault where it cannot be typed: %s", async (line) => {
    expect(await faultOf(line, commands)).toContain(line);
  });
});

describe("the README", () => {
  it.each(commands.map(({ id }) => id))("names %s in its table", (id) => {
    const [topic = "", word = ""] = id.split(":");
    const rows = readme.split("\n").filter((line) => line.startsWith(`| \`threads ${topic}`));
    expect(rows.join("\n")).toMatch(new RegExp(`threads ${topic}\\b.*${word}`));
  });

  it.each(pageNames())("leads to the page about %s", (name) => {
    expect(readme).toContain(`[${name}](src/lib/help/${name}.md)`);
  });
});

describe.each(pageNames())("threads help %s", (name) => {
  const page = findPage(name);

  it("has a title of its own, and no mark of what is made", () => {
    expect(page?.title).toMatch(/^\S.{9,}/);
    expect(page?.text).not.toContain("<!--");
  });

  it("shows nothing that is wider than a terminal of 80 columns, as it is copied from there", () => {
    const lines = tokensOf<Tokens.Code>(page?.text ?? "", "code").flatMap(({ text }) => text.split("\n"));
    expect(lines.filter((line) => line.startsWith("$ ") && line.length > 76)).toEqual([]);
  });
});

it.each(gateNames)("threads gates --help names the gate %s", (gate) => {
  expect(commands.find(({ id }) => id === "gates")?.description).toMatch(new RegExp(`^${gate}: `, "m"));
});

it.each(gateNames)("threads.yml shows the gate %s", (gate) => {
  const always = gate === "published" || gate === "freeze";
  expect(example).toMatch(always ? new RegExp(`(?:release is|no) ${gate}`) : new RegExp(`^ {6}(?:# )?${gate}: ?`, "m"));
});
