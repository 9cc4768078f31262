import { describe, expect, it } from "vitest";
import { isHashed, nameFault } from "../../../src/lib/probe/hashed-name.ts";

it.each([
  ["/static/site.1f0e2d3c4b5a.css", true],
  ["/assets/index-4fe1a09c.js", true],
  ["/assets/index-DiwrgTda.js", true],
  ["/assets/index-D-wrgTda.js", true],
  ["/assets/style-5vQZ_8aL.css", true],
  ["/app-LDEDHCFU.css", true],
  ["/static/js/2.deadbeef.chunk.js", true],
  ["/static/js/main.8c2b7c1d.js.map", true],
  ["/report-20240131.css", false],
  ["/static/site.css", false],
  ["/static/jquery-3.7.1.js", false],
  ["/static/jquery-ui-1.12.1.custom.min.js", false],
  ["/static/font-awesome-4.7.0.min.css", false],
  ["/static/main.production.js", false],
  ["/static/some-component.js", false],
  ["/static/1f0e2d3c4b5a.d/site.css", false],
  ["/1f0e2d3c4b5a", false],
  ["/static/site.css?v=1f0e2d3c4b5a", false],
])("isHashed %s: %s", (path, hashed) => {
  expect(isHashed(`http://h${path}`)).toBe(hashed);
});

describe("a name that stays the same", () => {
  const fault = (path: string, cacheControl: string, rule: boolean | "auto", kind: "script" | "image" = "script") =>
    nameFault({ kind, url: `http://h${path}` }, cacheControl, rule);

  it("is wrong where each name must have a hash", () => {
    expect(fault("/a.js", "no-cache", true)).toBe("no hash in its name, so caches may serve an old one");
    expect(fault("/a.js?v=1", "", true)).toBeDefined();
    expect(fault("/index-DiwrgTda.js", "", true)).toBeUndefined();
  });

  it.each(["max-age=31536000", "public, max-age = 315360000", "max-age=60, immutable", "Public, IMMUTABLE"])(
    "is wrong where browsers are told %s, and nobody says otherwise",
    (cacheControl) => {
      expect(fault("/a.js", cacheControl, "auto")).toBe(
        `browsers keep it (Cache-Control: ${cacheControl}) and no hash is in its name, so they go on with an old one`,
      );
      expect(fault("/a.js", cacheControl, false)).toBeUndefined();
      expect(fault("/index-DiwrgTda.js", cacheControl, "auto")).toBeUndefined();
      expect(fault("/jquery-3.7.1.js", cacheControl, "auto")).toBeUndefined();
      expect(fault("/a.js?v=12", cacheControl, "auto")).toBeUndefined();
    },
  );

  it.each(["", "max-age=3600", "s-maxage=31536000", "no-cache, max-age=31536000", "no-store"])(
    "is right where they are told %j",
    (cacheControl) => {
      expect(fault("/a.js", cacheControl, "auto")).toBeUndefined();
    },
  );

  it("is nobody's business where it is no stylesheet or script", () => {
    expect(fault("/media/avatars/anna.png", "immutable", true, "image")).toBeUndefined();
  });
});
