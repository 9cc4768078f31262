/** Words of this kind are no secrets, and a log without them says nothing. */
const harmless = new Set(
  "true false yes no on off none null development production staging test testing debug info warning error critical localhost 127.0.0.1 0.0.0.0 utc".split(
    " ",
  ),
);
const secretNames = /pass|pwd|secret|token|key|sig|auth|cred/i;

/**
 * What must not be shown of the values of an environment, a text each: whole values, and what is a secret within a longer one.
 * Hosts do the same by src/lib/script/secrets.awk, and one table of tests holds for both.
 */
export function secretsIn(values: readonly string[]): ReadonlySet<string> {
  const all = values.flatMap((value) => [value, ...inAddresses(value), ...inPairs(value), ...inJson(value)]);
  // What spans lines is shown line by line; of a byte that is no UTF-8 the pieces around it are hidden.
  const lines = all.flatMap((text) => text.split(/[\r\n]+|\uFFFD/)).map((line) => line.replace(/^[ \t]+|[ \t]+$/g, ""));
  return new Set(lines.filter((line) => Buffer.byteLength(line) >= 3 && !harmless.has(line.toLowerCase())));
}

/** The password of each address; what stands there without one is the secret itself, such as the key of a DSN. */
function inAddresses(value: string): string[] {
  return [...value.matchAll(/[A-Za-z][A-Za-z0-9+.-]*:\/\/([^ /]*)@/g)].flatMap(([, user = ""]) =>
    bothOf(user.slice(user.indexOf(":") + 1)),
  );
}

/** `password=…` within a longer value: connection strings, queries of addresses. */
function inPairs(value: string): string[] {
  return [/[;&? ]+/, /[,;&? ]+/].flatMap((separators) => {
    const parts = value.split(separators);
    if (parts.length < 2) return [];
    return parts.flatMap((part) => {
      const at = part.indexOf("=");
      return at >= 0 && secretNames.test(part.slice(0, at)) ? bothOf(part.slice(at + 1)) : [];
    });
  });
}

function bothOf(text: string): string[] {
  return [text, decoded(text)];
}

/** Bytes that are no UTF-8 become U+FFFD, around which the pieces are hidden. */
function decoded(text: string): string {
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (bytes) =>
    Buffer.from(bytes.replaceAll("%", ""), "hex").toString("utf8"),
  );
}

/** A value that is JSON, such as the credentials of a service account, is used piece by piece. */
function inJson(value: string): string[] {
  if (!/^[ \t\r\n]*[[{]/.test(value)) return [];
  return [...value.matchAll(/"((?:[^"\\]|\\.)*)"([ \t\r\n]*:)?/gs)].flatMap(([, inner = "", colon]) => {
    if (colon !== undefined || inner.length < 6) return [];
    try {
      return [String(JSON.parse(`"${inner}"`))];
    } catch {
      return [inner];
    }
  });
}
