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
  return new RegExp(
    pattern
      .replaceAll(/\[:([a-z]+):\]/g, (_, name: string) => {
        const signs = classes[name];
        if (signs === undefined) throw new SyntaxError(`there is no class ${name}`);
        return signs;
      })
      .replaceAll(/\\[<>]/g, String.raw`\b`),
  );
}
