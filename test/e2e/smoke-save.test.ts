import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { smoke } from "../../src/lib/actions/smoke/run.ts";
import { dockerArchive } from "../../src/lib/docker/archive.ts";
import { systemProcesses } from "../../src/lib/process/execa.ts";
import { readHandover } from "../../src/lib/stack/handover.ts";
import { inProcess } from "./in-process.ts";
import { makeSmallProject, type SmallProject } from "./small-project.ts";

let project: SmallProject;
let folder: string;
beforeEach(async () => {
  project = await makeSmallProject();
  folder = mkdtempSync(join(tmpdir(), "threads-save-"));
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await project.remove();
});

const idOf = (name: string): string =>
  execFileSync("docker", ["image", "inspect", "--format", "{{.Id}}", name], { encoding: "utf8", stdio: "pipe" }).trim();

it("leaves the images that passed, as another engine takes them, by the digest that it tells", async () => {
  const { root, app, revision } = project;
  const save = join(folder, "not", "there");
  const result = await smoke({ dryRun: false, save }, inProcess(root).ports);
  if (result.outcome !== "passed") throw new Error(result.outcome);
  const { saved, tagged } = result;
  expect(result.next).toEqual([`threads publish --from ${save} --digest ${saved?.digest ?? ""}`]);
  const { handover, images } = await readHandover(save, saved?.digest);
  expect(handover).toMatchObject({ app, revision, migrations: null });
  expect(Object.keys(handover.images)).toEqual(["web", "worker"]);
  execFileSync("docker", ["image", "rm", ...tagged], { stdio: "ignore" });
  expect(() => idOf(`${app}-web:${revision}`)).toThrow(/No such image/i);
  await dockerArchive({ processes: systemProcesses }).load(images);
  expect(idOf(`${app}-web:${revision}`)).toBe(handover.images["web"]);
});

it("saves no working tree: neither one that is changed, nor one that changes meanwhile", async () => {
  const { ports } = inProcess(project.root);
  let asked = 0;
  const source = {
    head: async () => {
      if (asked++ === 1) await project.write("edited", "in the meantime");
      return ports.source.head();
    },
  };
  await expect(smoke({ dryRun: false, save: folder }, { ...ports, source })).rejects.toMatchObject({
    code: "WORLD_CHANGED",
    exitCode: 4,
  });
  // Before anything is built.
  const compose = { ...ports.compose, build: () => Promise.reject(new Error("it was built")) };
  await expect(smoke({ dryRun: false, save: folder }, { ...ports, compose })).rejects.toMatchObject({
    code: "DIRTY_TREE",
    exitCode: 3,
  });
  expect(existsSync(join(folder, "smoke.json"))).toBe(false);
});
