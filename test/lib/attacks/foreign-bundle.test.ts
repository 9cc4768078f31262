import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { publish, type PublishOptions, type PublishPorts } from "../../../src/lib/actions/publish/run.ts";
import { loadConfig } from "../../../src/lib/config/load.ts";
import { ThreadsError } from "../../../src/lib/errors/threads-error.ts";
import { type Digest, digestOf } from "../../../src/lib/image/digest.ts";
import { releaseFiles } from "../../../src/lib/provenance/release-files.ts";
import { begunLabel, readRelease, treeLabel, writeBundle } from "../../../src/lib/registry/bundle.ts";
import { assembleBundle, type BundleFiles } from "../../../src/lib/release/bundle.ts";
import { edgeFile } from "../../../src/lib/release/pins.ts";
import type { Release } from "../../../src/lib/release/release.ts";
import type { Signable } from "../../../src/lib/signature/signatures.ts";
import { openProvenance } from "../../../src/lib/wire/provenance.ts";
import { example } from "../../fakes/config.ts";
import { services, type TestWorld, testWorld } from "../actions/publish/world.ts";

// Somebody who may push, and nothing else, takes the very images that passed here, and writes a bundle around them that says
// something else where git cannot tell: another proxy, another database, other migrations. CI comes afterwards.

const runtimeFile = `
services:
  web: { image: "\${WEB_IMAGE}" }
  celery: { image: "\${CELERY_IMAGE}" }
  celery-beat: { image: "\${CELERY_BEAT_IMAGE}" }
  nginx: { image: "\${NGINX_IMAGE}", ports: ["\${HTTP_PORT:-80}:8080"] }
  migrate: { image: "\${WEB_IMAGE}", profiles: [migrate] }
  db: { image: "postgres:17" }
`;
const pinned = [...services, "db", "edge"];

let world: TestWorld;
let ports: PublishPorts;
let signed: string[];
let revision: string;
beforeEach(async () => {
  world = await testWorld({ repositories: [...pinned, "bundle"].map((name) => `threads/${name}`) });
  world.repository.write("threads.yml", example);
  world.repository.write("backend/docker-compose-prod.yml", runtimeFile);
  for (const name of ["postgres:17", "haproxy:3.0"]) world.docker.images.set(name, { config: name, labels: {} });
  world.docker.prints = '{"name":"posts.0001","kind":"contract"}';
  const { root } = world.repository;
  const env = { ECR_REPO: world.ports.config.registry.repository };
  const config = loadConfig({ start: root, file: join(root, "threads.yml"), env });
  const { clock, signal, source } = world.ports;
  // This fake has no address from which a layer would come.
  const download: PublishPorts["registry"]["download"] = async (name, digest) =>
    world.ecr.state.repositories.get(name)?.blobs.get(digest) ?? new Uint8Array();
  const registry = { ...world.ports.registry, download };
  const outside = { processes: world.docker.processes, clock, env: {}, signal };
  const { provenance } = openProvenance({ config, source, registry }, outside);
  signed = [];
  const signatures: PublishPorts["signatures"] = {
    lacking: (things) => Promise.resolve(things),
    sign: (things: readonly Signable[]) => Promise.resolve(void signed.push(...things.map(({ name }) => name))),
    requireSigner: () => Promise.resolve(),
  };
  ports = { ...world.ports, config, registry, provenance, signatures };
  revision = world.smoked("one");
  await run();
  world.warnings.length = 0;
});
afterEach(() => world[Symbol.asyncDispose]());

const sign = { key: "awskms:///alias/threads" };
const run = (options: Partial<PublishOptions> = {}, given: Partial<PublishPorts> = {}) =>
  publish({ dryRun: false, ...options }, { ...ports, ...given });
const pushed = (): string =>
  JSON.stringify(
    [...world.ecr.state.repositories].map(([name, { tags }]) => [name, [...tags.entries()].map(String).toSorted()]),
  );

/** An image of the attacker's own, under the tag of the commit. */
function evil(name: string): Digest {
  const digest = world.ecr.push(`threads/${name}`, "evil", { config: `an evil ${name}` });
  const tags = world.ecr.state.repositories.get(`threads/${name}`)?.tags;
  tags?.delete("evil");
  tags?.set(revision, digest);
  return digest;
}

