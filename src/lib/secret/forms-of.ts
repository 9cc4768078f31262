/** A text that must not be shown. */
export interface Form {
  readonly text: string;
  /** Within a longer word it is chance. */
  readonly isWord: boolean;
}

/**
 * The forms in which programs print secrets: percent-encoded, in Base64, JSON, HTML, shells; the longest first. Hosts do the same
 * by src/lib/script/forms.awk.
 */
export function formsOf(secrets: Iterable<string>): readonly Form[] {
  const found = new Map<string, Form>();
  const put = (text: string, isWord = false): void => {
    if (Buffer.byteLength(text) >= 3 && !found.has(text)) found.set(text, { text, isWord });
  };
  for (const secret of secrets) {
    const bytes = Buffer.byteLength(secret);
    put(secret, bytes < 6);
    if (bytes < 5) continue;
    for (const form of [...percentEncoded(secret), ...inBase64(secret), ...quoted(secret), ...inHtml(secret)])
      put(form);
  }
  return [...found.values()].toSorted((one, other) => Buffer.byteLength(other.text) - Buffer.byteLength(one.text));
}

function percentEncoded(secret: string): string[] {
  const encode = (safe: string, isUpper: boolean): string =>
    [...Buffer.from(secret)]
      .map((byte) => {
        const sign = String.fromCharCode(byte);
        if (/[A-Za-z0-9_.~-]/.test(sign) || safe.includes(sign)) return sign;
        const digits = byte.toString(16).padStart(2, "0");
        return `%${isUpper ? digits.toUpperCase() : digits}`;
      })
      .join("");
  return [true, false].flatMap((isUpper) => [
    encode("", isUpper),
    encode("/", isUpper),
    encode(" ", isUpper).replaceAll(" ", "+"),
    encode("!*()'", isUpper),
    encode(":/?#[]@!$&()*+,;='", isUpper),
  ]);
}

/** Of a text in which this one begins at each of three bytes: those digits that depend on it alone. */
function inBase64(secret: string): string[] {
  return [0, 1, 2].flatMap((skip) => {
    const bytes = Buffer.concat([Buffer.from("xx".slice(0, skip)), Buffer.from(secret)]);
    const digits = Math.floor((bytes.length * 8) / 6);
    const form = bytes.toString("base64").slice(skip === 0 ? 0 : skip + 1, digits);
    return [form, form.replaceAll("+", "-").replaceAll("/", "_")];
  });
}

/** As JSON and shells write it; Go minds three signs of HTML, others two more. */
function quoted(secret: string): string[] {
  const slashes = secret.replaceAll("\\", "\\\\");
  const quotes = slashes.replaceAll('"', String.raw`\"`);
  const minding = (signs: string): string =>
    signs.split("").reduce((form, sign) => form.replaceAll(sign, point(sign)), quotes);
  const both = [quotes, quotes.replaceAll("/", String.raw`\/`)];
  return [
    slashes,
    ...both,
    ...both.map((form) => form.replaceAll(/[\u0080-\uFFFF]/g, point)),
    slashes.replaceAll("'", String.raw`\'`),
    secret.replaceAll("'", String.raw`'\''`),
    minding("&<>"),
    minding("&<>="),
    minding("&<>=+"),
  ];
}

function point(sign: string): string {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function inHtml(secret: string): string[] {
  const html = secret
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
  return [html, html.replaceAll("'", "&#x27;"), html.replaceAll("'", "&#39;")];
}
