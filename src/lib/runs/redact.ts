/** What stands for a value that nobody is to read. */
const hidden = "[redacted]";

/** Names of variables and flags whose values are nobody's business: what also begins other words (keyboard, author) stands alone. */
const secretName =
  /secret|token|passw(?:or)?d|passphrase|pwd|credential|api[-_]?key|access[-_]?key|(?:^|[_-])(?:key|auth)(?:$|[_-])/i;
/** Where a shell is, and was. */
const folders = /^(?:OLD)?PWD$/;
/** What is shorter is a word like any other, unless it has a digit or a sign beside letters. */
const leastSecret = 8;
const shortSecret = /^(?=.*[a-z])(?=.*[^a-z]).{4,}$/i;

/**
 * Takes out of texts what must not lie in a file: values of variables with such a name, passwords in addresses, and what
 * stands behind `password=` and its like.
 */
export function redactor(env: Readonly<Record<string, string | undefined>>): (text: string) => string {
  const values = Object.entries(env)
    .flatMap(([name, value = ""]) => (isSecretName(name) && isSecret(value) ? [value] : []))
    .toSorted((one, other) => other.length - one.length)
    // As a part of a word a short one is chance.
    .map((value) =>
      value.length < leastSecret ? new RegExp(`(?<!\\w)${value.replaceAll(/\W/g, "\\$&")}(?!\\w)`, "g") : value,
    );
  return (text) =>
    values
      .reduce<string>((left, value) => left.replaceAll(value, hidden), text)
      // A slash may be a password's own, unless what is before it is a port.
      .replaceAll(/(:\/\/[^\s:/@]*:)(?:[^\s/@]+|(?!\d+\/)[^\s@"',<>]+)@/g, `$1${hidden}@`)
      .replaceAll(/(?<![\w-])([\w-]+)=[^\s&"']+/g, (whole, name: string) =>
        isSecretName(name) ? `${name}=${hidden}` : whole,
      );
}

function isSecretName(name: string): boolean {
  return secretName.test(name) && !folders.test(name);
}

function isSecret(value: string): boolean {
  return value.length >= leastSecret || shortSecret.test(value);
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
  return /^--?[\w-]+$/.test(word) && isSecretName(word.replace(/^--?/, ""));
}
