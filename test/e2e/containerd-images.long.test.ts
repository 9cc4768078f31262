import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateRepositoryCommand, GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { PublishResult } from "../../src/lib/actions/publish/result.ts";
import { systemClock } from "../../src/lib/clock/clock.ts";
import { connectRegistry } from "../../src/lib/registry/ecr/ecr.ts";
import type { Registry } from "../../src/lib/registry/registry.ts";
import { repoAt } from "../fakes/ecr-repo.ts";
import { type ContainerdEngine, startContainerdEngine } from "./containerd-engine.ts";
import { docker, type Ended, succeed } from "./docker-tools.ts";
import { makePublishingProject, type PublishingProject } from "./publishing-project.ts";
import { openToolsShell, type ToolsShell } from "./tools-shell.ts";

const services = ["web", "worker"];
const base = "debian:trixie-slim";
let world: PublishingProject;
let engine: ContainerdEngine;
let tools: ToolsShell;
let registry: Registry;
/** Where the CLI puts what it must not leave behind. */
let temporary: string;
let folder: string;
let configurations: string;

beforeAll(async () => {
  world = await makePublishingProject("containerd-images");
  engine = await startContainerdEngine("containerd-images", world.sandbox.port);
  const repo = repoAt(world.host, `${world.project.app}/`);
  registry = connectRegistry({ repo, aws: { ecr: () => Promise.resolve(world.sandbox.ecr) }, clock: systemClock });
  [folder, configurations, temporary] = await Promise.all([
    mkdtemp(join(tmpdir(), "threads-containerd-images-")),
    mkdtemp(join(tmpdir(), "threads-containerd-docker-")),
    mkdtemp(join(tmpdir(), "threads-containerd-temporary-")),
  ]);
  tools = await openToolsShell("containerd-images", world, folder);
  // Something that runs, with a layer that is larger than a part of an upload.
  const noise = "head -c 12000000 /dev/urandom >/noise";
  await docker("save", "--output", join(folder, "base.tar"), base);
  await engine.docker("load", "--input", join(folder, "base.tar"));
  await writeFile(
    join(folder, "Dockerfile"),
    `FROM ${base}\nARG WHAT\nLABEL what=$WHAT\nRUN echo "$WHAT" >/what; ${noise}\n`,
  );
});
afterAll(async () => {
  await engine?.[Symbol.asyncDispose]();
  await world?.[Symbol.asyncDispose]();
  for (const one of [folder, configurations, temporary]) await rm(one, { recursive: true, force: true });
});

/** Commits, and builds what smoke would have left for it. @returns the revision */
async function built(text: string, ...how: readonly string[]): Promise<string> {
  const { app, root } = world.project;
  await world.project.write("note.txt", text);
  const revision = world.project.commit();
  const tree = await succeed("git", ["-C", root, "rev-parse", "HEAD^{tree}"]);
  for (const service of services) {
    const labels = {
      "org.opencontainers.image.revision": revision,
      "org.threads.tree": tree,
    };
    const words = Object.entries(labels).flatMap(([key, value]) => ["--label", `${key}=${value}`]);
    const tag = ["--tag", `${app}-${service}:${revision}`, "--build-arg", `WHAT=${service} ${text}`];
    await engine.docker("build", "--quiet", ...how, ...words, ...tag, folder);
  }
  return revision;
}

const publish = (...flags: readonly string[]): Promise<Ended> =>
  world.threads(["publish", ...flags], {
    DOCKER_HOST: engine.address,
    TMPDIR: temporary,
    NODE_COMPILE_CACHE: join(folder, "compiled"),
  });

async function published(): Promise<PublishResult> {
  const { code, stdout, stderr } = await publish("--json");
  expect(`${String(code)} ${stderr}`).toMatch(/^0 /);
  return JSON.parse(stdout) as PublishResult;
}

const idOf = (service: string, revision: string): Promise<string> =>
  engine.docker("image", "inspect", "--format", "{{.Id}}", `${world.project.app}-${service}:${revision}`);

/** A docker configuration of our own that is signed in at the registry. */
async function signedIn(): Promise<{ readonly DOCKER_CONFIG: string }> {
  const { authorizationData } = await world.sandbox.ecr.send(new GetAuthorizationTokenCommand({}));
  const token = Buffer.from(authorizationData?.[0]?.authorizationToken ?? "", "base64").toString();
  const env = { DOCKER_CONFIG: await mkdtemp(join(configurations, "docker-")) };
  const input = token.slice(token.indexOf(":") + 1);
  await succeed("docker", ["login", "--username", "AWS", "--password-stdin", world.host], { env, input });
  return env;
}

/** Requests since then, by operation. */
async function requestsSince(last: number): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { operation = "" } of (await world.sandbox.log(last)).entries)
    counts[operation] = (counts[operation] ?? 0) + 1;
  return counts;
}