/** Takes the place of the honest bundle under these of its names, and removes the others. */
async function forge(
  change: (release: Release) => Release,
  at: "published" | "begun",
  alter = (own: BundleFiles): BundleFiles => own,
): Promise<void> {
  const { registry, source, config, signal } = ports;
  const repository = "threads/bundle";
  const honest = await readRelease(registry, repository, revision);
  if (honest === undefined) throw new Error("nothing is published");
  const { files } = await releaseFiles(revision, { config, source, signal, compose: ports.compose });
  const release = change(honest.release);
  const forged = { release, files: alter({ ...files, ...edgeFile(release) }), architecture: "amd64" };
  const [tree, begun] = [treeLabel(release.tree), begunLabel(revision)];
  for (const label of [tree, begun, revision]) world.tagsOf("bundle").delete(label);
  const bundle = assembleBundle(forged);
  for (const tag of at === "begun" ? [begun] : [begun, revision, tree])
    await writeBundle(registry, { repository, bundle, tag });
}

const otherProxy = (release: Release): Release => ({
  ...release,
  edge: { repository: "threads/edge", digest: evil("edge") },
});
const otherDatabase = (release: Release): Release => ({
  ...release,
  images: { ...release.images, db: { repository: "threads/db", digest: evil("db") } },
});
const otherMigrations = (release: Release): Release => ({
  ...release,
  migrations: [{ name: "posts.0001", kind: "expand" }],
});
const listed = ["the bundle: posts.0001 expand", "the image:  posts.0001 contract"];
const instead = (name: string) =>
  expect.stringMatching(new RegExp(`^${name}: sha256:\\w+ there, and here an image of id sha256:\\w+$`));

test("(what this machine has published itself is taken for its own, and signed)", async () => {
  expect(await run()).toMatchObject({ outcome: "already-published", otherBuild: [] });
  await run({ sign });
  expect(signed).toEqual([...pinned, "bundle"]);
  expect(world.warnings).toEqual([]);
});

