import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateRepositoryCommand } from "@aws-sdk/client-ecr";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../src/lib/clock/clock.ts";
import { digestOf, isDigest } from "../../src/lib/image/digest.ts";
import { connectRegistry } from "../../src/lib/registry/ecr/ecr.ts";
import type { Registry } from "../../src/lib/registry/registry.ts";
import { retag } from "../../src/lib/registry/retag.ts";
import { repoAt } from "../fakes/ecr-repo.ts";
import { type ContainerdEngine, startContainerdEngine } from "./containerd-engine.ts";
import { docker } from "./docker-tools.ts";
import { makePublishingProject, type PublishingProject } from "./publishing-project.ts";
import { openToolsShell, type ToolsShell } from "./tools-shell.ts";

let world: PublishingProject;
let engine: ContainerdEngine;
let tools: ToolsShell;
let registry: Registry;
let folder: string;

beforeAll(async () => {
  world = await makePublishingProject("media-types");
  engine = await startContainerdEngine("media-types", world.sandbox.port);
  const repo = repoAt(world.host, `${world.project.app}/`);
  registry = connectRegistry({ repo, aws: { ecr: () => Promise.resolve(world.sandbox.ecr) }, clock: systemClock });
  folder = await mkdtemp(join(tmpdir(), "threads-media-types-"));
  tools = await openToolsShell("media-types", world, folder);
  await writeFile(join(folder, "Dockerfile"), "FROM scratch\nARG WHAT\nLABEL what=$WHAT\nCOPY Dockerfile /\n");
});
afterAll(async () => {
  await engine?.[Symbol.asyncDispose]();
  await world?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

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
  await tools.shell(
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
      await tools.shell(
        `skopeo copy --format v2s2 --dest-tls-verify=false docker-archive:/images/schema2.tar docker://$REGISTRY/${repository}:sha >/dev/null`,
      );
    },
  ],
  [
    "oci-manifest",
    /oci.image.manifest/,
    async (repository) => {
      await tools.shell(
        `cd /images && oras push --plain-http $REGISTRY/${repository}:sha Dockerfile:text/plain >/dev/null`,
      );
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
    const before = await tools.digestsOf(`${repository}:sha`);
    const manifest = await registry.find(repository, "sha");
    const digest = manifest?.digest ?? digestOf("");
    expect(manifest?.mediaType).toMatch(mediaType);
    expect(before).toEqual([digest, digest]);
    expect(await retag({ registry, clock: systemClock }, { repository, digest, tag: "prod-sha" })).toBe("created");
    expect(await tools.digestsOf(`${repository}:prod-sha`)).toEqual(before);
    expect(await retag({ registry, clock: systemClock }, { repository, digest, tag: "prod-sha" })).toBe("present");
    const children = (JSON.parse(manifest?.body ?? "{}") as { manifests?: { digest: string }[] }).manifests ?? [];
    for (const child of children)
      expect(isDigest(child.digest) && (await registry.find(repository, child.digest))).toBeTruthy();
    expect(manifest?.body.includes("attestation-manifest")).toBe(name === "index-with-attestation");
  });
});
