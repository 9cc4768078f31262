import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, test } from "vitest";
import { type Code, codes, outcomesOf } from "../../../src/lib/errors/codes.ts";
import { ThreadsError } from "../../../src/lib/errors/threads-error.ts";

const source = fileURLToPath(new URL("../../../src", import.meta.url));
const texts = readdirSync(source, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && !/errors\/(?:codes\.ts|explanations\/)/.test(file))
  .map((file) => readFileSync(join(source, file), "utf8"));
const inSources = (text: string): number => texts.reduce((sum, file) => sum + file.split(text).length - 1, 0);

describe("the table of codes", () => {
  it.each(Object.keys(codes))("has %s, which the sources use", (code) => {
    expect(inSources(`"${code}"`)).toBeGreaterThan(0);
  });

  it.each(["NOT_PUBLISHED", "IMAGE_GONE", "COMPOSE_FILE", "TAG_CONFLICT"])("has one maker of %s", (code) => {
    expect(inSources(`new ThreadsError("${code}"`)).toBeLessThanOrEqual(1);
  });

  it("has no list of codes beside it in which a slip would compile", () => {
    const untyped = /new Set(?:<string>)?\(\[\s*((?:"[A-Z_]+",?\s*)+)\]/g;
    const words = texts.flatMap((text) => [...text.matchAll(untyped)].flatMap(([, list = ""]) => list.split('"')));
    expect(words.length).toBeGreaterThan(0);
    expect(words.filter((word) => word in codes)).toEqual([]);
  });
});

describe("a failure", () => {
  it.each(Object.keys(codes) as Exclude<Code, "FROZEN">[])("%s has the outcome of the table", (code) => {
    expect(new ThreadsError(code, { message: "no" }).outcome).toBe(outcomesOf(code)[0]);
  });

  it("says which, where the table leaves it open", () => {
    expect(new ThreadsError("FROZEN", { outcome: "interrupted", message: "frozen" }).exitCode).toBe(130);
    expect(new ThreadsError("FROZEN", { outcome: "refused", message: "frozen" }).exitCode).toBe(3);
  });

  it("stays itself when it is told with more, and is in doubt where that is said", () => {
    const cause = new Error("why");
    const frozen = new ThreadsError("FROZEN", {
      outcome: "interrupted",
      message: "m",
      details: ["d"],
      next: ["n"],
      cause,
    });
    expect(frozen.with({})).toEqual(frozen);
    const { code, outcome, message, details, next, cause: same } = frozen.with({ message: "more" });
    expect([code, outcome, message, details, next, same]).toEqual([
      "FROZEN",
      "interrupted",
      "more",
      ["d"],
      ["n"],
      cause,
    ]);
    expect(frozen.with({ outcome: "unknown" })).toMatchObject({ exitCode: 7, code: "FROZEN", message: "m" });
  });
});

test("a slip does not compile (npm run check:types)", () => {
  const made = (): ThreadsError[] => [
    // @ts-expect-error -- no such code
    new ThreadsError("TAG_CONFLCT", { message: "" }),
    // @ts-expect-error -- refused or interrupted?
    new ThreadsError("FROZEN", { message: "" }),
    // @ts-expect-error -- not one of its outcomes
    new ThreadsError("FROZEN", { outcome: "conflict", message: "" }),
    // @ts-expect-error -- the table says what it is
    new ThreadsError("TAG_CONFLICT", { outcome: "refused", message: "" }),
  ];
  const branch = ({ code }: ThreadsError): boolean =>
    // @ts-expect-error -- no such code
    code === "TAG_CONFLCT";
  // @ts-expect-error -- no such code
  const set = new Set<Code>(["TAG_CONFLCT"]);
  expect([made, branch, set].length).toBe(3);
});
