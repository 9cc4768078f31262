import { type CSSToken, tokenize, TokenType } from "@csstools/css-tokenizer";
import type { Asset, Reference } from "./asset.ts";

/** Functions whose strings are URLs. */
const naming = new Set(["url", "src", "image-set", "-webkit-image-set"]);
/** What no browser of today loads though old stylesheets name it: fonts of Internet Explorer, and SVG fonts. */
const forgotten = /\.(?:eot|svg)(?:[?#]|$)/i;

const kinds: Readonly<Record<string, Asset["kind"] | undefined>> = { import: "stylesheet", "font-face": "font" };

/** What a stylesheet names: fonts of `@font-face`, stylesheets of `@import`, and files; as its text has them. */
export function referencesOf(css: string): Reference[] {
  const found: Reference[] = [];
  const place = new Place();
  for (const token of tokenize({ css })) {
    const named = token[0] === TokenType.URL ? token[4].value : place.string(token);
    if (named !== undefined && place.rule !== "namespace" && !(place.rule === "font-face" && forgotten.test(named)))
      found.push({ kind: kinds[place.rule] ?? "file", reference: named });
    // What follows the URL of an @import says when it applies.
    if (named !== undefined && place.rule === "import") place.rule = "";
    place.pass(token);
  }
  return found;
}

/** Where in a stylesheet a token stands. */
class Place {
  /** The innermost at-rule that matters here. */
  rule = "";
  readonly #functions: string[] = [];

  /** The URL that a token is: a string in a function that takes one, or right behind `@import`. */
  string(token: CSSToken): string | undefined {
    if (token[0] !== TokenType.String) return undefined;
    const inside = this.#functions.at(-1);
    const isUrl = inside === undefined ? this.rule === "import" : naming.has(inside);
    return isUrl ? token[4].value : undefined;
  }

  pass(token: CSSToken): void {
    if (token[0] === TokenType.AtKeyword) this.rule = token[4].value.toLowerCase();
    if (token[0] === TokenType.CloseCurly) this.rule = "";
    if (token[0] === TokenType.Semicolon && this.rule !== "font-face") this.rule = "";
    if (token[0] === TokenType.Function) this.#functions.push(token[4].value.toLowerCase());
    if (token[0] === TokenType.OpenParen) this.#functions.push("");
    if (token[0] === TokenType.CloseParen) this.#functions.pop();
    // A bracket that is left open ends with its block.
    if (token[0] === TokenType.OpenCurly || token[0] === TokenType.CloseCurly) this.#functions.length = 0;
  }
}
