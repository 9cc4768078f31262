import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findLeftovers, type Leftovers } from "../../../src/lib/compose/leftovers.ts";
import type { LabelledStack } from "../../../src/lib/compose/stale.ts";
import { makeWorkspace } from "../../../src/lib/compose/workspace.ts";
import { thisOwner } from "../../../src/lib/process/owner.ts";
import { dockerRun } from "../../../src/lib/docker/run.ts";
import { scriptedDocker } from "../docker/scripted-docker.ts";

const now = Date.parse("2026-11-27T12:00:00Z");
const hours = 3_600_000;
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "leftovers-test-"));
});
afterEach(() => rmSync(root, { recursive: true }));

interface Given {
  readonly stacks?: readonly LabelledStack[];
  /** Names of images, and when they got them. */
  readonly images?: Readonly<Record<string, number>>;
  readonly uid?: number;
  /** The stacks are there at the first look only. */
  readonly goes?: boolean;
}

/** The processes of `alive` live, and nobody else's. */
function find({ stacks = [], images = {}, uid = userInfo().uid, goes = false }: Given = {}): Promise<Leftovers> {
  const processes = scriptedDocker((args) => {
    if (args[1] === "ls") return Object.keys(images).join("\n");
    const asked = args.filter((word) => word in images);
    return asked.map((name) => `${new Date(images[name]!).toISOString()} ${name}`).join("\n");
  });
  let looks = 0;
  return findLeftovers({
    docker: dockerRun({ processes }),
    compose: { stacks: () => Promise.resolve(goes && (looks += 1) > 1 ? [] : stacks) },
    temporary: { root, uid },
    alive: (owner) => owner.startsWith("alive"),
    now,
    signal: new AbortController().signal,
  });
}

function workspace(project: string, owner: string | undefined, at = now): string {
  const folder = join(root, `${project}-AbCdEf`);
  mkdirSync(folder);
  if (owner !== undefined) writeFileSync(join(folder, "owner"), owner);
  utimesSync(folder, at / 1000, at / 1000);
  return folder;
}

const stack = (project: string, owner: string, kind: LabelledStack["kind"] = "smoke"): LabelledStack => ({
  project,
  owner,
  started: now / 1000,
  kind,
  kept: false,
});

const smoke = "app-smoke-0123abcd";
const test = "app-test-89abcdef";
const nothing = { stacks: [], images: [], folders: [] };

describe("what killed runs have left", () => {
  it("is the stack, the images and the folder of a dead process, however young", async () => {
    const folders = [workspace(smoke, "dead:1"), workspace(test, "dead:2")];
    const images = { [`app-web:candidate-${smoke}`]: now, [`app-web:${test}`]: now };
    expect(await find({ stacks: [stack(smoke, "dead:1")], images })).toEqual({
      stacks: [smoke],
      images: Object.keys(images).toSorted(),
      folders,
    });
  });

  it("is nothing of a living one", async () => {
    workspace(smoke, "alive:1", now - 9 * hours);
    const images = { [`app-web:candidate-${smoke}`]: now - 9 * hours };
    expect(await find({ stacks: [stack(smoke, "alive:1")], images })).toEqual(nothing);
    // While it builds there is no stack yet.
    expect(await find({ images })).toEqual(nothing);
  });

  it("is nothing of one that a person keeps", async () => {
    const images = { [`app-web:candidate-${smoke}`]: now - 9 * hours };
    expect(await find({ stacks: [{ ...stack(smoke, "dead:1"), kept: true }], images })).toEqual(nothing);
  });

  it("is nothing of a stack of which one part has a living owner", async () => {
    workspace(smoke, "dead:1");
    const stacks = [stack(smoke, "dead:1"), stack(smoke, "alive:1")];
    expect(await find({ stacks, images: { [`app-web:candidate-${smoke}`]: now } })).toEqual(nothing);
  });

  it("is nothing of a run that ends just while it is looked for", async () => {
    const found = find({ stacks: [stack(smoke, "dead:1")], goes: true });
    expect(await found).toEqual(nothing);
  });

  it("is nothing that others have made, whatever labels it carries", async () => {
    mkdirSync(join(root, "something-AbCdEf"));
    mkdirSync(join(root, `${smoke}-toolong1`));
    const images = { "app-web:latest": 0, [`other-web:candidate-${smoke}`]: 0, [`r.example/app-web:${test}`]: 0 };
    const stacks = [stack("production", "dead:1"), { ...stack(smoke, "dead:1"), kind: undefined }];
    expect(await find({ stacks, images })).toEqual(nothing);
    workspace(smoke, "dead:1");
    expect((await find({ uid: userInfo().uid + 1 })).folders).toEqual([]);
  });

  it("is what nothing names an owner of only when it is old", async () => {
    const images = { [`app-web:candidate-${smoke}`]: now - 1 * hours, [`app-db:candidate-${smoke}`]: now - 3 * hours };
    expect(await find({ images })).toEqual({ ...nothing, images: [`app-db:candidate-${smoke}`] });
    workspace(smoke, undefined, now - 1 * hours);
    expect(await find()).toEqual(nothing);
    const old = workspace(test, undefined, now - 3 * hours);
    expect(await find()).toEqual({ ...nothing, folders: [old] });
  });
});

it("is told of a workspace by the owner that it names from its beginning", async () => {
  const made = await makeWorkspace(smoke);
  try {
    expect(readFileSync(join(made.folder, "owner"), "utf8")).toBe(thisOwner());
  } finally {
    await made.remove();
  }
});
