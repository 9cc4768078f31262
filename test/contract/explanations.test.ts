import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { explanations } from "../../src/lib/errors/explanations/explanations.ts";
import { changedBy } from "../../src/lib/errors/explanations/outcomes.ts";
import { hostExplanations } from "../../src/lib/script/host-explanations.ts";
import { commandsFromSource } from "../fakes/commands.ts";
import { faultOf, lacksOnly } from "../fakes/typed-lines.ts";

const commands = await commandsFromSource(fileURLToPath(new URL("../..", import.meta.url)));
const all = Object.entries({ ...explanations, ...hostExplanations });
const sentences = [
  ...all.flatMap(([code, { meaning, changed = "Nothing.", advice }]) =>
    [meaning, changed, ...advice].map((text) => ({ code, text })),
  ),
  ...Object.entries(changedBy).map(([code, text]) => ({ code, text })),
];

test("every code is explained in whole sentences, with at least one thing to do", () => {
  expect(sentences.filter(({ text }) => !/^[\w`/].*\.$/s.test(text))).toEqual([]);
  expect(all.filter(([, { advice }]) => advice.length === 0)).toEqual([]);
});

test("none leans on what only the repository of threads has", () => {
  expect(sentences.filter(({ text }) => /bin\/setup|backend\/|npm ci/.test(text))).toEqual([]);
});

/** The commands of threads between backticks, without pages and topics and what is for another program. */
function typedIn(text: string): string[] {
  return [...text.matchAll(/`(?:eval "\$\()?(threads [^`)]*)/g)]
    .map(([, line = ""]) => line.replace(/ --(?: .*)?$/, ""))
    .filter((line) => !/--help$|^threads sandbox$/.test(line));
}

test("every command of threads that they name can be typed", async () => {
  const typed = sentences.flatMap(({ text }) => typedIn(text));
  expect(typed.length).toBeGreaterThan(50);
  const faults = await Promise.all(typed.map((line) => faultOf(line, commands)));
  expect(faults.filter((fault) => fault !== undefined && !lacksOnly(fault))).toEqual([]);
});
