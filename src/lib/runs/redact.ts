/** What stands for a value that nobody is to read. */
const hidden = "[redacted]";

/** Names of variables and flags whose values are nobody's business. */
const secretName = /(?:^|[_-])(?:secret|token|password|passwd|passphrase|pwd|credentials?|key|auth)(?:$|[_-])/i;
/** What is shorter is a word like any other. */
const leastSecret = 8;

/**
 * Takes out of texts what must not lie in a file: values of variables with such a name, passwords in addresses, and what
 * stands behind `password=` and its like.
 */
export function redactor(env: Readonly<Record<string, string | undefined>>): (text: string) => string {
  const values = Object.entries(env)
    .flatMap(([name, value = ""]) => (secretName.test(name) && value.length >= leastSecret ? [value] : []))
    .toSorted((one, other) => other.length - one.length);
  return (text) =>
    values
      .reduce((left, value) => left.replaceAll(value, hidden), text)
      .replaceAll(/(:\/\/[^\s:/@]*:)[^\s/@]+@/g, `$1${hidden}@`)
      .replaceAll(/\b((?:password|passwd|secret|token|api[-_]?key)=)[^\s&"']+/gi, `$1${hidden}`);
}

/** The words of a command line, a secret flag's value among them taken out. */
export function redactedWords(argv: readonly string[], redact: (text: string) => string): readonly string[] {
  return argv.map((word, at) => {
    if (isSecretFlag(argv[at - 1])) return hidden;
    const [, flag] = /^(--?[\w-]+)=/.exec(word) ?? [];
    return isSecretFlag(flag) ? `${flag ?? ""}=${hidden}` : redact(word);
  });
}

function isSecretFlag(word = ""): boolean {
  return /^--?[\w-]+$/.test(word) && secretName.test(word.replace(/^--?/, ""));
}
