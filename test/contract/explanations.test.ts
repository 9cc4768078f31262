import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { explanations } from "../../src/lib/errors/explanations/explanations.ts";
import { changedBy } from "../../src/lib/errors/explanations/outcomes.ts";
import { hostExplanations } from "../../src/lib/script/host-explanations.ts";
import { commandsFromSource } from "../fakes/commands.ts";

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

/** The commands of threads between backticks, without pages and topics and what is for another program. */
function typedIn(text: string): string[] {
  return [...text.matchAll(/`(?:eval "\$\()?(threads [^`)]*)/g)]
    .map(([, line = ""]) => line.replace(/ --(?: .*)?$/, ""))
    .filter((line) => !/--help$|^threads sandbox$/.test(line));
}

/** @returns what is wrong with it, if anything */
function fault(line: string): string | undefined {
  const command = commands.find(({ id }) => `${line} `.startsWith(`threads ${id.replaceAll(":", " ")} `));
  if (command === undefined) return `${line}: there is no such command`;
  const known = new Set(Object.values(command.flags).flatMap(({ name, char }) => [`--${name}`, `-${char ?? ""}`]));
  const unknown = line.split(" ").filter((word) => word.startsWith("-") && !known.has(word));
  return unknown.length === 0 ? undefined : `${line}: there is no ${unknown.join(", ")}`;
}

test("every command of threads that they name can be typed", () => {
  const typed = sentences.flatMap(({ text }) => typedIn(text));
  expect(typed.length).toBeGreaterThan(50);
  expect(typed.flatMap((line) => fault(line) ?? [])).toEqual([]);
  expect(["threads promte", "threads deploy --nope"].map(fault)).not.toContain(undefined);
});
