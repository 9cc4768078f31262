import { execFileSync } from "node:child_process";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { tarball } from "../../../src/lib/release/tar.ts";

const tar = (args: readonly string[], input: Uint8Array): string =>
  execFileSync("tar", args, { input, encoding: "utf8", env: { ...process.env, TZ: "UTC", LC_ALL: "C.UTF-8" } });

test("the system's tar reads it: names, sizes, mode, owner and time", () => {
  const archive = tarball([
    { name: "release.json", contents: "{}\n" },
    { name: "empty", contents: "" },
    { name: "edge/haproxy.cfg", contents: "x".repeat(512) },
  ]);
  expect(tar(["--list", "--verbose", "--numeric-owner", "--full-time"], archive).split("\n").filter(Boolean)).toEqual([
    expect.stringMatching(/^-rw-r--r-- 0\/0 +512 1970-01-01 00:00:00 edge\/haproxy\.cfg$/),
    expect.stringMatching(/^-rw-r--r-- 0\/0 +0 1970-01-01 00:00:00 empty$/),
    expect.stringMatching(/^-rw-r--r-- 0\/0 +3 1970-01-01 00:00:00 release\.json$/),
  ]);
  expect(tar(["--extract", "--to-stdout", "release.json"], archive)).toBe("{}\n");
});

test("any contents come out as they went in", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 1500 }), { maxLength: 4 }), (contents) => {
      const archive = tarball(contents.map((bytes, index) => ({ name: `file-${String(index)}`, contents: bytes })));
      expect(archive.length % 512).toBe(0);
      let offset = 0;
      for (const bytes of contents) {
        const size = Number.parseInt(Buffer.from(archive.subarray(offset + 124, offset + 135)).toString(), 8);
        expect(Buffer.from(archive.subarray(offset + 512, offset + 512 + size))).toEqual(Buffer.from(bytes));
        offset += 512 + Math.ceil(size / 512) * 512;
      }
      expect(archive.length - offset).toBe(1024);
    }),
  );
});

test("order does not matter", () => {
  const entries = [
    { name: "b", contents: "2" },
    { name: "a", contents: "1" },
  ];
  expect(tarball(entries)).toEqual(tarball(entries.toReversed()));
});

test.each(["", "/etc/passwd", "a".repeat(101)])("%j is no name", (name) => {
  expect(() => tarball([{ name, contents: "" }])).toThrow(RangeError);
});

test("a name twice is refused", () => {
  const entry = { name: "a", contents: "" };
  expect(() => tarball([entry, entry])).toThrow(/twice/);
});
