import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseAst } from "rolldown/parseAst";
import { expect, test } from "vitest";

const library = fileURLToPath(new URL("../../src/lib", import.meta.url));

/** What a person is told to type stands anywhere as text; explanations are of no environment, and say ENV. */
const files = readdirSync(library, { recursive: true, encoding: "utf8" }).filter(
  (file) => file.endsWith(".ts") && !file.startsWith("sandbox/server/"),
);

/** A word that is filled in or written out, and no option. */
const word = String.raw`(?:\$\{[^}]+\}|[^\s-]\S*)`;
/** What environments are called is threads.yml's business: none is written out. */
const environment = String.raw`(?:\$\{[^}]+\}|ENV\b)`;
/** Each takes all that decides what it does: without a release it would be HEAD's, whatever the talk was about. */
const forms: Readonly<Record<string, RegExp>> = {
  board: new RegExp(`^threads board(?: -e ${environment}|$)`),
  deploy: new RegExp(`^threads deploy -e ${environment} (?:${word}|--resume|--continue )`),
  converge: new RegExp(`^threads converge -e ${environment}`),
  promote: new RegExp(`^threads promote ${word} -e ${environment}`),
  gates: new RegExp(`^threads gates ${word} -e ${environment}`),
  approve: new RegExp(`^threads approve ${word} -e ${environment}`),
  reject: new RegExp(`^threads reject ${word} -e ${environment}`),
  rollback: new RegExp(`^threads rollback -e ${environment}`),
  freeze: new RegExp(`^threads freeze -e ${environment}`),
  lock: new RegExp(`^threads lock -e ${environment}`),
  history: new RegExp(`^threads history -e ${environment}`),
  metrics: new RegExp(`^threads metrics -e ${environment}`),
  exec: new RegExp(`^threads exec(?: -e ${environment} ${word} -- |$)`),
  logs: new RegExp(`^threads logs(?: -e ${environment}|$)`),
  verify: new RegExp(`^threads verify -e ${environment}`),
  stress: new RegExp(`^threads stress(?: -e ${environment}|$)`),
  report: new RegExp(`^threads report(?: ${word}|$)`),
  rehearse: new RegExp(`^threads rehearse ${word} -e ${environment}`),
  open: new RegExp(`^threads open(?: -e ${environment}|$)`),
  status: new RegExp(`^threads status(?: -e ${environment}|$)`),
};

interface Typed {
  readonly where: string;
  readonly verb: string;
  readonly text: string;
}

