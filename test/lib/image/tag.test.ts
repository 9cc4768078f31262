import * as fc from "fast-check";
import { expect, test } from "vitest";
import { digestOf, parseDigest, shortDigest } from "../../../src/lib/image/digest.ts";
import { isRepository } from "../../../src/lib/image/repository.ts";
import { isTag, requireTag } from "../../../src/lib/image/tag.ts";
import { repositories, tags } from "./arbitrary.ts";

test("128 characters are a tag, 129 are not", () => {
  expect(isTag("a".repeat(128))).toBe(true);
  expect(isTag("a".repeat(129))).toBe(false);
  fc.assert(fc.property(tags, isTag));
});

test.each(["", ".a", "-a", "a b", "a/b", "a:b", "ü", "a\n"])("%j is no tag", (text) => {
  expect(isTag(text)).toBe(false);
});

test("semver's + is refused with what to use instead", () => {
  expect(() => requireTag("1.2.3+abc")).toThrow(
    expect.objectContaining({ code: "TAG_INVALID", advice: ["use 1.2.3-abc"] }),
  );
  expect(requireTag("prod-1")).toBe("prod-1");
});

test("repository names follow ECR's grammar", () => {
  fc.assert(fc.property(repositories, isRepository));
  for (const bad of ["", "a", "A/b", "a//b", "/a", "a/", "a_-b", "a..b", "a".repeat(257)])
    expect(isRepository(bad)).toBe(false);
});

test("a digest is sha256 over the bytes; a string is its UTF-8", () => {
  expect(digestOf("")).toBe("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  expect(digestOf("ü")).toBe(digestOf(new TextEncoder().encode("ü")));
  expect(shortDigest(digestOf(""))).toBe("sha256:e3b0c44298fc");
  expect(() => parseDigest("sha256:12")).toThrow(RangeError);
});
