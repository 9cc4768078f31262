import type { RequestCheck } from "../config/config.ts";
import { count } from "../text/words.ts";
import { type Asset, ownAssets, typeFits } from "./asset.ts";
import { nameFault } from "./hashed-name.ts";
import type { Reply } from "./http-get.ts";
import { assetsOf } from "./page.ts";
import { referencesOf } from "./stylesheet.ts";
import { wordsOf } from "../errors/words-of.ts";

export interface PageOfAssets {
  /** Absolute URL by which a browser would know the page. */
  readonly url: string;
  readonly html: string;
  /** What X-Release must be where it is sent; undefined where nobody looks. */
  readonly revision: string | undefined;
  readonly hashed: RequestCheck["hashed"];
}

/** @param url absolute, of the page's host. @param most bytes of the body that are of interest */
export type GetAsset = (url: string, most?: number) => Promise<Reply>;

/** A film is not fetched to see that it is there. */
const firstBytes = 1024;
const redirects = new Set([301, 302, 303, 307, 308]);
const mostRedirects = 5;

/** Fetches all that a page names of its own site, and what its stylesheets name. @returns the first thing that is wrong, and how many more are */
export async function checkAssets(
  page: PageOfAssets,
  get: GetAsset,
): Promise<{ readonly ok: boolean; readonly detail: string }> {
  const named = assetsOf(page.html, page.url);
  if (named.length === 0) return { ok: false, detail: "the page names no stylesheet, script or image of its own" };
  const first = await Promise.all(named.map((asset) => look(asset, page, get)));
  const known = new Set(named.map(({ url }) => url));
  const inner = first.flatMap(({ names, asset }) =>
    names.filter(({ url }) => !known.has(url) && known.add(url)).map((one) => ({ ...one, by: asset })),
  );
  const second = await Promise.all(inner.map((asset) => look(asset, page, get)));
  const faults = [...first, ...second].flatMap(({ fault }) => fault ?? []);
  if (faults.length === 0) return { ok: true, detail: count(known.size, "asset") };
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : "";
  return { ok: false, detail: `${faults[0]}${more}` };
}

type Named = Asset & { readonly by?: Asset };

interface Look {
  readonly asset: Asset;
  readonly fault: string | undefined;
  /** What it names itself: a stylesheet of the page does. */
  readonly names: readonly Asset[];
}

async function look(asset: Named, page: PageOfAssets, get: GetAsset): Promise<Look> {
  const by = asset.by === undefined ? "" : ` (named by ${new URL(asset.by.url).pathname})`;
  const bad = (what: string): Look => ({
    asset,
    fault: `${asset.kind} ${new URL(asset.url).pathname}${by}: ${what}`,
    names: [],
  });
  try {
    const seen = await follow(asset, page, get);
    if (seen === undefined) return { asset, fault: undefined, names: [] };
    const wrong = faultOf(asset, seen.reply, page);
    if (wrong !== undefined) return bad(wrong);
    const references = asset.kind === "stylesheet" ? referencesOf(seen.reply.body) : [];
    const names = ownAssets(references, seen.url, new URL(page.url).host);
    return { asset, fault: undefined, names };
  } catch (error) {
    return bad(wordsOf(error));
  }
}

/** @returns undefined where it is served by another site in the end: that is not what is checked */
async function follow(
  asset: Asset,
  page: PageOfAssets,
  get: GetAsset,
): Promise<{ readonly url: string; readonly reply: Reply } | undefined> {
  let { url } = asset;
  for (let hops = 0; hops <= mostRedirects; hops += 1) {
    const reply = await get(url, asset.kind === "media" ? firstBytes : undefined);
    const location = reply.headers["location"];
    if (!redirects.has(reply.status) || location === undefined || !URL.canParse(location, url)) return { url, reply };
    url = new URL(location, url).href;
    if (new URL(url).host !== new URL(page.url).host) return undefined;
  }
  throw new Error(`redirects more than ${mostRedirects} times`);
}

function faultOf(asset: Asset, reply: Reply, { revision, hashed }: PageOfAssets): string | undefined {
  if (reply.status !== 200 && reply.status !== 206) return `status ${reply.status}`;
  const type = reply.headers["content-type"] ?? "none";
  if (!typeFits(asset.kind, type)) return `content type ${type}`;
  if (reply.length === 0) return "empty";
  const name = nameFault(asset, reply.headers["cache-control"] ?? "", hashed);
  if (name !== undefined) return name;
  const release = reply.headers["x-release"];
  return release === undefined || revision === undefined || release === revision
    ? undefined
    : `X-Release is ${release}`;
}