describe("publish from an engine that keeps images in containerd, to immutable repositories", () => {
  test("images without attestations, as smoke builds them, arrive as they are; and again", async () => {
    const { last } = await world.sandbox.log();
    const revision = await built("plain", "--provenance=false");
    const { images, outcome } = await published();
    expect(outcome).toBe("published");
    for (const { service, repository, digest } of images) {
      expect(await idOf(service, revision)).toBe(digest);
      expect((await registry.find(repository, revision))?.mediaType).toMatch(/manifest\.v\d\+json$/);
      expect(await tools.digestsOf(`${repository}:${revision}`)).toEqual([digest, digest]);
    }
    // This docker does not tell an image from an index: it is not left to push either.
    expect((await requestsSince(last))["v2:PutManifest"]).toBeUndefined();
    expect(await published()).toMatchObject({ outcome: "already-published" });
  });

  test("images with attestations keep their digest and all that they list", async () => {
    const { last } = await world.sandbox.log();
    const revision = await built("attested", "--provenance=true", "--sbom=false");
    const { images, outcome, bundle } = await published();
    expect(outcome).toBe("published");
    for (const { service, repository, digest, pushed } of images) {
      expect([digest, pushed]).toEqual([await idOf(service, revision), true]);
      const reference = `${repository}:${revision}`;
      expect(await tools.digestsOf(reference)).toEqual([digest, digest]);
      const index = await registry.find(repository, revision);
      expect(index?.body).toContain("attestation-manifest");
      const { manifests } = JSON.parse(index?.body ?? "") as { manifests: { digest: string }[] };
      expect(manifests).toHaveLength(2);
      // Copied whole by somebody else: every child and every layer is there.
      await tools.shell(
        `skopeo copy --all --preserve-digests --src-tls-verify=false docker://$REGISTRY/${reference} oci:/tmp/copy >/dev/null
         for child in ${manifests.map((child) => child.digest).join(" ")}; do
           oras manifest fetch --plain-http $REGISTRY/${repository}@$child >/dev/null
         done`,
      );
    }
    const requests = await requestsSince(last);
    expect(requests["UploadLayerPart"]).toBeGreaterThan(requests["InitiateLayerUpload"] ?? Infinity);
    expect(requests["v2:PutManifest"]).toBeUndefined();
    expect(await published()).toMatchObject({ outcome: "already-published", bundle });
    expect(await readdir(temporary)).toEqual([]);
  });

  test("what was uploaded before a failure is not uploaded again", async () => {
    const revision = await built("resumed", "--provenance=true");
    await world.sandbox.settings({ faults: [{ operation: "PutImage", kind: "expired-token", times: 1000 }] });
    const first = await publish("--json");
    await world.sandbox.settings({ faults: [] });
    expect([first.code, JSON.parse(first.stdout)]).toMatchObject([7, { code: "CREDENTIALS_EXPIRED" }]);
    expect(await registry.find(`${world.project.app}/web`, revision)).toBeUndefined();
    expect(await readdir(temporary)).toEqual([]);
    const { last } = await world.sandbox.log();
    expect(await published()).toMatchObject({ outcome: "published" });
    const requests = await requestsSince(last);
    // Only the bundle's own two blobs.
    expect(requests["InitiateLayerUpload"]).toBe(2);
    expect(requests["BatchCheckLayerAvailability"]).toBe(services.length);
  });

  test("an engine with the classic store pulls such an image by its digest, and runs it", async () => {
    await built("run", "--provenance=true");
    const { images } = await published();
    const env = await signedIn();
    for (const { service, repository, digest } of images) {
      const reference = `${world.host}/${repository}@${digest ?? ""}`;
      await succeed("docker", ["pull", "--quiet", reference], { env });
      expect(await docker("run", "--rm", "--label", "threads.test=containerd-images", reference, "cat", "/what")).toBe(
        `${service} run`,
      );
      await docker("rmi", reference);
    }
  });

  describe("with several platforms", () => {
    // There is no emulation here: what is built for another machine must not run anything.
    const foreign = ["--provenance=false", "--platform", "linux/amd64,linux/arm64"];
    beforeAll(() => writeFile(join(folder, "Dockerfile"), "FROM scratch\nARG WHAT\nLABEL what=$WHAT\nCOPY note /\n"));
    beforeEach(({ task }) => writeFile(join(folder, "note"), task.id));

    test("all of them are published", async () => {
      const revision = await built("platforms", ...foreign);
      expect(await published()).toMatchObject({ outcome: "published" });
      for (const service of services) {
        const digest = await idOf(service, revision);
        expect(await tools.digestsOf(`${world.project.app}/${service}:${revision}`)).toEqual([digest, digest]);
      }
    });

    test("one that docker does not have is refused by name, before anything is uploaded", async () => {
      const revision = await built("part", ...foreign);
      const repositoryName = `${world.project.app}/spare`;
      await world.sandbox.ecr.send(new CreateRepositoryCommand({ repositoryName, imageTagMutability: "MUTABLE" }));
      const [local, remote] = [`${world.project.app}-web:${revision}`, `${world.host}/${repositoryName}:1`];
      const there = { env: { ...(await signedIn()), DOCKER_HOST: engine.address } };
      for (const words of [
        ["tag", local, remote],
        ["push", "--quiet", remote],
        ["rmi", local, remote],
        ["builder", "prune", "--all", "--force"],
        // This machine's platform alone.
        ["pull", "--quiet", remote],
        ["tag", remote, local],
      ])
        await succeed("docker", words, there);
      const { last } = await world.sandbox.log();
      const { code, stdout } = await publish("--json");
      expect([code, JSON.parse(stdout)]).toMatchObject([
        3,
        { code: "IMAGE_INCOMPLETE", message: expect.stringContaining("linux/arm64 is missing") },
      ]);
      expect(await registry.find(`${world.project.app}/web`, revision)).toBeUndefined();
      const requests = Object.keys(await requestsSince(last));
      expect(requests).toContain("BatchGetImage");
      expect(requests.filter((name) => /Put|Upload/.test(name))).toEqual([]);
      expect(await readdir(temporary)).toEqual([]);
    });
  });
});
