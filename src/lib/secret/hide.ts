import { formsOf, type Form } from "./forms-of.ts";
import type { Secret } from "./secret.ts";
import { secretsIn } from "./secrets-in.ts";

/** Stands for what is hidden meanwhile, so that no form finds another one in it. */
const mask = "\u0001";

/** Hides values of an environment in a line, in all forms in which programs print them; what a terminal would take for an order goes with it. */
export function hiding(values: readonly Secret[]): (line: string) => string {
  const forms = formsOf(secretsIn(values.map((value) => value.reveal())));
  return (line) => {
    // oxlint-disable-next-line no-control-regex -- it is they that are looked for
    const plain = line.replaceAll(/\u001B\[[0-9;?]*[A-Za-z]|[\r\u0001]/g, "");
    return forms.reduce(hidden, plain).replaceAll(mask, "[redacted]");
  };
}

function hidden(line: string, { text, isWord }: Form): string {
  if (!line.includes(text)) return line;
  if (!isWord) return line.replaceAll(text, mask);
  let out = "";
  let rest = line;
  for (let at = rest.indexOf(text); at >= 0; at = rest.indexOf(text)) {
    const before = at > 0 ? rest.charAt(at - 1) : out.slice(-1);
    const isWithin = isLetter(before) || isLetter(rest.charAt(at + text.length));
    out += rest.slice(0, at) + (isWithin ? rest.charAt(at) : mask);
    rest = rest.slice(at + (isWithin ? 1 : text.length));
  }
  return out + rest;
}

function isLetter(sign: string): boolean {
  return /^[A-Za-z0-9]$/.test(sign);
}
