import { describe, expect, it } from "vitest";
import type { Reply } from "../../../src/lib/probe/http-get.ts";
import { checkAssets, type PageOfAssets } from "../../../src/lib/probe/check-assets.ts";

const revision = "a".repeat(40);
const site = "http://127.0.0.1:8080";
const css = "text/css";

interface Answer {
  readonly status?: number;
  readonly type?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Looks at a page of a site that answers so; `asked` says what it was asked for. */
async function look(html: string, site_: Record<string, Answer>, page: Partial<PageOfAssets> = {}) {
  const asked: string[] = [];
  const get = (url: string, most?: number): Promise<Reply> => {
    const path = url.replace(/^https?:\/\/[^/]+/, "");
    asked.push(most === undefined ? path : `${path} (${most})`);
    const { status = 200, type = "image/png", body = "x", headers = {} } = site_[path] ?? { status: 404, body: "" };
    return Promise.resolve({ status, headers: { "content-type": type, ...headers }, body, length: body.length });
  };
  const seen = await checkAssets({ url: `${site}/`, html, revision, hashed: "auto", ...page }, get);
  return { ...seen, asked };
}

describe("stylesheets", () => {
  const html = `<link rel=stylesheet href=/static/site.css>`;

  it("are read for what they name, one level deep", async () => {
    const seen = await look(html, {
      "/static/site.css": { type: css, body: "@import 'more.css'; @font-face{src:url(../f/x.woff2)}" },
      "/static/more.css": { type: css, body: "a{background:url(/never.png)}" },
      "/f/x.woff2": { type: "font/woff2" },
    });
    expect(seen).toEqual({
      ok: true,
      detail: "3 assets",
      asked: ["/static/site.css", "/static/more.css", "/f/x.woff2"],
    });
  });

  it("name a font that is not there", async () => {
    const files = { "/static/site.css": { type: css, body: "@font-face{src:url(x.woff2)}" } };
    expect(await look(html, files)).toMatchObject({
      ok: false,
      detail: "font /static/x.woff2 (named by /static/site.css): status 404",
    });
  });

  it("name what the page names, too, once", async () => {
    const twice = `${html}<img src=/b.png>`;
    const files = {
      "/static/site.css": {
        type: css,
        body: "a{background:url(/b.png)}b{background:url(/c.png)}c{background:url(/c.png)}",
      },
      "/b.png": {},
      "/c.png": {},
    };
    expect(await look(twice, files)).toMatchObject({ ok: true, asked: ["/static/site.css", "/b.png", "/c.png"] });
  });
});

describe("good pages", () => {
  it("of a Vite front end pass", async () => {
    const html = `<script type="module" crossorigin src="/assets/index-DiwrgTda.js"></script>
      <link rel="stylesheet" crossorigin href="/assets/style-5vQZ_8aL.css"><link rel="icon" href="/favicon.ico">`;
    const kept = { headers: { "cache-control": "public, max-age=31536000, immutable" } };
    const files = {
      "/assets/index-DiwrgTda.js": { type: "text/javascript", ...kept },
      "/assets/style-5vQZ_8aL.css": { type: css, ...kept },
      "/favicon.ico": { type: "image/x-icon" },
    };
    expect(await look(html, files, { hashed: true })).toMatchObject({ ok: true, detail: "3 assets" });
  });

  it("with uploads and an icon without a hash pass", async () => {
    const html = `<img src="/media/avatars/anna.png"><link rel="icon" href="/favicon.ico">`;
    const files = { "/media/avatars/anna.png": {}, "/favicon.ico": {} };
    expect(await look(html, files, { hashed: true })).toMatchObject({ ok: true, detail: "2 assets" });
  });

  it("whose icon is elsewhere pass, by the way that a browser goes", async () => {
    const to = (location: string): Answer => ({ status: 302, headers: { location } });
    const html = `<link rel=icon href=/favicon.ico><img src=/a.png>`;
    const files = {
      "/favicon.ico": to("/static/icon.png"),
      "/static/icon.png": {},
      "/a.png": to("https://cdn.example/a.png"),
    };
    expect(await look(html, files)).toMatchObject({ ok: true, asked: ["/favicon.ico", "/a.png", "/static/icon.png"] });
  });

  it("with a film pass, of which the first bytes are enough", async () => {
    const files = { "/v.mp4": { type: "video/mp4", status: 206 } };
    expect(await look(`<video src=/v.mp4></video>`, files)).toMatchObject({ ok: true, asked: ["/v.mp4 (1024)"] });
  });
});

describe("bad ones", () => {
  it.each<[string, string, Record<string, Answer>, string]>([
    ["nothing of its own", "<p>", {}, "the page names no stylesheet, script or image of its own"],
    [
      "a picture that is only in a picture's source",
      `<picture><source srcset=/a.webp><img src=/a.png></picture>`,
      { "/a.png": {} },
      "image /a.webp: status 404",
    ],
    [
      "an error page",
      `<script src=/a.js></script>`,
      { "/a.js": { type: "text/html" } },
      "script /a.js: content type text/html",
    ],
    ["no content type", `<script src=/a.js></script>`, { "/a.js": { type: "" } }, "script /a.js: content type "],
    ["two that are wrong", `<img src=/a.png><img src=/b.png>`, {}, "image /a.png: status 404 (and 1 more)"],
    [
      "a way that has no end",
      `<img src=/a.png>`,
      { "/a.png": { status: 301, headers: { location: "/a.png" } } },
      "image /a.png: redirects more than 5 times",
    ],
    [
      "a kept script whose name stays",
      `<script src=/a.js></script>`,
      { "/a.js": { type: "text/javascript", headers: { "cache-control": "immutable" } } },
      "script /a.js: browsers keep it (Cache-Control: immutable) and no hash is in its name, so they go on with an old one",
    ],
    [
      "one of another release",
      `<img src=/a.png>`,
      { "/a.png": { headers: { "x-release": "old" } } },
      "image /a.png: X-Release is old",
    ],
  ])("have %s", async (_what, html, files, detail) => {
    expect(await look(html, files)).toMatchObject({ ok: false, detail });
  });

  it("may have other releases where nobody looks at them", async () => {
    const files = { "/a.png": { headers: { "x-release": "old" } } };
    expect(await look(`<img src=/a.png>`, files, { revision: undefined })).toMatchObject({ ok: true });
  });
});
