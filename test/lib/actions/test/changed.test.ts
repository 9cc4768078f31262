import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { changedSince } from "../../../../src/lib/actions/test/changed.ts";
import type { RawModel } from "../../../../src/lib/compose/raw-model.ts";
import { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import type { Apart, Changed } from "../../../../src/lib/source/source.ts";

const from = "a".repeat(40);
let root: string;
let asked: readonly string[];
let told: string[];
let files: readonly string[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "threads-changed-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, "backend"));
  writeFileSync(
    join(root, "backend/test.yml"),
    "include: [{ path: ../shared/db.yml, env_file: db.env }]\nservices: {}\n",
  );
  [asked, told, files] = [[], [], []];
});

const model = (build: unknown): RawModel => ({ services: { web: { build } } });

function since(
  raw: RawModel | ThreadsError,
  find: () => Promise<Changed | Apart> = () => Promise.resolve({ from, files }),
): ReturnType<typeof changedSince> {
  const test = { compose: [join(root, "backend/test.yml")], service: "web-test", timeoutMs: 1 };
  const say = (text: string): void => void told.push(text);
  return changedSince("dev", test, {
    config: { file: join(root, "threads.yml") },
    compose: { openModel: () => (raw instanceof ThreadsError ? Promise.reject(raw) : Promise.resolve(raw)) },
    source: {
      changedSince: (_, paths) => {
        asked = paths;
        return find();
      },
    },
    progress: { note: say, warn: say },
    signal: new AbortController().signal,
    env: {},
  });
}

test("threads.yml, the compose files with what they include, and what these build from are what suites are made from", async () => {
  expect(await since(model({ context: "../web" }))).toEqual({ name: "dev", from, changed: [] });
  expect(asked).toEqual(
    ["threads.yml", "backend/test.yml", "shared/db.yml", "backend/db.env", "web"].map((path) => join(root, path)),
  );
  expect(told).toEqual([]);
});

test("so are those by their whole path, and the variables that compose takes by itself for what is included", async () => {
  writeFileSync(
    join(root, "backend/test.yml"),
    `include: [../shared/db.yml, { path: [../mq/mq.yml], project_directory: ../queue }]
services: { web: { extends: { file: ${root}/base.yml, service: web } } }`,
  );
  await since(model("../web"));
  const files = ["shared/db.yml", "mq/mq.yml", "base.yml", "shared/.env", "queue/.env"];
  expect(asked).toEqual(["threads.yml", "backend/test.yml", ...files, "web"].map((path) => join(root, path)));
});

test.each(["${PLACE}/db.yml", "https://example.invalid/db.git", "oci://example.invalid/db:1"])(
  "a compose file at %s is nothing that git could tell of",
  async (place) => {
    writeFileSync(join(root, "backend/test.yml"), `include: ["${place}"]`);
    expect(await since(model("."))).toMatchObject({ changed: null });
    expect(told).toEqual([expect.stringContaining(`their compose files name ${place}`)]);
  },
);

test("what has changed is told, the first of it by name", async () => {
  files = ["a", "b", "c", "d", "e"];
  expect(await since(model("."))).toEqual({ name: "dev", from, changed: files });
  expect(told).toEqual(["5 files that the suites are made from changed since dev: a, b, c and 2 others"]);
});

test.each([
  ["what has nothing in common", ".", "unrelated" as const, /since dev: it has no commit in common with this one$/],
  [
    "a clone without the commit where they parted",
    ".",
    "shallow" as const,
    /this clone does not know where they parted/,
  ],
  ["a place that a variable names", "${SRC}", { from, files: [] }, /their compose files name \$\{SRC\}/],
])("where nobody can tell, the suites run: %s", async (_, context, found, why) => {
  expect(await since(model({ context }), () => Promise.resolve(found))).toMatchObject({ changed: null });
  expect(told).toEqual([expect.stringMatching(why)]);
});

test("where they are made from what git does not have, the suites run", async () => {
  const outside = () =>
    Promise.reject(
      new ThreadsError("GIT_FAILED", {
        message: "git failed",
        details: ["fatal: /x: '/x' is outside repository at '/r'"],
      }),
    );
  expect(await since(model("../../other"), outside)).toEqual({ name: "dev", from: null, changed: null });
  expect(told).toEqual([expect.stringMatching(/outside of the git repository/)]);
});

test("a git that fails is told, and is no reason to run them all", async () => {
  const failing = () => Promise.reject(new ThreadsError("GIT_FAILED", { message: "git diff: exit code 128" }));
  await expect(since(model("."), failing)).rejects.toMatchObject({ code: "GIT_FAILED" });
  expect(told).toEqual([]);
});

test("where compose cannot read the files while their variables are open, the suites run, and it is said", async () => {
  const cannot = new ThreadsError("COMPOSE_FILE", { message: "docker compose cannot read the compose file: colons" });
  expect(await since(cannot)).toEqual({ name: "dev", from, changed: null });
  expect(told).toEqual([
    "the suites run, whatever has changed since dev: docker compose cannot read the compose file: colons",
  ]);
});

test("a name that git does not know is no reason to run them all", async () => {
  const unknown = () => Promise.reject(new ThreadsError("UNKNOWN_REVISION", { message: "git does not know dev" }));
  await expect(since(model("."), unknown)).rejects.toMatchObject({ code: "UNKNOWN_REVISION" });
});
