import { expect, it } from "vitest";
import { srcsetUrls } from "../../../src/lib/probe/srcset.ts";

it.each([
  ["/a.png", ["/a.png"]],
  ["/a.png 1x, /b.png 2x", ["/a.png", "/b.png"]],
  ["/a.png,/b.png", ["/a.png,/b.png"]],
  ["/a.png, /b.png", ["/a.png", "/b.png"]],
  ["data:image/gif;base64,R0lGOD= 1x, /b.0b8c9d1e.png 2x", ["data:image/gif;base64,R0lGOD=", "/b.0b8c9d1e.png"]],
  ["/i,w=200/a.png 200w", ["/i,w=200/a.png"]],
  ["/i,w=200/a.png 200w,/b.png 400w", ["/i,w=200/a.png", "/b.png"]],
  [" ,, /a.png   2x ,\n\t/b.png,", ["/a.png", "/b.png"]],
  ["/a.png future(1, 2) 2x, /b.png", ["/a.png", "/b.png"]],
  ["/a.png open(1, 2", ["/a.png"]],
  ["", []],
  [" , ", []],
])("srcset %j", (text, urls) => {
  expect(srcsetUrls(text)).toEqual(urls);
});
