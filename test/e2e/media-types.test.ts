import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BatchGetImageCommand, CreateRepositoryCommand } from "@aws-sdk/client-ecr";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PublishResult } from "../../src/lib/actions/publish/result.ts";
import { systemClock } from "../../src/lib/clock/clock.ts";
import { digestOf, isDigest } from "../../src/lib/image/digest.ts";
import { connectRegistry } from "../../src/lib/registry/ecr.ts";
import type { Registry } from "../../src/lib/registry/registry.ts";
import { retag } from "../../src/lib/registry/retag.ts";
import { repoAt } from "../fakes/ecr-repo.ts";
import { credentials, region } from "../lib/sandbox/server/open-sandbox.ts";
import { type ContainerdEngine, startContainerdEngine } from "./containerd-engine.ts";
import { buildToolsImage, docker, succeed } from "./docker-tools.ts";
import { makePublishingProject, type PublishingProject } from "./publishing-project.ts";

let world: PublishingProject;
let engine: ContainerdEngine;
let tools: string;
let registry: Registry;
let folder: string;

beforeAll(async () => {
  world = await makePublishingProject("media-types");
  engine = await startContainerdEngine("media-types", world.sandbox.port);
  tools = await buildToolsImage();
  const repo = repoAt(world.host, `${world.project.app}/`);
  registry = connectRegistry({ repo, aws: { ecr: () => Promise.resolve(world.sandbox.ecr) }, clock: systemClock });
  folder = await mkdtemp(join(tmpdir(), "threads-media-types-"));
  await writeFile(join(folder, "Dockerfile"), "FROM scratch\nARG WHAT\nLABEL what=$WHAT\nCOPY Dockerfile /\n");
});
afterAll(async () => {
  await engine?.[Symbol.asyncDispose]();
  await world?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** A shell line in the tools image, signed in at the registry, with `$REGISTRY` and the folder at /images. */
async function shell(script: string): Promise<string> {
  const variables = {
    AWS_ENDPOINT_URL: world.sandbox.url,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_REGION: region,
    REGISTRY: world.host,
  };
  const words = Object.entries(variables).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
  const login = `token=$(aws ecr get-login-password)
    echo "$token" | skopeo login --tls-verify=false -u AWS --password-stdin "$REGISTRY" >/dev/null
    echo "$token" | oras login --plain-http -u AWS --password-stdin "$REGISTRY" >/dev/null 2>&1\n`;
  const limits = ["--rm", "--network", "host", "--label", "threads.test=media-types", "--volume", `${folder}:/images`];
  return succeed("docker", ["run", ...limits, ...words, tools, "sh", "-euc", login + script]);
}

/** What two tools that are not ours find under a tag. */
async function digestsOf(reference: string): Promise<string[]> {
  const said = await shell(
    `skopeo inspect --tls-verify=false --raw docker://$REGISTRY/${reference} >/tmp/raw; skopeo manifest-digest /tmp/raw
     oras resolve --plain-http $REGISTRY/${reference}`,
  );
  return said.split("\n");
}

async function freshRepository(name: string): Promise<string> {
  const repositoryName = `${world.project.app}/${name}`;
  await world.sandbox.ecr.send(new CreateRepositoryCommand({ repositoryName, imageTagMutability: "IMMUTABLE" }));
  return repositoryName;
}

/** Builds on the containerd engine and copies what it keeps, byte for byte. */
async function buildAndCopy(repository: string, ...how: readonly string[]): Promise<void> {
  const name = `local-${repository.replace("/", "-")}:1`;
  await engine.docker("build", "--quiet", "--tag", name, "--build-arg", `WHAT=${repository}`, ...how, folder);
  await engine.docker("save", "--output", join(folder, "image.tar"), name);
  await shell(
    `skopeo copy --all --preserve-digests --dest-tls-verify=false oci-archive:/images/image.tar docker://$REGISTRY/${repository}:sha >/dev/null`,
  );
}

const platforms = ["--provenance=false", "--platform", "linux/amd64,linux/arm64"];

const kinds: readonly [name: string, mediaType: RegExp, arrive: (repository: string) => Promise<void>][] = [
  [
    "docker-schema-2",
    /docker.distribution.manifest.v2/,
    async (repository) => {
      await docker("build", "--quiet", "--tag", `${world.host}/${repository}:sha`, "--provenance=false", folder);
      await docker("save", "--output", join(folder, "schema2.tar"), `${world.host}/${repository}:sha`);
      await shell(
        `skopeo copy --format v2s2 --dest-tls-verify=false docker-archive:/images/schema2.tar docker://$REGISTRY/${repository}:sha >/dev/null`,
      );
    },
  ],
  [
    "oci-manifest",
    /oci.image.manifest/,
    async (repository) => {
      await shell(`cd /images && oras push --plain-http $REGISTRY/${repository}:sha Dockerfile:text/plain >/dev/null`);
    },
  ],
  ["docker-manifest-list", /docker.distribution.manifest.list/, (repository) => buildAndCopy(repository, ...platforms)],
  [
    "oci-index",
    /oci.image.index/,
    (repository) => buildAndCopy(repository, ...platforms, "--output", "type=image,oci-mediatypes=true"),
  ],
  ["index-with-attestation", /oci.image.index/, (repository) => buildAndCopy(repository, "--provenance=true")],
];

describe("a retag leaves the digest as it is, and skopeo and oras find the same before and after", () => {
  test.each(kinds)("%s", async (name, mediaType, arrive) => {
    const repository = await freshRepository(name);
    await arrive(repository);
    const before = await digestsOf(`${repository}:sha`);
    const manifest = await registry.find(repository, "sha");
    const digest = manifest?.digest ?? digestOf("");
    expect(manifest?.mediaType).toMatch(mediaType);
    expect(before).toEqual([digest, digest]);
    expect(await retag({ registry, clock: systemClock }, { repository, digest, tag: "prod-sha" })).toBe("created");
    expect(await digestsOf(`${repository}:prod-sha`)).toEqual(before);
    expect(await retag({ registry, clock: systemClock }, { repository, digest, tag: "prod-sha" })).toBe("present");
    const children = (JSON.parse(manifest?.body ?? "{}") as { manifests?: { digest: string }[] }).manifests ?? [];
    for (const child of children)
      expect(isDigest(child.digest) && (await registry.find(repository, child.digest))).toBeTruthy();
    expect(manifest?.body.includes("attestation-manifest")).toBe(name === "index-with-attestation");
  });
});

describe("publish from an engine that keeps images in containerd, to immutable repositories", () => {
  const build = async (revision: string, tree: string, ...how: readonly string[]): Promise<void> => {
    const { app } = world.project;
    for (const service of ["web", "worker"]) {
      const labels = {
        "org.opencontainers.image.revision": revision,
        "org.threads.tree": tree,
        "org.threads.service": service,
      };
      const words = Object.entries(labels).flatMap(([key, value]) => ["--label", `${key}=${value}`]);
      await engine.docker("build", "--quiet", ...how, ...words, "--tag", `${app}-${service}:${revision}`, folder);
    }
  };
  const commit = async (text: string): Promise<[string, string]> => {
    await world.project.write("note.txt", text);
    const revision = world.project.commit();
    return [revision, await succeed("git", ["-C", world.project.root, "rev-parse", "HEAD^{tree}"])];
  };
  const publish = () => world.threads(["publish", "--json"], { DOCKER_HOST: engine.address });

  test("images without attestations, as smoke builds them, are pushed as they are; and again", async () => {
    const [revision, tree] = await commit("plain");
    await build(revision, tree, "--provenance=false");
    const { code, stdout, stderr } = await publish();
    expect(`${String(code)} ${stderr}`).toMatch(/^0 /);
    const { images, outcome } = JSON.parse(stdout) as PublishResult;
    expect(outcome).toBe("published");
    for (const { service, digest } of images)
      expect(
        await engine.docker("image", "inspect", "--format", "{{.Id}}", `${world.project.app}-${service}:${revision}`),
      ).toBe(digest);
    expect(JSON.parse((await publish()).stdout)).toMatchObject({ outcome: "already-published" });
  });

  test("images with attestations are refused before anything is pushed, with the way out", async () => {
    const [revision, tree] = await commit("attested");
    await build(revision, tree, "--provenance=true");
    const { code, stdout } = await publish();
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: "INDEX_IMAGE", next: [expect.stringContaining("threads smoke")] },
    });
    expect(code).toBe(3);
    const repositoryName = `${world.project.app}/web`;
    const { images } = await world.sandbox.ecr.send(
      new BatchGetImageCommand({ repositoryName, imageIds: [{ imageTag: revision }] }),
    );
    expect(images).toEqual([]);
  });
});
