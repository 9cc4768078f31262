import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runStack } from "../../src/lib/stack/run-stack.ts";
import { smoke } from "../../src/lib/actions/smoke/run.ts";
import { systemProcesses } from "../../src/lib/process/execa.ts";
import type { ThreadsError } from "../../src/lib/errors/threads-error.ts";
import { inProcess } from "./in-process.ts";
import { makeSmallProject, type SmallProject } from "./small-project.ts";
import { startTinyRegistry, type TinyRegistry } from "./tiny-registry.ts";

let registry: TinyRegistry;
let project: SmallProject;
let dockerConfig: string;
const images: Record<string, string> = {};
const docker = (...args: string[]): string => execFileSync("docker", args, { encoding: "utf8" }).trim();

/** Builds and smokes once, pushes both images, and forgets them: what is left is what promote finds. */
beforeAll(async () => {
  registry = await startTinyRegistry();
  project = await makeSmallProject();
  dockerConfig = await mkdtemp(join(tmpdir(), "docker-config-"));
  await smoke({ dryRun: false }, inProcess(project.root).ports);
  for (const service of ["web", "worker"]) {
    const local = `${project.app}-${service}:${project.revision}`;
    const remote = `${registry.host}/${project.app}/${service}`;
    docker("tag", local, `${remote}:x`);
    // Not a synchronous call: the registry answers from this very process.
    await systemProcesses.run({ file: "docker", args: ["push", "-q", `${remote}:x`] });
    images[service] = docker("image", "inspect", "--format", "{{index .RepoDigests 0}}", `${remote}:x`);
    docker("image", "rm", `${remote}:x`, local);
  }
});
afterAll(async () => {
  for (const image of Object.values(images)) execFileSync("docker", ["image", "rm", image], { stdio: "ignore" });
  registry.stop();
  await Promise.all([project.remove(), rm(dockerConfig, { recursive: true })]);
});

describe("images given by digest", () => {
  it("are pulled, run as they are, reported by digest, and kept", async () => {
    const { ports } = inProcess(project.root);
    const { revision } = project;
    const report = await runStack({ revision, tree: "t", build: false, images, dockerConfig }, ports);
    expect(report.images.map(({ service, reference, digests }) => ({ service, reference, digests }))).toEqual(
      ["web", "worker"].map((service) => ({ service, reference: images[service], digests: [images[service]] })),
    );
    expect(report.checks.every(({ ok }) => ok)).toBe(true);
    expect(docker("image", "inspect", "--format", "{{.Id}}", images["web"] ?? "")).toBe(report.images[0]?.id);
    expect(project.present()).toEqual([]);
  });

  it("are tested by several at once, of which none is in another's way", async () => {
    const { revision } = project;
    const what = { revision, tree: "t", build: false, images, dockerConfig };
    const reports = await Promise.all([1, 2, 3].map(() => runStack(what, inProcess(project.root).ports)));
    expect(new Set(reports.map(({ project: name }) => name)).size).toBe(3);
    expect(reports.flatMap(({ checks }) => checks).every(({ ok }) => ok)).toBe(true);
    expect(project.present()).toEqual([]);
  });

  it("that lack a service of threads.yml are a refusal, before anything starts", async () => {
    const { worker: _, ...others } = images;
    const { revision } = project;
    const run = runStack({ revision, tree: "t", build: false, images: others }, inProcess(project.root).ports);
    await expect(run).rejects.toMatchObject({ code: "SERVICES_DIFFER", outcome: "refused" });
    expect(project.present()).toEqual([]);
  });

  it("do not pass for another release", async () => {
    const { ports } = inProcess(project.root);
    const other = "b".repeat(40);
    const error = await runStack({ revision: other, tree: "t", build: false, images }, ports).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: "CHECKS_FAILED", outcome: "checks" });
    expect((error as ThreadsError).details[0]).toBe(
      `/healthz: X-Release is ${project.revision}, expected ${other}: another build answers`,
    );
    expect((error as ThreadsError).next).toEqual([`threads smoke --release ${other}`]);
  });

  it("that the registry does not have are a refusal, before anything starts", async () => {
    const { ports } = inProcess(project.root);
    const gone = { ...images, web: (images["web"] ?? "").replace(/[0-9a-f]{64}$/, "0".repeat(64)) };
    await expect(
      runStack({ revision: project.revision, tree: "t", build: false, images: gone }, ports),
    ).rejects.toMatchObject({ code: "IMAGE_NOT_AVAILABLE", outcome: "refused" });
    expect(project.present()).toEqual([]);
  });
});
