import type { RequestCheck } from "../config/config.ts";
import type { Asset } from "./asset.ts";

/** What bundlers write: hexadecimal (webpack, Django), base32 (esbuild), base64url (Rollup, Vite). A date or a word is no hash. */
function looksLikeHash(word: string): boolean {
  if (/^(?:19|20)\d{6}$/.test(word)) return false;
  if (/^[0-9a-f]{8,}$/i.test(word)) return true;
  // A dash within it can only be told from one before it by Rollup's length.
  if (/[-_]/.test(word) && word.length !== 8) return false;
  return /^[\w-]{8,}$/.test(word) && (/\d/.test(word) || /[A-Z]/.test(word.slice(1)));
}

/** Whether the file name carries a hash of its contents: `site.1f0e…c4.css`, `index-DiwrgTda.js`, `2.deadbeef.chunk.js`. */
export function isHashed(url: string): boolean {
  const name = new URL(url).pathname.split("/").at(-1) ?? "";
  const parts = name.split(".").slice(0, -1);
  return parts.some((part, at) => {
    const marks = [...part.matchAll(/[-_]/g)].map(({ index }) => part.slice(index + 1));
    return [...(at === 0 ? [] : [part]), ...marks].some(looksLikeHash);
  });
}

const yearSeconds = 365 * 24 * 3600;

/** Whether a browser is told to keep what it has got for a year or more. */
function isKept(cacheControl: string): boolean {
  if (/\bno-(?:store|cache)\b/i.test(cacheControl)) return false;
  const [, seconds = "0"] = /(?:^|[\s,])max-age\s*=\s*"?(\d+)/i.exec(cacheControl) ?? [];
  return /\bimmutable\b/i.test(cacheControl) || Number(seconds) >= yearSeconds;
}

/**
 * Whether a stylesheet or script may stay an old one in a browser after the next release, since its name stays the same.
 * @param rule of threads.yml (checks.hashed): true asks for a hash in each name, auto where browsers are told to keep it
 */
export function nameFault(asset: Asset, cacheControl: string, rule: RequestCheck["hashed"]): string | undefined {
  if (rule === false || (asset.kind !== "stylesheet" && asset.kind !== "script") || isHashed(asset.url))
    return undefined;
  if (rule === true) return "no hash in its name, so caches may serve an old one";
  const { pathname, search } = new URL(asset.url);
  // jquery-3.7.1.min.js and site.css?v=12 change their names, too.
  if (!isKept(cacheControl) || search !== "" || /\d+\.\d+/.test(pathname)) return undefined;
  return `browsers keep it (Cache-Control: ${cacheControl}) and no hash is in its name, so they go on with an old one`;
}
