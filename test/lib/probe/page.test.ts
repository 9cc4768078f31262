import { describe, expect, it } from "vitest";
import { assetsOf } from "../../../src/lib/probe/page.ts";

const site = "http://127.0.0.1:8080";
const seen = (html: string, page = `${site}/board/`): string[] =>
  assetsOf(html, page).map(({ kind, url }) => `${kind} ${url.replace(new URL(page).origin, "")}`);

describe("what a browser fetches for a page", () => {
  it("is found however it is written", () => {
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
    expect(seen(html)).toEqual([
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

  it.each([
    ["a tag that is not closed", `<p><img src=/a.png <p>`, ["image /a.png"]],
    [
      "a video, its sources, poster and subtitles",
      `<video poster=/p.jpg><source src=/v.mp4><track src=/t.vtt></video>`,
      ["image /p.jpg", "media /v.mp4", "file /t.vtt"],
    ],
    ["an audio", `<audio src=/a.ogg></audio>`, ["media /a.ogg"]],
    [
      "what is preloaded, as what it is",
      `<link rel=preload as=font href=/f.woff2 crossorigin><link rel=preload as=image imagesrcset="/a.png 1x"><link rel=preload as=fetch href=/d.json>`,
      ["font /f.woff2", "image /a.png", "file /d.json"],
    ],
    ["the manifest", `<link rel=manifest href=/app.webmanifest>`, ["manifest /app.webmanifest"]],
    ["a stylesheet of another medium", `<link rel=stylesheet media=print href=/print.css>`, ["stylesheet /print.css"]],
    [
      "drawings",
      `<svg><image href=/a.png /><image xlink:href=/b.png /><use href=/s.svg#x /></svg>`,
      ["image /a.png", "image /b.png", "image /s.svg"],
    ],
    [
      "styles within the page",
      `<style>@font-face{src:url(/f.woff2)}</style><p style="background:url(/b.png)">`,
      ["font /f.woff2", "file /b.png"],
    ],
    ["a shadow root", `<p><template shadowrootmode=open><img src=/a.png></template>`, ["image /a.png"]],
    ["an old type of script", `<script type="text/javascript" src=/a.js></script>`, ["script /a.js"]],
    ["a module", `<script type=MODULE src=/a.js></script>`, ["script /a.js"]],
    ["an image that is a button", `<input type=image src=/go.png><input src=/no.png>`, ["image /go.png"]],
  ])("is %s", (_what, html, assets) => {
    expect(seen(html)).toEqual(assets);
  });
});

describe("what it does not fetch", () => {
  it.each([
    ["text of a script", `<script>var s="<img src='/x/"+id+"'>"</script>`],
    ["a template of a script", `<script type="text/template"><img src="/u/{{ id }}.png"></script>`],
    ["a template", `<template><img src="{{ url }}"></template>`],
    ["a text area", `<textarea><img src="/nope.png"></textarea>`],
    ["what is for browsers without scripts", `<noscript><img src="/nope.png"></noscript>`],
    ["rules of what to guess", `<script type="speculationrules" src="/x.json"></script>`],
    ["data", `<script type="application/json" src="/x.json"></script>`],
    ["a script for browsers without modules", `<script nomodule src="/old.js"></script>`],
    ["a stylesheet that is off", `<link rel="alternate stylesheet" disabled href="/x.css">`],
    ["a stylesheet of another language", `<link rel="stylesheet" type="text/less" href="/x.less">`],
    ["another site", `<script src="https://cdn.example/x.js"></script>`],
    ["the same host by another port", `<script src="http://127.0.0.1:9090/x.js"></script>`],
    ["data: and blob:", `<img src="data:image/png;base64,AA"><img src="blob:x">`],
    ["nothing", `<img src=""><script src=" "></script><img srcset=""><a href=/x></a>`],
    ["something that is no URL", `<img src="http://[/x.png">`],
  ])("is %s", (_what, html) => {
    expect(seen(html)).toEqual([]);
  });
});

describe("where it is", () => {
  it("is told by the base of the page", () => {
    expect(seen(`<base href="/app/"><base href="/other/"><script src=main.js></script>`)).toEqual([
      "script /app/main.js",
    ]);
    expect(seen(`<base target=_top><base href="http://[">  <script src=main.js></script>`)).toEqual([
      "script /board/main.js",
    ]);
    expect(seen(`<base href="https://cdn.example/"><script src=main.js></script>`)).toEqual([]);
  });

  it("is told by characters that stand for others", () => {
    expect(seen(`<img src="/static/&#x61;.png?a&amp;b">`)).toEqual(["image /static/a.png?a&b"]);
  });

  it("is told once, without its fragment", () => {
    expect(seen(`<img src="/a.png"><img src="/a.png#part">`)).toEqual(["image /a.png"]);
  });

  it("may be told by the name of the site, and by its other scheme", () => {
    const page = "https://www.example.com/";
    expect(seen(`<img src="http://www.example.com/a.png"><img src="//www.example.com/b.png">`, page)).toHaveLength(2);
  });
});
