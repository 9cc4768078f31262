import { appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { digestOf, revisions, said, StubHost } from "./host.ts";

// What was changed by hand on a host, beside what a deployment put there: status tells it, another deployment mends it.

const host = new StubHost();
beforeAll(() => host.open());
beforeEach(async () => {
  host.reset();
  const script = host.deployScript(1, revisions.old);
  host.withModel({});
  await host.run(script);
});
afterAll(() => host.close());

const release = join(host.root, "releases", digestOf("bundlea").slice("sha256:".length).slice(0, 12));
const status = async () => said(await host.run(host.statusScript()));
const again = (change = {}) => {
  const script = host.deployScript(2, revisions.old, change);
  host.withModel({});
  return host.run(script);
};

test("nothing was changed after a deployment", async () => {
  expect(await status()).toMatchObject({ changedFiles: [], environmentChanged: false });
});

test("files of the release, also those that are mounted; another deployment brings them back", async () => {
  const page = join(release, "files", "front", "page.txt");
  appendFileSync(join(release, "compose.yml"), "# by hand\n");
  writeFileSync(page, "by hand\n");
  expect(await status()).toMatchObject({
    changedFiles: expect.arrayContaining(["compose.yml", "files/front/page.txt"]),
  });
  const summary = said(await again());
  expect(summary["warnings"]).toEqual([expect.stringMatching(/^files of the release had been changed .*compose\.yml/)]);
  expect(readFileSync(page, "utf8")).toBe("hello\n");
  expect(await status()).toMatchObject({ changedFiles: [] });
});

test("but a way back asks no registry, whatever was changed", async () => {
  appendFileSync(join(release, "compose.yml"), "# by hand\n");
  host.set("calls", "");
  expect(said(await again({ asItWas: true }))).toMatchObject({ ok: true, warnings: [] });
  expect(host.read("calls")).not.toMatch(/^(?:pull|create) /m);
});

test("the environment file, until its values are those of what runs", async () => {
  const file = join(host.home, "threads.env");
  appendFileSync(file, "MORE=1\n");
  expect(await status()).toMatchObject({ environmentChanged: true });
  expect(said(await again())).toMatchObject({ ok: true });
  expect(await status()).toMatchObject({ environmentChanged: false });
  rmSync(file);
  expect(await status()).toMatchObject({ environmentChanged: true });
});

test("it is not known of what an older threads has put there", async () => {
  for (const name of ["sums", "environment.sum"]) rmSync(join(release, name));
  expect(await status()).toMatchObject({ changedFiles: null, environmentChanged: null });
});
