import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { BatchGetImageCommand, CreateRepositoryCommand } from "@aws-sdk/client-ecr";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PublishResult } from "../../src/lib/actions/publish/result.ts";
import { docker, end, succeed } from "./docker-tools.ts";
import { makePublishingProject, type PublishingProject } from "./publishing-project.ts";

// What publish sees of real compose files and real images before it pushes, and of what is published already.

const cache = `threads-test-cache:${String(process.pid)}`;
let world: PublishingProject;

/** An image from elsewhere, which has moved as soon as another file is in it. */
const cacheOf = (text: string): Promise<string> =>
  succeed("sh", [
    "-c",
    'cd "$(mktemp -d)" && echo "$1" >file && tar -cf - file | docker import - "$2"',
    "sh",
    text,
    cache,
  ]);

beforeAll(async () => {
  world = await makePublishingProject("publish-looks");
  const { project, sandbox } = world;
  const repositoryName = `${project.app}/cache`;
  await sandbox.ecr.send(new CreateRepositoryCommand({ repositoryName, imageTagMutability: "IMMUTABLE" }));
  const text = await readFile(join(project.root, "threads.yml"), "utf8");
  await project.write("threads.yml", text.replace("runtime: { compose: smoke.yml", "runtime: { compose: prod.yml"));
  await project.write(
    "prod.yml",
    [
      "x-required-env:",
      "  - SECRET # as ever",
      "services:",
      "  web:",
      "    image: ${WEB_IMAGE}",
      "    environment: { PAY: '${PAY_URL:?where people pay}' }",
      "    volumes: ['programs:/srv', 'data:/data']",
      "  worker: { image: '${WORKER_IMAGE}', command: [sleep, '600'] }",
      `  cache: { image: '${cache}' }`,
      "volumes: { programs: {}, data: {} }",
      "",
    ].join("\r\n"),
  );
  project.commit();
  await cacheOf("one");
  await world.result("smoke");
});
afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
  await end("docker", ["rmi", "--force", cache]);
});

test("files that a volume will hide are told of, and the keys that a host must have stand in the release", async () => {
  const { code, stderr, stdout } = await world.threads(["publish", "--json"]);
  expect(stderr).toMatch(
    /web mounts the volume programs over \/srv, where its image has files \((ask|server)\.pl and more\)/,
  );
  expect(stderr).not.toContain("/data");
  expect(code).toBe(0);
  const { bundle, revision } = JSON.parse(stdout) as PublishResult;
  const ancestor = `ancestor=${world.project.app}-web:${revision}`;
  expect(await docker("container", "ls", "--all", "--quiet", "--filter", ancestor)).toBe("");
  const { images = [] } = await world.sandbox.ecr.send(
    new BatchGetImageCommand({ repositoryName: bundle.repository, imageIds: [{ imageTag: bundle.tag }] }),
  );
  expect(images[0]?.imageManifest).toContain('"org.threads.required-keys":"SECRET PAY_URL"');
});

test("an image from elsewhere that is no longer the one that is pinned is named, and its release is nobody's own", async () => {
  expect(await world.result("publish")).toMatchObject({ outcome: "already-published", otherBuild: [] });
  await cacheOf("two");
  const { code, stderr } = await world.threads(["publish"]);
  expect(stderr).toMatch(/cache: sha256:\w+ there, and here an image of id sha256:\w+/);
  expect(stderr).toContain("threads publish --adopt");
  expect(code).toBe(4);
});
