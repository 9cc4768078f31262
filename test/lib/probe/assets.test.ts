import { describe, expect, it } from "vitest";
import { assetsOf, isHashed, typeFits } from "../../../src/lib/probe/assets.ts";

const page = "http://127.0.0.1:8080/board/";

describe("assetsOf", () => {
  it("finds stylesheets, scripts, icons and images, however they are written", () => {
    const html = `
      <!-- <script src="/commented.js"></script> -->
      <link rel="stylesheet" href="/static/site.1a2b3c4d5e6f.css">
      <LINK REL='icon' HREF='/static/icon.svg'>
      <link href=/static/m.js rel=modulepreload>
      <link rel="canonical" href="/canonical">
      <script defer src="app.js"></script>
      <script>inline()</script>
      <img alt="a > b" src="/static/a.png?x=1&amp;y=2" srcset="/static/a2.png 2x, /static/a3.png 3x">
      <picture><source srcset="/static/a.webp"></picture>`;
    expect(assetsOf(html, page).map(({ kind, url }) => `${kind} ${url.replace("http://127.0.0.1:8080", "")}`)).toEqual([
      "stylesheet /static/site.1a2b3c4d5e6f.css",
      "image /static/icon.svg",
      "script /static/m.js",
      "script /board/app.js",
      "image /static/a.png?x=1&y=2",
      "image /static/a2.png",
      "image /static/a3.png",
      "image /static/a.webp",
    ]);
  });

  it("leaves out other origins and data URLs, and names each once", () => {
    const html = `<script src="https://cdn.example/x.js"></script><img src="data:image/png;base64,AA">
      <img src="/a.png"><img src="/a.png#part">`;
    expect(assetsOf(html, page).map(({ url }) => url)).toEqual(["http://127.0.0.1:8080/a.png"]);
  });
});

it.each([
  ["/static/site.1f0e2d3c4b5a.css", true],
  ["/assets/index-4fe1a09c.js", true],
  ["/static/site.css", false],
  ["/static/jquery-3.7.1.js", false],
  ["/static/site.css?v=1f0e2d3c4b5a", false],
])("isHashed %s: %s", (path, hashed) => {
  expect(isHashed(`http://h${path}`)).toBe(hashed);
});

it.each([
  ["stylesheet", "text/css; charset=utf-8", true],
  ["stylesheet", "text/html", false],
  ["script", "Application/JavaScript", true],
  ["script", "text/plain", false],
  ["image", "image/svg+xml", true],
  ["image", "application/octet-stream", false],
] as const)("typeFits %s %s: %s", (kind, type, fits) => {
  expect(typeFits(kind, type)).toBe(fits);
});
