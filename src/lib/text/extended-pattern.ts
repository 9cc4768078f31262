/** What POSIX calls groups of signs, which a regular expression of JavaScript does not know. */
const classes: Readonly<Record<string, string>> = {
  alpha: "A-Za-z",
  digit: "0-9",
  alnum: "A-Za-z0-9",
  upper: "A-Z",
  lower: "a-z",
  xdigit: "0-9A-Fa-f",
  space: String.raw`\s`,
  blank: String.raw` \t`,
  punct: String.raw`!-\/:-@\[-\x60{-~`,
  cntrl: String.raw`\x00-\x1F\x7F`,
  print: String.raw`\x20-\x7E`,
  graph: String.raw`\x21-\x7E`,
};

/** An extended regular expression, as `grep -E` takes it, for what is searched here. @throws SyntaxError where it is none */
export function extendedPattern(pattern: string): RegExp {
  let made = "";
  for (let at = 0; at < pattern.length;) {
    const sign = pattern[at] ?? "";
    if (sign === "[") {
      const { text, end } = bracketed(pattern, at);
      made += text;
      at = end;
      continue;
    }
    const read = /^(?:\\.|\{,(?=\d+\}))/s.exec(pattern.slice(at))?.[0] ?? sign;
    made += spelled[read] ?? read;
    at += read.length;
  }
  return new RegExp(made);
}

/** What is written otherwise outside of brackets. */
const spelled: Readonly<Record<string, string>> = {
  [String.raw`\<`]: String.raw`\b`,
  [String.raw`\>`]: String.raw`\b`,
  "{,": "{0,",
};

/** A piece of a bracket expression: one sign, or a class of them, which no range begins or ends with. */
interface Piece {
  readonly text: string;
  readonly end: number;
  readonly isClass: boolean;
}

/** What stands in brackets: a `]` that comes first is a sign, and so is a backslash (POSIX, 9.3.5). */
function bracketed(pattern: string, begin: number): { readonly text: string; readonly end: number } {
  const isNegated = pattern[begin + 1] === "^";
  const first = begin + (isNegated ? 2 : 1);
  let text = "";
  let at = first;
  while (at === first || pattern[at] !== "]") {
    const piece = pieceAt(pattern, at);
    at = piece.end;
    text += piece.text;
    const isRange = !piece.isClass && pattern[at] === "-" && pattern[at + 1] !== "]";
    if (!isRange) continue;
    const last = pieceAt(pattern, at + 1);
    if (last.isClass) throw new SyntaxError("a range ends with a class");
    text += `-${last.text}`;
    at = last.end;
  }
  return { text: `[${isNegated ? "^" : ""}${text}]`, end: at + 1 };
}

function pieceAt(pattern: string, at: number): Piece {
  const sign = pattern[at];
  if (sign === undefined) throw new SyntaxError("a bracket is not closed");
  const kind = pattern[at + 1] ?? "";
  if (sign !== "[" || !/[:.=]/.test(kind)) return { text: escaped(sign), end: at + 1, isClass: false };
  // One at least stands between, which may be the sign itself: [.].].
  const close = pattern.indexOf(`${kind}]`, at + 3);
  if (close < 0) throw new SyntaxError(`[${kind} is not closed`);
  const name = pattern.slice(at + 2, close);
  const end = close + 2;
  if (kind === ":") return { text: classNamed(name), end, isClass: true };
  if (name.length > 1) throw new SyntaxError(`there is no sign ${name}`);
  return { text: escaped(name), end, isClass: false };
}

function classNamed(name: string): string {
  const signs = classes[name];
  if (signs === undefined) throw new SyntaxError(`there is no class ${name}`);
  return signs;
}

function escaped(sign: string): string {
  return /[\]\\^[-]/.test(sign) ? `\\${sign}` : sign;
}