describe("published under the name of the commit", () => {
  test.each([
    ["another proxy", otherProxy, "edge", "haproxy:"],
    ["another database", otherDatabase, "db", "postgres:17"],
  ] as const)("%s is refused, and nothing is signed", async (_, change, name, reference) => {
    await forge(change, "published");
    const before = pushed();
    for (const options of [{}, { sign }, { sign, dryRun: true }, { dryRun: true }])
      await expect(run(options)).rejects.toMatchObject({
        code: "FOREIGN_RELEASE",
        exitCode: 4,
        details: [instead(name)],
        next: [
          expect.stringContaining("aws ecr describe-images"),
          expect.stringMatching(/^threads publish.* --adopt$/),
        ],
        message: expect.stringMatching(/^\w+ is published, with other images from elsewhere than this machine has$/),
        advice: expect.arrayContaining([
          expect.stringMatching(new RegExp(`^\\S*${reference}\\S* may only have moved, and no build differs: `)),
        ]),
      });
    expect([pushed(), signed]).toEqual([before, []]);
  });

  test("so it is where this machine has to fetch first what it would have pinned", async () => {
    await forge(otherDatabase, "published");
    world.docker.images.delete("postgres:17");
    const pulled: string[] = [];
    const pull: PublishPorts["compose"]["pull"] = (reference) => {
      pulled.push(reference);
      world.docker.images.set(reference, { config: reference, labels: {} });
      return Promise.resolve();
    };
    await expect(run({}, { compose: { ...ports.compose, pull } })).rejects.toMatchObject({ details: [instead("db")] });
    expect(pulled).toEqual(["postgres:17"]);
  });

  test("where that cannot be fetched, it is said; and nothing is signed", async () => {
    world.docker.images.delete("postgres:17");
    const pull = () => Promise.reject(new ThreadsError("DOCKER_FAILED", { message: "429", next: [] }));
    const compose = { ...ports.compose, pull };
    expect(await run({}, { compose })).toMatchObject({ outcome: "already-published" });
    expect(world.warnings).toEqual([expect.stringMatching(/^this machine has no image to compare db of \w+ with: /)]);
    await expect(run({ sign }, { compose })).rejects.toMatchObject({ code: "DOCKER_FAILED" });
    expect(signed).toEqual([]);
  });

  test("where docker has it in a form that tells nothing, that is said; and nothing is signed that nobody adopts", async () => {
    // Of what is one image in the registry, the index that it may have come out of.
    const id = digestOf("an index");
    const images: PublishPorts["compose"]["images"] = async (references, signal) => {
      const found = await ports.compose.images(references, signal);
      return references.includes("postgres:17")
        ? found.map((one) => ({ ...one, id, repoDigests: [`postgres@${id}`] }))
        : found;
    };
    const compose = { ...ports.compose, images };
    expect(await run({}, { compose })).toMatchObject({ outcome: "already-published", otherBuild: [] });
    expect(world.warnings).toEqual([expect.stringMatching(/^this machine has no image to compare db of \w+ with: /)]);
    await expect(run({ sign }, { compose })).rejects.toMatchObject({
      code: "NOT_SMOKED",
      message: expect.stringMatching(/^this machine cannot compare db of \w+ with an image of its own, /),
      next: [
        expect.stringContaining("aws ecr describe-images"),
        expect.stringMatching(/^threads publish --sign .*--adopt$/),
      ],
    });
    expect(signed).toEqual([]);
  });

  test("other migrations are refused, whoever adopts them", async () => {
    await forge(otherMigrations, "published");
    const before = pushed();
    for (const options of [{}, { sign }, { adopt: true }, { adopt: true, sign }])
      await expect(run(options)).rejects.toMatchObject({ code: "BUNDLE_DIFFERS", exitCode: 3, details: listed });
    expect([pushed(), signed]).toEqual([before, []]);
  });

  test("a pin outside of the repositories of ECR_REPO is none of a release, signed or not", async () => {
    await forge((release) => {
      const { digest } = release.images["db"]!;
      return { ...release, images: { ...release.images, db: { repository: "threads/web", digest } } };
    }, "published");
    for (const options of [{}, { sign }, { adopt: true }])
      await expect(run(options)).rejects.toMatchObject({ code: "FOREIGN_PINS", exitCode: 3 });
    expect(signed).toEqual([]);
  });

  test("whoever adopts another proxy is told what nobody has looked at", async () => {
    await forge(otherProxy, "published");
    expect(await run({ adopt: true, sign })).toMatchObject({ otherBuild: ["edge"] });
    expect(world.warnings).toEqual([
      expect.stringMatching(
        /^edge stays as it is published, sha256:\w+: \S*haproxy:\S+ is another image here, of id sha256:/,
      ),
      expect.stringMatching(/^the signature vouches for edge of /),
      expect.stringMatching(/^no smoke test runs edge: /),
    ]);
  });
});

describe("begun under the name of the commit", () => {
  test.each([
    ["another proxy", otherProxy, "edge"],
    ["another database", otherDatabase, "db"],
  ] as const)("%s is refused before anything is pushed, and named", async (_, change, name) => {
    await forge(change, "begun");
    const before = pushed();
    for (const dryRun of [true, false])
      await expect(run({ dryRun })).rejects.toMatchObject({
        code: "FOREIGN_IMAGES",
        exitCode: 4,
        details: [instead(name)],
        next: [expect.stringContaining("aws ecr describe-images"), "threads publish --adopt"],
      });
    expect(pushed()).toBe(before);
  });

  test("a file that git does not give is named before anything is pushed", async () => {
    await forge(
      (release) => release,
      "begun",
      (files) => ({ ...files, "model/required": "PATH\n" }),
    );
    const before = pushed();
    await expect(run()).rejects.toMatchObject({
      code: "FOREIGN_IMAGES",
      details: ["model/required is not what git's files give"],
      next: [expect.any(String), expect.stringMatching(/^aws ecr batch-delete-image /)],
    });
    expect(pushed()).toBe(before);
  });

  test("other migrations are refused, with the command that takes them away", async () => {
    await forge(otherMigrations, "begun");
    const before = pushed();
    await expect(run()).rejects.toMatchObject({
      code: "FOREIGN_IMAGES",
      exitCode: 4,
      details: listed,
      next: [expect.any(String), expect.stringMatching(/^aws ecr batch-delete-image .*imageTag=begun-/)],
    });
    expect(pushed()).toBe(before);
    world.tagsOf("bundle").delete(begunLabel(revision));
    expect(await run()).toMatchObject({ outcome: "published" });
  });
});
