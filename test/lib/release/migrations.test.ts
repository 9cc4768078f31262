import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { digestOf } from "../../../src/lib/image/digest.ts";
import { parseRelease } from "../../../src/lib/release/annotations.ts";
import { assembleBundle, releaseJson } from "../../../src/lib/release/bundle.ts";
import { changeBetween, contractsIn, type Migration, readMigrations } from "../../../src/lib/release/migrations.ts";
import type { Release } from "../../../src/lib/release/release.ts";
import { migrations } from "./arbitrary.ts";

const one: Migration = { name: "posts.0001_initial", kind: "expand" };
const two: Migration = { name: "posts.0002_title", kind: "contract" };

describe("what a command prints", () => {
  test("is a list, or an object a line, in order", () => {
    fc.assert(
      fc.property(migrations, fc.constantFrom("\n", "\r\n", "\n\n"), (all, end) => {
        expect(readMigrations(JSON.stringify(all, null, 2))).toEqual(all);
        const lines = all.map((migration) => JSON.stringify(migration) + end).join("");
        expect(readMigrations(lines || "[]")).toEqual(all);
      }),
    );
  });

  test("may say more than is asked", () => {
    expect(readMigrations(JSON.stringify({ ...one, app: "posts" }))).toEqual([one]);
  });

  test("says that there are none by an empty list, and nothing by nothing", () => {
    expect(readMigrations("[]")).toEqual([]);
    for (const text of ["", "\n \n"])
      expect(readMigrations(text)).toMatchObject({ line: undefined, why: /printed nothing/ });
  });

  const line = JSON.stringify(one);
  test.each([
    ["a line that is no JSON", `${line}\nLoading settings\n`, 2, /^the line is not /],
    ["another kind", `${line}\n\n{"name":"a","kind":"both"}`, 3, /"expand" or "contract"/],
    ["no kind", '{"name":"a"}', 1, /"expand" or "contract"/],
    ["a name with blanks", '{"name":"a b","kind":"expand"}', 1, /without blanks/],
    ["a name that a shell would run", '{"name":"$(reboot)","kind":"expand"}', 1, /without blanks/],
    ["a name that is an option", '{"name":"--all","kind":"expand"}', 1, /without blanks/],
    ["a name twice", `${line}\n${line}`, 2, /names posts\.0001_initial a second time/],
    ["a list of names", '["posts.0001_initial"]', undefined, /^entry 1 of the list is not /],
    ["an entry of a list", JSON.stringify([one, { name: "b" }]), undefined, /^entry 2 of the list is not /],
    ["a text", '"none"', 1, /^the line is not /],
    ["null", "null", 1, /^the line is not /],
  ])("is refused with %s", (_, text, at, why) => {
    const read = readMigrations(text);
    expect(read).toMatchObject({ line: at });
    expect((read as { why: string }).why).toMatch(why);
  });
});

describe("the change between two releases", () => {
  test("is what each has and the other has not", () => {
    const renamed: Migration = { name: "posts.0002_name", kind: "contract" };
    const change = changeBetween([one, two], [one, renamed]);
    expect(change).toEqual({ added: [renamed], dropped: [two] });
    expect(contractsIn([one, two])).toEqual([two.name]);
  });

  test("goes by name: what a release thinks of a migration later does not bring it again", () => {
    expect(changeBetween([two], [{ ...two, kind: "expand" }])).toEqual({ added: [], dropped: [] });
  });

  test("is unknown where one of them does not tell, and empty where both have none", () => {
    expect(changeBetween(undefined, [one])).toBeUndefined();
    expect(changeBetween([one], undefined)).toBeUndefined();
    expect(changeBetween([], [])).toEqual({ added: [], dropped: [] });
  });
});

describe("a bundle", () => {
  const release: Release = {
    schema: 2,
    app: "threads",
    revision: "1".repeat(40),
    tree: "2".repeat(40),
    committedAt: "2026-11-22T08:00:00.000Z",
    images: { web: { repository: "threads/web", digest: digestOf("web") } },
  };
  const manifestOf = (migrationsOf: Pick<Release, "migrations">) =>
    assembleBundle({ release: { ...release, ...migrationsOf }, files: {}, architecture: "amd64" }).manifest;

  test("tells none, some and unknown apart, in its manifest and for hosts", () => {
    expect(parseRelease(manifestOf({})).migrations).toBeUndefined();
    expect(parseRelease(manifestOf({ migrations: [] })).migrations).toEqual([]);
    expect(parseRelease(manifestOf({ migrations: [one, two] })).migrations).toEqual([one, two]);
    expect(JSON.parse(releaseJson({ ...release, migrations: [one, two] }))).toMatchObject({ migrations: [one, two] });
    expect(JSON.parse(releaseJson(release))).not.toHaveProperty("migrations");
  });

  test.each(["no list", '["posts.0001"]', ""])("whose annotation is %j is none", (text) => {
    const { body, digest } = manifestOf({ migrations: [] });
    const changed = JSON.parse(body) as { annotations: Record<string, string> };
    changed.annotations["org.threads.migrations"] = text;
    expect(() => parseRelease({ body: JSON.stringify(changed), digest })).toThrow(
      expect.objectContaining({ code: "NOT_A_BUNDLE", message: expect.stringContaining("org.threads.migrations") }),
    );
  });
});
