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
    { name: "edge/start.sh", contents: "exec", executable: true },
  ]);
  expect(tar(["--list", "--verbose", "--numeric-owner", "--full-time"], archive).split("\n").filter(Boolean)).toEqual([
    expect.stringMatching(/^-rw-r--r-- 0\/0 +512 1970-01-01 00:00:00 edge\/haproxy\.cfg$/),
    expect.stringMatching(/^-rwxr-xr-x 0\/0 +4 1970-01-01 00:00:00 edge\/start\.sh$/),
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

// A pax record counts its own length, too: with its fourth digit it gets one byte longer.
test.each([100, 101, 255, 256, 987, 988, 989, 990, 991, 992])("a path of %i bytes is read in full", (bytes) => {
  const name = `ü/${"deep/".repeat(200)}`.slice(0, bytes - 2) + "x";
  expect(Buffer.byteLength(name)).toBe(bytes);
  const archive = tarball([
    { name, contents: "far down" },
    { name: "z", contents: "beside" },
  ]);
  expect(tar(["--list", "--quoting-style=literal"], archive)).toBe(`z\n${name}\n`);
  expect(tar(["--extract", "--to-stdout", name], archive)).toBe("far down");
});

test("order does not matter", () => {
  const entries = [
    { name: "b", contents: "2" },
    { name: "a", contents: "1" },
  ];
  expect(tarball(entries)).toEqual(tarball(entries.toReversed()));
});

test.each(["", "/etc/passwd"])("%j is no name", (name) => {
  expect(() => tarball([{ name, contents: "" }])).toThrow(RangeError);
});

test("a name twice is refused", () => {
  const entry = { name: "a", contents: "" };
  expect(() => tarball([entry, entry])).toThrow(/twice/);
});
