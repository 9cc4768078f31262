import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateRepositoryCommand, DeleteRepositoryCommand } from "@aws-sdk/client-ecr";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PromoteResult } from "../../src/lib/actions/promote/result.ts";
import type { PublishResult } from "../../src/lib/actions/publish/result.ts";
import { docker, succeed } from "./docker-tools.ts";
import { journey } from "./journey.ts";
import { makePublishingProject, type PublishingProject } from "./publishing-project.ts";
import { openToolsShell, type ToolsShell } from "./tools-shell.ts";

let world: PublishingProject;
let tools: ToolsShell;
let folder: string;
let app: string;
let revision: string;
let published: PublishResult;

// One release on its way.
journey();
beforeAll(async () => {
  world = await makePublishingProject("single-repository", true);
  folder = await mkdtemp(join(tmpdir(), "threads-single-repository-"));
  tools = await openToolsShell("single-repository", world, folder);
  app = world.project.app;
  await world.project.write("note.txt", "one repository");
  revision = world.project.commit();
  await world.result("smoke");
});
afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const unclear = () => ({ ECR_REPO: `${world.host}/${app}` });

test("the name of the repository alone is understood by what is there, or refused where it may mean two things", async () => {
  const { code, stderr } = await world.threads(["publish", "--dry-run"], unclear());
  expect([code, stderr]).toEqual([0, expect.stringContaining(`one repository ${app}, tags {tag}-{service}; there is`)]);
  const other = { repositoryName: `${app}/web` };
  await world.sandbox.ecr.send(new CreateRepositoryCommand(other));
  const refused = await world.threads(["publish", "--json"], unclear());
  await world.sandbox.ecr.send(new DeleteRepositoryCommand(other));
  expect(refused.code).toBe(2);
  expect(JSON.parse(refused.stdout)).toMatchObject({
    code: "ECR_REPO_AMBIGUOUS",
    next: [`export ECR_REPO=${world.host}/${app}/`, `export ECR_REPO='${world.host}/${app}:{tag}-{service}'`],
  });
});

test("all images and the bundle are pushed into it, each under its own tag; twice is no more than once", async () => {
  published = await world.result<PublishResult>("publish");
  expect(published).toMatchObject({
    outcome: "published",
    bundle: { repository: app, tag: `${revision}-bundle` },
    images: ["web", "worker"].map((service) => ({
      service,
      repository: app,
      tag: `${revision}-${service}`,
      pushed: true,
    })),
  });
  for (const { tag, digest } of [...published.images, published.bundle])
    expect(await tools.digestsOf(`${app}:${tag}`)).toEqual([digest, digest]);
  expect(await world.result<PublishResult>("publish")).toMatchObject({
    outcome: "already-published",
    bundle: published.bundle,
    images: published.images.map(({ digest }) => ({ digest, action: "present", pushed: false })),
  });
  const again = await world.threads(["publish", "--json"], unclear());
  expect(JSON.parse(again.stdout)).toMatchObject({ outcome: "already-published", bundle: published.bundle });
});

test("a promotion tags the same digests, and moves no layer", async () => {
  const { last } = await world.sandbox.log();
  const promoted = await world.result<PromoteResult>("promote", revision, "--as", "v1.2.3");
  expect(promoted).toMatchObject({
    outcome: "promoted",
    tag: `prod-${revision}`,
    bundle: { repository: app, tag: `prod-${revision}-bundle`, digest: published.bundle.digest },
    images: published.images.map(({ service, digest }) => ({ tag: `prod-${revision}-${service}`, digest })),
  });
  for (const { service, digest } of [...published.images, { service: "bundle", digest: published.bundle.digest }])
    for (const label of [`prod-${revision}`, "v1.2.3"])
      expect(await tools.digestsOf(`${app}:${label}-${service}`)).toEqual([digest, digest]);
  const { entries } = await world.sandbox.log(last);
  expect(entries.filter(({ operation = "" }) => /LayerUpload|LayerPart/.test(operation))).toEqual([]);
  expect(await world.result("promote", revision, "--as", "v1.2.3")).toMatchObject({ outcome: "already-promoted" });
});

test("the bundle tells a host which digest is whose", async () => {
  const password = await tools.shell("aws ecr get-login-password");
  const env = { DOCKER_CONFIG: folder };
  await succeed("docker", ["login", "--username", "AWS", "--password-stdin", world.host], { env, input: password });
  const bundle = `${world.host}/${app}@${published.bundle.digest ?? ""}`;
  const id = await succeed("docker", ["create", "--quiet", bundle, "/none"], { env });
  try {
    const text = await docker("cp", `${id}:/release.json`, "-");
    const release = JSON.parse(text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1)) as object;
    const images = published.images.map(({ service, digest }) => [service, { repository: app, digest }]);
    expect(release).toMatchObject({ revision, images: Object.fromEntries(images) });
  } finally {
    await docker("rm", id);
  }
});