function typedCommands(): Typed[] {
  return files.flatMap((file) =>
    readFileSync(join(library, file), "utf8")
      .split("\n")
      .flatMap((line, index) => {
        if (/^\s*(?:\/\/|\/?\*)/.test(line)) return [];
        return [
          ...line.matchAll(
            /\bthreads (board|deploy|converge|promote|gates|approve|reject|rollback|freeze|lock|history|metrics|exec|logs|open|rehearse|report|status|stress|verify)\b(?! --help)[^"`]*/g,
          ),
        ]
          .filter(({ index: at }) => !/#[^"`]*$/.test(line.slice(0, at)))
          .map(([text, verb = ""]) => ({ where: `${file}:${String(index + 1)}`, verb, text }));
      }),
  );
}

test("every command that a person is told to type names its environment, and its release", () => {
  const typed = typedCommands();
  expect(new Set(typed.map(({ verb }) => verb))).toEqual(new Set(Object.keys(forms)));
  const vague = typed.filter(({ verb, text }) => forms[verb]?.test(text) !== true);
  expect(vague.map(({ where, text }) => `${where}: ${text}`)).toEqual([]);
});

/** What a text may begin with, and what may stand after a `&&`; `word` is one that is filled in. */
const programs = new Set(
  "threads aws git docker npm npx curl apt-get sudo ls df ss rm newgrp echo ps eval export unset bin/setup word".split(
    " ",
  ),
);

/** A text that is told as a command, with a word for each part that is filled in. */
interface Told {
  readonly where: string;
  readonly text: string;
}

type Node = Readonly<Record<string, unknown>> & { readonly type: string };
const isNode = (value: unknown): value is Node => typeof (value as Node | null)?.type === "string";
const all = (value: unknown): Node[] => (Array.isArray(value) ? value.flatMap(all) : isNode(value) ? [value] : []);
const nameOf = (node: unknown): string => {
  const name = isNode(node) ? (node["name"] ?? node["value"]) : undefined;
  return typeof name === "string" ? name : "";
};

/** Every node below this one, itself included. */
function nodes(node: Node): Node[] {
  return [node, ...Object.values(node).flatMap((value) => all(value).flatMap(nodes))];
}

/** The texts that an expression may be, as far as they are written out in it. */
function textsOf(node: unknown): string[] {
  if (!isNode(node)) return [];
  const inside = (...keys: string[]): string[] => keys.flatMap((key) => all(node[key]).flatMap(textsOf));
  switch (node.type) {
    case "Literal":
      return typeof node["value"] === "string" ? [node["value"]] : [];
    case "TemplateLiteral": {
      const parts = all(node["quasis"]).map((quasi) => (quasi["value"] as { readonly cooked: string }).cooked);
      // Before a word of its own there may be another command, or nothing.
      return [parts.join("word").replace(/^word(?=[a-z])/, "")].filter((text) => text !== "");
    }
    case "ArrayExpression":
      return inside("elements");
    case "SpreadElement":
      return inside("argument");
    case "ConditionalExpression":
      return inside("consequent", "alternate");
    case "LogicalExpression":
      return inside("left", "right");
    case "ArrowFunctionExpression":
      return inside("body");
    case "NewExpression":
      return inside("arguments");
    case "CallExpression": {
      const { property } = node["callee"] as { readonly property?: unknown };
      return nameOf(property) === "map" ? inside("arguments") : [];
    }
    default:
      return [];
  }
}

/** Functions with a parameter `next`, by name: which one it is, and whether it takes all that follow. */
function takersOf(trees: readonly Node[]): Map<string, { readonly at: number; readonly isRest: boolean }> {
  const found = trees.flatMap(nodes).flatMap((node) => {
    const [name, made] = node.type === "VariableDeclarator" ? [node["id"], node["init"]] : [node["id"], node];
    const params = isNode(made) ? all(made["params"]) : [];
    const at = params.findIndex((one) => nameOf(one["left"] ?? one["argument"] ?? one) === "next");
    return at < 0 || nameOf(name) === ""
      ? []
      : [[nameOf(name), { at, isRest: params[at]?.type === "RestElement" }] as const];
  });
  return new Map(found);
}

function toldCommands(): Told[] {
  const trees = readdirSync(library, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.startsWith("sandbox/server/"))
    .map((file) => ({
      file,
      tree: parseAst(readFileSync(join(library, file), "utf8"), { lang: "ts" }) as never as Node,
    }));
  const takers = takersOf(trees.map(({ tree }) => tree));
  return trees.flatMap(({ file, tree }) =>
    nodes(tree).flatMap((node): Told[] => {
      const taker = node.type === "CallExpression" ? takers.get(nameOf(node["callee"])) : undefined;
      const given = taker && all(node["arguments"]).slice(taker.at, taker.isRest ? undefined : taker.at + 1);
      const named = node.type === "Property" && nameOf(node["key"]) === "next" ? all(node["value"]) : [];
      const kept = node.type === "VariableDeclarator" && nameOf(node["id"]) === "next" ? all(node["init"]) : [];
      return [...(given ?? []), ...named, ...kept].flatMap(textsOf).map((text) => ({ where: file, text }));
    }),
  );
}

const told = toldCommands();

test("what is told as a command is one: no prose, nothing to fill in, nothing behind it", () => {
  expect(told.length).toBeGreaterThan(150);
  const others = told.filter(({ text }) => {
    const first = text.split(/ (?:&&|\|) /).map((part) => part.replace(/^(?:[A-Z_]+=\S+ )+/, "").split(" ")[0] ?? "");
    return !first.every((program) => programs.has(program)) || /…|<\w[^>]*>|(?:^| )#|, | +$/.test(text);
  });
  expect(others).toEqual([]);
});

test("and a shell takes it as it stands", () => {
  const { stderr } = spawnSync("bash", ["-n"], { input: told.map(({ text }) => text).join("\n"), encoding: "utf8" });
  expect(stderr).toBe("");
});
