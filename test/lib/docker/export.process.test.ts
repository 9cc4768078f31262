import { execFileSync } from "node:child_process";
import { access, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { systemProcesses } from "../../../src/lib/process/execa.ts";
import type { Processes } from "../../../src/lib/process/processes.ts";
import { type DockerImages, dockerImages } from "../../../src/lib/docker/images.ts";
import { readImage } from "../../../src/lib/registry/oci/layout.ts";
import { fakeIndex, writeLayout } from "../../fakes/index-image.ts";

const index = fakeIndex({ text: "one", platforms: ["linux/amd64", "linux/arm64"], shared: Buffer.alloc(100_000, "x") });
let folder: string;
let archive: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "threads-export-"));
  for (const name of ["bin", "layout", "temporary"]) await mkdir(join(folder, name));
  vi.stubEnv("TMPDIR", join(folder, "temporary"));
  await writeLayout(join(folder, "layout"), index);
  archive = join(folder, "image.tar");
  execFileSync("tar", ["-cf", archive, "-C", join(folder, "layout"), "."]);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

/** The real programs, but for those of the given names, which are shell scripts. */
async function dockerOf(scripts: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<DockerImages> {
  for (const [name, script] of Object.entries(scripts))
    await writeFile(join(folder, "bin", name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const env = { PATH: `${join(folder, "bin")}:${process.env["PATH"] ?? ""}` };
  const processes: Processes = { run: (line, options) => systemProcesses.run(line, { ...options, env }) };
  return dockerImages({ processes, signal });
}

/** @returns the folder, and what came of it, once it must be gone. */
async function exported(docker: DockerImages): Promise<{ at: string; result: unknown }> {
  let at = "";
  const result = await docker
    .exporting(async (images) => {
      at = await images(["threads-web:1", "threads-celery:1"]);
      return readImage(at, index.digest, "threads-web:1");
    })
    .catch((error: unknown) => error);
  return { at, result };
}

const left = (): Promise<string[]> => readdir(join(folder, "temporary"));

describe("images are exported", () => {
  test("all at once, into a folder that is gone afterwards", async () => {
    const docker = await dockerOf({ docker: `echo "$@" >>"${folder}/said"; cat "${archive}"` });
    const { at, result } = await exported(docker);
    expect(result).toMatchObject({ root: { digest: index.digest } });
    expect(execFileSync("cat", [join(folder, "said")], { encoding: "utf8" })).toBe(
      "image save threads-web:1 threads-celery:1\n",
    );
    await expect(access(at)).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("not at all where nobody asks for them", async () => {
    const docker = await dockerOf({ docker: `touch "${folder}/said"` });
    expect(await docker.exporting(() => Promise.resolve(1))).toBe(1);
    await expect(access(join(folder, "said"))).rejects.toMatchObject({ code: "ENOENT" });
  });

  test.each([
    ["an archive that ends too early", (tar: string) => ({ docker: `head -c 60000 "${tar}"` }), "EXPORT_FAILED"],
    [
      // Whole blocks: tar alone would be content with them.
      "an archive that docker ends with an error",
      (tar: string) => ({ docker: `head -c 1536 "${tar}"; echo "unexpected EOF" >&2; exit 1` }),
      "EXPORT_FAILED",
    ],
    ["an image that is gone", () => ({ docker: 'echo "reference does not exist" >&2; exit 1' }), "EXPORT_FAILED"],
    [
      "a full disk",
      () => ({ docker: "echo x", tar: 'echo "tar: x: Cannot write: No space left on device" >&2; exit 2' }),
      "DISK_FULL",
      "/temporary has no room for docker's export of the images",
    ],
    [
      "a full disk of the engine, which writes the archive for itself before",
      () => ({ docker: 'echo "Error response from daemon: write /v/tmp/x: no space left on device" >&2; exit 1' }),
      "DISK_FULL",
      "the disk of the Docker engine is full",
    ],
    [
      "a daemon that is gone",
      () => ({ docker: 'echo "Cannot connect to the Docker daemon at unix:///x. Is it running?" >&2; exit 1' }),
      "DOCKER_DOWN",
    ],
  ])("but %s is told, and leaves nothing", async (_, scripts, code, message = "") => {
    const { result } = await exported(await dockerOf(scripts(archive)));
    expect(result).toMatchObject({ code, exitCode: 3, next: expect.arrayContaining([expect.any(String)]) });
    expect((result as Error).message).toContain(message);
    expect(await left()).toEqual([]);
  });

  test("until Ctrl-C: the programs are ended, and the folder is gone", async () => {
    const stop = new AbortController();
    const stopped = new Error("Ctrl-C");
    const docker = await dockerOf({ docker: `echo $$ >"${folder}/pid"; cat "${archive}"; exec sleep 60` }, stop.signal);
    const running = exported(docker);
    const pid = await numberIn(join(folder, "pid"));
    stop.abort(stopped);
    expect((await running).result).toBe(stopped);
    expect(stateOf(pid)).toMatch(/^Z?$/);
    expect(await left()).toEqual([]);
  });
});

/** As ps has it; empty where there is no such process, and Z where only nobody has asked how it ended. */
function stateOf(pid: number): string {
  const stat = execFileSync("sh", ["-c", 'ps -o stat= -p "$1" || true', "sh", String(pid)], { encoding: "utf8" });
  return stat.trim().slice(0, 1);
}

async function numberIn(file: string): Promise<number> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const text = execFileSync("sh", ["-c", 'cat "$1" 2>/dev/null || true', "sh", file], { encoding: "utf8" });
    if (text.endsWith("\n")) return Number(text);
    if (Date.now() > deadline) throw new Error(`${file} stays empty`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe("the architectures of an image", () => {
  const image = { id: index.digest, architecture: "amd64", labels: {}, repoTags: [], mediaType: index.mediaType };

  test("are all of an index, read off its export, and docker's own word for any other", async () => {
    const docker = await dockerOf({ docker: `cd "${folder}/layout" && tar -cf - blobs` });
    const repoDigests = [`threads-web@${index.digest}`];
    expect(await docker.architectures("threads-web:1", { ...image, repoDigests })).toEqual(["amd64", "arm64"]);
    // Docker 26 does not tell whether it is an index; then it is looked at.
    const { mediaType: _, ...untold } = { ...image, repoDigests };
    expect(await docker.architectures("threads-web:1", untold)).toEqual(["amd64", "arm64"]);
    const [child = ""] = [...index.blobs].flatMap(([digest, bytes]) =>
      bytes.toString().includes('"layers"') ? [digest] : [],
    );
    const alone = { ...untold, id: child, repoDigests: [`threads-web@${child}`] };
    expect(await docker.architectures("threads-web:1", { ...alone, architecture: "arm64" })).toEqual(["arm64"]);
    const deaf = await dockerOf({ docker: "exit 1" });
    expect(await deaf.architectures("threads-web:1", { ...image, repoDigests: [] })).toEqual(["amd64"]);
  });
});
