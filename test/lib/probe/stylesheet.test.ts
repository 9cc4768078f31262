import { expect, it } from "vitest";
import { referencesOf } from "../../../src/lib/probe/stylesheet.ts";

it.each([
  ["a { background: url(a.png) }", ["file a.png"]],
  [`a { background: url( "a b.png" ) no-repeat, url('c.png') }`, ["file a b.png", "file c.png"]],
  [String.raw`a { background: url(a\29.png) }`, ["file a).png"]],
  ["/* url(no.png) */ a { content: 'url(no.png)' }", []],
  [
    "@font-face { font-family: x; src: local('X'), url(x.woff2) format('woff2'), url(x.woff) }",
    ["font x.woff2", "font x.woff"],
  ],
  ["@font-face { src: url(x.eot); src: url('x.eot?#iefix') format('embedded-opentype'), url(x.svg#x) }", []],
  ["@media print { @font-face { src: url(x.woff2) } a { background: url(y.png) } }", ["font x.woff2", "file y.png"]],
  [
    `@import "a.css"; @import url(b.css) layer(x) supports(display: grid) print; a { color: red }`,
    ["stylesheet a.css", "stylesheet b.css"],
  ],
  [`@import url("c.css");`, ["stylesheet c.css"]],
  [`@charset "utf-8"; @namespace svg url(http://www.w3.org/2000/svg);`, []],
  [`a { background: image-set("a.png" 1x, "b.png" type("image/png") 2x) }`, ["file a.png", "file b.png"]],
  ["a { background: -webkit-image-set(url(a.png) 1x) }", ["file a.png"]],
  ["a { background: url(broken", ["file broken"]],
  [`a { color: rgb(1 } b { background: url("b.png") } [x="y"] { }`, ["file b.png"]],
])("%s", (css, references) => {
  expect(referencesOf(css).map(({ kind, reference }) => `${kind} ${reference}`)).toEqual(references);
});
