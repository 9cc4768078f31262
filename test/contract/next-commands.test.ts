import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const library = fileURLToPath(new URL("../../src/lib", import.meta.url));

/** What a person is told to type stands in these rooms as text. `sandbox up` tells the first steps of a newcomer. */
const files = ["actions", "errors", "fleet", "gates", "ledger", "output", "resolve", "script", "stack"]
  .flatMap((room) =>
    readdirSync(join(library, room), { recursive: true, encoding: "utf8" }).map((file) => join(room, file)),
  )
  .filter((file) => file.endsWith(".ts") && !file.includes("sandbox"));

/** A word that is filled in or written out, and no option. */
const word = String.raw`(?:\$\{[^}]+\}|[^\s-]\S*)`;
/** Each takes all that decides what it does: without a release it would be HEAD's, whatever the talk was about. */
const forms: Readonly<Record<string, RegExp>> = {
  deploy: new RegExp(`^threads deploy -e ${word} ${word}`),
  promote: new RegExp(`^threads promote ${word} -e ${word}`),
  gates: new RegExp(`^threads gates ${word} -e ${word}`),
  rollback: new RegExp(`^threads rollback -e ${word}`),
  freeze: new RegExp(`^threads freeze -e ${word}`),
  history: new RegExp(`^threads history -e ${word}`),
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
        return [...line.matchAll(/\bthreads (deploy|promote|gates|rollback|freeze|history)\b(?! --help)[^"`]*/g)]
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

test("none of them ends in prose: what is to be known beside it follows after a #", () => {
  const talkative = typedCommands().filter(({ text }) => /^[^#]*, /.test(text.replaceAll(/\$\{[^}]*\}/g, "")));
  expect(talkative.map(({ where, text }) => `${where}: ${text}`)).toEqual([]);
});
