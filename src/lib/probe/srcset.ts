/** The URLs of a `srcset`, by the rule of HTML: an URL ends at white space, commas at its end are not part of it, and one in brackets ends nothing. */
export function srcsetUrls(text: string): string[] {
  const urls: string[] = [];
  let rest = text;
  for (;;) {
    rest = rest.replace(/^[\s,]+/, "");
    const [found] = /^\S+/.exec(rest) ?? [];
    if (found === undefined) return urls;
    rest = rest.slice(found.length);
    const url = found.replace(/,+$/, "");
    urls.push(url);
    if (url === found) rest = rest.slice(descriptorsOf(rest).length);
  }
}

/** Up to the next comma that stands in no brackets. */
function descriptorsOf(text: string): string {
  return /^(?:[^,(]|\([^)]*(?:\)|$))*/.exec(text)?.[0] ?? "";
}
