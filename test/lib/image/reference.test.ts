import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseReference, printReference } from "../../../src/lib/image/reference.ts";
import { digests, hosts, repositories, tags } from "./arbitrary.ts";

test("what is printed is read back, by digest", () => {
  fc.assert(
    fc.property(hosts, repositories, digests, (host, repository, digest) => {
      const reference = { host, repository, digest };
      expect(parseReference(printReference(reference))).toEqual(reference);
    }),
  );
});

test("what is printed is read back, by tag", () => {
  fc.assert(
    fc.property(hosts, repositories, tags, (host, repository, tag) => {
      const reference = { host, repository, tag };
      expect(parseReference(printReference(reference))).toEqual(reference);
    }),
  );
});

test("whatever is read prints as it was", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      let read;
      try {
        read = parseReference(text);
      } catch {
        return;
      }
      expect(printReference(read)).toBe(text);
    }),
  );
});

test.each([
  "",
  "web",
  "threads/web:1",
  "127.0.0.1:5000/web",
  "127.0.0.1:5000/web@sha256:12",
  "127.0.0.1:5000/Web:1",
  "127.0.0.1:5000/web:-1",
  "127.0.0.1:5000/web:1@sha256:12",
])("%j is no reference", (text) => {
  expect(() => parseReference(text)).toThrow(expect.objectContaining({ code: "IMAGE_REFERENCE_INVALID", exitCode: 2 }));
});
