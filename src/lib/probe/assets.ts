export interface Asset {
  readonly kind: "stylesheet" | "script" | "image";
  /** Absolute, same origin as the page. */
  readonly url: string;
}

/** Content types that a browser accepts for each kind. */
const fitting: Readonly<Record<Asset["kind"], RegExp>> = {
  stylesheet: /^text\/css\b/,
  script: /^(?:text|application)\/(?:javascript|ecmascript)\b/,
  image: /^image\//,
};

export function typeFits(kind: Asset["kind"], contentType: string): boolean {
  return fitting[kind].test(contentType.trim().toLowerCase());
}

/** Whether the file name carries a hash of its contents (`site.1f0e…c4.css`): what may be cached for ever. */
export function isHashed(url: string): boolean {
  return /[.-][0-9a-f]{8,64}\.[a-z0-9]+$/i.test(new URL(url).pathname);
}

/**
 * The stylesheets, scripts and images that a page names and its own origin serves, each once, in the order of the page.
 * @param page absolute URL of the page; `<base href>` is not looked at
 */
export function assetsOf(html: string, page: string): Asset[] {
  const found = new Map<string, Asset>();
  for (const match of html
    .replaceAll(/<!--[\s\S]*?-->/g, "")
    .matchAll(/<(link|script|img|source)\b((?:"[^"]*"|'[^']*'|[^>"'])*)>/gi)) {
    const attributes = attributesOf(match[2] ?? "");
    for (const { kind, reference } of references((match[1] ?? "").toLowerCase(), attributes)) {
      const url = URL.canParse(reference, page) ? new URL(reference, page) : undefined;
      if (url === undefined || url.origin !== new URL(page).origin) continue;
      url.hash = "";
      found.set(url.href, { kind, url: url.href });
    }
  }
  return [...found.values()];
}

interface Reference {
  readonly kind: Asset["kind"];
  readonly reference: string;
}

function references(tag: string, attributes: Readonly<Record<string, string>>): Reference[] {
  const one = (kind: Asset["kind"], reference: string | undefined): Reference[] =>
    reference === undefined || reference === "" ? [] : [{ kind, reference }];
  if (tag === "script") return one("script", attributes["src"]);
  if (tag === "link") {
    const rel = (attributes["rel"] ?? "").toLowerCase().split(/\s+/);
    if (rel.includes("stylesheet")) return one("stylesheet", attributes["href"]);
    if (rel.includes("modulepreload")) return one("script", attributes["href"]);
    return rel.some((word) => word.endsWith("icon")) ? one("image", attributes["href"]) : [];
  }
  const set = (attributes["srcset"] ?? "").split(",").map((candidate) => candidate.trim().split(/\s+/)[0]);
  return [attributes["src"], ...set].flatMap((reference) => one("image", reference));
}

function attributesOf(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/([^\s"'=/>]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g)].map((match) => [
    (match[1] ?? "").toLowerCase(),
    (match[2] ?? match[3] ?? match[4] ?? "").replaceAll("&amp;", "&"),
  ]);
  return Object.fromEntries(pairs) as Record<string, string>;
}
