/** What a browser fetches for a page. `file` is what it takes as it is: a picture of a stylesheet, a preload of data. */
export interface Asset {
  readonly kind: "stylesheet" | "script" | "image" | "font" | "media" | "manifest" | "file";
  /** Absolute, without a fragment. */
  readonly url: string;
}

/** A reference as it stands somewhere, to be resolved by whoever knows where that is. */
export interface Reference {
  readonly kind: Asset["kind"];
  readonly reference: string;
}

/** Types of scripts that browsers run (mimesniff.spec.whatwg.org, "JavaScript MIME type"). */
export const javascript =
  /^(?:application\/(?:x-)?(?:java|ecma)script|text\/(?:(?:x-)?(?:java|ecma)script|javascript1\.[0-5]|jscript|livescript))$/;

const page = /^(?:text\/html|application\/xhtml\+xml)$/;
const noBytes = /^(?:text\/|application\/(?:json|xhtml\+xml|javascript)$)/;

/** Whether a browser makes no use of a content type. What it looks into itself (pictures, fonts, films) may have nearly any. */
const unfit: Readonly<Record<Asset["kind"], (type: string) => boolean>> = {
  stylesheet: (type) => type !== "text/css",
  script: (type) => !javascript.test(type),
  image: (type) => noBytes.test(type) || /^(?:audio|video|font)\//.test(type),
  font: (type) => noBytes.test(type) || type.startsWith("image/"),
  media: (type) => noBytes.test(type) || type.startsWith("image/"),
  manifest: (type) => page.test(type),
  file: (type) => page.test(type),
};

export function typeFits(kind: Asset["kind"], contentType: string): boolean {
  const [type = ""] = contentType.toLowerCase().split(";");
  return !unfit[kind](type.trim());
}

/**
 * What of these references a site serves itself, each once, in their order.
 * @param base absolute URL that they are relative to
 * @param host of the site: `www.example.com`, `127.0.0.1:8080`
 */
export function ownAssets(references: readonly Reference[], base: string, host: string): Asset[] {
  const found = new Map<string, Asset>();
  for (const { kind, reference } of references) {
    if (reference.trim() === "" || reference.startsWith("#") || !URL.canParse(reference, base)) continue;
    const url = new URL(reference, base);
    if (!/^https?:$/.test(url.protocol) || url.host !== host) continue;
    url.hash = "";
    if (!found.has(url.href)) found.set(url.href, { kind, url: url.href });
  }
  return [...found.values()];
}
