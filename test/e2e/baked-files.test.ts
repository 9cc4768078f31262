import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bakedFiles } from "../../src/lib/docker/baked-files.ts";
import { systemProcesses } from "../../src/lib/process/execa.ts";
import { docker } from "./docker-tools.ts";

// An image that could not run: nothing in it is a program.

const image = `threads-baked-files:${process.pid}`;
const ports = { processes: systemProcesses };
let folder: string;
let before: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "threads-baked-"));
  for (const path of ["app/static/css", "app/empty", "app/many"]) mkdirSync(join(folder, path), { recursive: true });
  writeFileSync(join(folder, "app/static/css/app.css"), "a");
  writeFileSync(join(folder, "app/static/app.js"), "a");
  for (let at = 0; at < 2_000; at += 1) writeFileSync(join(folder, `app/many/${String(at)}`), "x".repeat(2_000));
  execFileSync("sh", [
    "-c",
    'tar -C "$1" -cf - app | docker import --change "VOLUME /app/static" - "$2"',
    "sh",
    folder,
    image,
  ]);
  before = await present();
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await docker("image", "rm", image);
});

const present = (): Promise<string> => docker("container", "ls", "--all", "--quiet", "--filter", `ancestor=${image}`);
const at = async (path: string) => (await bakedFiles({ image, paths: [path] }, ports)).get(path);

test("an image tells its files below a path, without a container that is left", async () => {
  expect((await at("/app/static"))?.toSorted()).toEqual(["app.js", "css/app.css"]);
  expect(await at("/app/empty")).toEqual([]);
  expect(await at("/nowhere/at/all")).toEqual([]);
  expect(await present()).toBe(before);
});

test("of many it tells the first", async () => {
  expect(await at("/app/many")).toHaveLength(50);
  expect(await present()).toBe(before);
});

test("an image that is not there is a failure, and not one without files", async () => {
  await expect(bakedFiles({ image: `${image}-gone`, paths: ["/app"] }, ports)).rejects.toMatchObject({
    message: expect.stringMatching(/No such image|not found/i),
  });
});
