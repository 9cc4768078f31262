import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openJsonStore } from "../../../../src/lib/sandbox/server/json-store.ts";

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "threads-store-"));
});

afterAll(async () => rm(directory, { recursive: true }));

describe("a JSON store", () => {
  it("is on disk when update resolves, and there again when it is opened", async () => {
    const file = join(directory, "a", "state.json");
    const store = await openJsonStore(file, () => ({ count: 0 }));
    expect(await store.update((state) => (state.count += 1))).toBe(1);
    expect(JSON.parse(await readFile(file, "utf8"))).toEqual({ count: 1 });
    expect((await openJsonStore(file, () => ({ count: 0 }))).state).toEqual({ count: 1 });
  });

  it("keeps every one of many changes at once, and leaves no temporary file", async () => {
    const file = join(directory, "b", "state.json");
    const store = await openJsonStore(file, (): { list: number[] } => ({ list: [] }));
    await Promise.all(Array.from({ length: 50 }, (_, number) => store.update(({ list }) => list.push(number))));
    expect((JSON.parse(await readFile(file, "utf8")) as { list: number[] }).list).toHaveLength(50);
    expect(await readdir(join(directory, "b"))).toEqual(["state.json"]);
  });

  it("writes nothing when the change throws", async () => {
    const store = await openJsonStore(join(directory, "c.json"), () => ({ count: 0 }));
    await expect(
      store.update(() => {
        throw new Error("no");
      }),
    ).rejects.toThrow("no");
    expect(await readdir(directory)).not.toContain("c.json");
  });

  it("does not start over a file that it cannot read", async () => {
    const file = join(directory, "d.json");
    await writeFile(file, "{");
    await expect(openJsonStore(file, () => ({}))).rejects.toThrow(SyntaxError);
  });
});
