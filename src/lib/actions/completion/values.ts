import { readFileSync } from "node:fs";
import { codes } from "../../errors/codes.ts";
import { gateNames } from "../../gates/names.ts";
import type { Kind } from "./facts.ts";

/** How the shells' functions name a kind: a word, or the values themselves. */
export function kindText(kind: Kind): string {
  return typeof kind === "string" ? kind : `of:${kind.join(",")}`;
}

/** The program that finds names in threads.yml: a shell waits for it at each press of a key. */
export function namesProgram(): string {
  return text("names.awk")
    .replaceAll(/^#.*\n/gm, "")
    .trim();
}

/** A file of the folder shells with what stands between its @…@. */
export function filled(file: string, places: Readonly<Record<string, string>>): string {
  const all: Readonly<Record<string, string>> = {
    GATES: gateNames.join(" "),
    CODES: Object.keys(codes).join(" "),
    ...places,
  };
  return text(file).replaceAll(/@([A-Z_]+)@/g, (found, name: string) => all[name] ?? found);
}

function text(file: string): string {
  return readFileSync(new URL(`shells/${file}`, import.meta.url), "utf8");
}
