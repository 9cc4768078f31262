import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateRepositoryCommand, GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PromoteResult } from "../../src/lib/actions/promote/result.ts";
import type { PublishResult } from "../../src/lib/actions/publish/result.ts";
import { systemProcesses } from "../../src/lib/process/execa.ts";
import { dockerImages } from "../../src/lib/docker/images.ts";
import { realPace } from "../../src/lib/sandbox/server/ssm/hosts.ts";
import { createSsmOn } from "../../src/lib/sandbox/server/ssm/ssm.ts";
import { Secret } from "../../src/lib/secret/secret.ts";
import { connectUpstream } from "../../src/lib/sandbox/server/upstream.ts";
import { credentials, openSandbox, type OpenSandbox, region } from "../lib/sandbox/server/open-sandbox.ts";
import { buildServicesImage, docker, end, type Ended, publishedPort } from "./docker-tools.ts";
import { journey } from "./journey.ts";
import { waitForHttp } from "./sandbox-ecr/wait.ts";
import { makeSmallProject, type SmallProject } from "./small-project.ts";

const services = ["web", "worker"];
const servicesImage = "threads-test-services-publish";
const registryName = `threads-test-publish-${String(process.pid)}`;
const root = join(import.meta.dirname, "../..");
let sandbox: OpenSandbox;
let project: SmallProject;
let host: string;
let stateDir: string;
/** Where the program puts what is for a moment. */
let temporary: string;

beforeAll(async () => {
  await buildServicesImage(servicesImage);
  const where = ["--name", registryName, "--label", "threads.test=publish", "--publish", "127.0.0.1::5000"];
  await docker(
    "run",
    "--detach",
    "--rm",
    ...where,
    servicesImage,
    "docker-registry",
    "serve",
    "/etc/threads/registry.yml",
  );
  const registryUrl = `http://127.0.0.1:${String(await publishedPort(registryName, 5000))}`;
  await waitForHttp(`${registryUrl}/v2/`);
  stateDir = await mkdtemp(join(tmpdir(), "threads-publish-promote-"));
  temporary = await mkdtemp(join(stateDir, "tmp-"));
  const executor = {
    hosts: () => Promise.resolve([]),
    run: () => Promise.reject(new Error("there are no hosts")),
    restart: () => Promise.reject(new Error("there are no hosts")),
  };
  const ssm = await createSsmOn({ stateDir, executor, pace: realPace, hiddenFor: 0, report: () => undefined });
  sandbox = await openSandbox({ upstream: connectUpstream(registryUrl), services: [ssm] });
  host = `127.0.0.1:${String(sandbox.port)}`;
  project = await makeSmallProject();
  for (const name of [...services, "bundle"])
    await sandbox.ecr.send(
      new CreateRepositoryCommand({ repositoryName: `${project.app}/${name}`, imageTagMutability: "IMMUTABLE" }),
    );
  const text = await readFile(join(project.root, "threads.yml"), "utf8");
  await project.write(
    "threads.yml",
    text.replace("{ dev: {} }", "{ dev: {}, prod: { hosts: { tag: threads-env=prod }, gates: {} } }"),
  );
});

afterAll(async () => {
  await removeImages(`${host}/${project.app}/*`);
  await project?.remove();
  await sandbox?.stop();
  await rm(stateDir, { recursive: true, force: true });
  await docker("rm", "--force", "--volumes", registryName);
  await docker("rmi", servicesImage);
});

async function removeImages(like: string): Promise<void> {
  const ids = await docker("images", "--quiet", "--no-trunc", "--filter", `reference=${like}`);
  if (ids !== "") await end("docker", ["rmi", "--force", ...new Set(ids.split("\n"))]);
}

/** The command as a user types it, in the project. */
async function threads(...args: string[]): Promise<Ended> {
  const env = {
    ECR_REPO: `${host}/${project.app}/`,
    AWS_ENDPOINT_URL: sandbox.url,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_REGION: region,
    THREADS_CONFIG: join(project.root, "threads.yml"),
    TMPDIR: temporary,
    NODE_COMPILE_CACHE: join(stateDir, "compiled"),
  };
  return end(process.execPath, [join(root, "bin", "run.js"), ...args], { env });
}

async function result<T>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await threads(...args, "--json");
  if (code !== 0) throw new Error(`threads ${args.join(" ")}: exit ${String(code)}\n${stdout}${stderr}`);
  return JSON.parse(stdout) as T;
}

async function failure(...args: string[]): Promise<{ exit: number; code: string }> {
  const { code, stdout } = await threads(...args, "--json");
  return { exit: code, ...(JSON.parse(stdout) as { code: string }) };
}

async function registryPassword(): Promise<string> {
  const { authorizationData } = await sandbox.ecr.send(new GetAuthorizationTokenCommand({}));
  const token = authorizationData?.[0]?.authorizationToken ?? "";
  return Buffer.from(token, "base64").toString().slice("AWS:".length);
}

async function newCommit(text: string): Promise<string> {
  await project.write("note.txt", text);
  const revision = project.commit();
  await result("smoke");
  return revision;
}

describe("from a smoke test to production, with the real docker against the strict registry", () => {
  journey();
  let revision: string;
  let published: PublishResult;

  test("refuses what was not smoked, and a dirty tree", async () => {
    await project.write("note.txt", "dirty");
    expect(await failure("publish")).toMatchObject({ exit: 3, code: "DIRTY_TREE" });
    revision = project.commit();
    expect(await failure("publish")).toMatchObject({ exit: 3, code: "NOT_SMOKED" });
    expect(await failure("promote", "HEAD")).toMatchObject({ exit: 3, code: "NOT_PUBLISHED" });
  });

  test("publishes exactly the images that smoke tagged", async () => {
    await result("smoke");
    const plan = await result<PublishResult>("publish", "--dry-run");
    expect(plan.images.map(({ action }) => action)).toEqual(["push", "push"]);
    published = await result<PublishResult>("publish");
    expect(published).toMatchObject({ outcome: "published", published: true, revision });
    for (const { service, repository, digest } of published.images) {
      const digests = await docker(
        "image",
        "inspect",
        "--format",
        "{{.RepoDigests}}",
        `${project.app}-${service}:${revision}`,
      );
      expect(digests).toContain(`${host}/${repository}@${digest ?? ""}`);
    }
  });

  test("says that it is published when asked again, and uploads nothing", async () => {
    const { last } = await sandbox.log();
    const again = await result<PublishResult>("publish");
    expect(again).toMatchObject({ outcome: "already-published", published: true, bundle: published.bundle });
    const { entries } = await sandbox.log(last);
    expect(JSON.stringify(entries)).not.toContain("PutImage");
  });

  test("leaves no password behind: neither on disk nor in docker's own configuration", async () => {
    expect(await readdir(temporary)).toEqual([]);
    const { stdout: own } = await end("sh", ["-c", "cat ${DOCKER_CONFIG:-$HOME/.docker}/config.json 2>/dev/null"]);
    expect(own).not.toContain(host);
  });

  test("a host fetches the bundle with nothing but docker pull and docker cp", async () => {
    const password = await registryPassword();
    const config = join(project.root, "..", `${project.app}-docker`);
    const env = { DOCKER_CONFIG: config };
    const reference = `${host}/${published.bundle.repository}@${published.bundle.digest ?? ""}`;
    const as = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await end("docker", args, { env });
      if (code !== 0) throw new Error(stderr);
      return stdout.trim();
    };
    const container = `${project.app}-bundle`;
    try {
      await end("docker", ["login", "-u", "AWS", "--password-stdin", host], { env, input: password });
      await as("pull", reference);
      await as("create", "--name", container, reference);
      await as("cp", `${container}:/`, join(config, "bundle"));
      const release = JSON.parse(await readFile(join(config, "bundle", "release.json"), "utf8")) as object;
      expect(release).toMatchObject({ schema: 2, app: project.app, revision, tree: published.tree });
      const model = await readFile(join(config, "bundle", "compose.yml"), "utf8");
      expect(model).toContain("image: ${WEB_IMAGE}\n");
      expect(model).not.toContain("build:");
      expect(await readFile(join(config, "bundle", "model", "expected"), "utf8")).toBe(
        "setup 1 must\nweb 1 never\nworker 1 never\n",
      );
    } finally {
      await end("docker", ["rm", "--force", container]);
      await end("rm", ["-r", config]);
    }
  });

  test("promotes after a smoke test of the very digests, pulled from the registry", async () => {
    await removeImages(`${host}/${project.app}/*`);
    await removeImages(`${project.app}-*`);
    const { last } = await sandbox.log();
    const plan = await result<PromoteResult>("promote", revision.slice(0, 10), "--dry-run");
    expect(plan).toMatchObject({ outcome: "planned", revision, tag: `prod-${revision}` });
    const promoted = await result<PromoteResult>("promote", "HEAD");
    const bundle = { ...published.bundle, tag: `prod-${revision}` };
    expect(promoted).toMatchObject({ outcome: "promoted", promoted: true, bundle });
    expect(promoted.smoke?.checks.every(({ ok }) => ok)).toBe(true);
    expect(promoted.images.map(({ digest }) => digest)).toEqual(published.images.map(({ digest }) => digest));
    const { entries } = await sandbox.log(last);
    expect(JSON.stringify(entries)).not.toMatch(/UploadLayerPart|blobs\/uploads/);
    expect(await result<PromoteResult>("promote", revision)).toMatchObject({
      outcome: "already-promoted",
      smoke: null,
    });
  });

  test("survives lost replies and throttling on the way", async () => {
    revision = await newCommit("faults");
    await sandbox.settings({
      faults: [
        { operation: "PutImage", kind: "drop-reply", times: 1 },
        { operation: "BatchGetImage", kind: "throttle", times: 2 },
        { operation: "CompleteLayerUpload", kind: "drop-reply", times: 1 },
      ],
    });
    const { last } = await sandbox.log();
    expect((await result<PublishResult>("publish")).outcome).toBe("published");
    expect((await sandbox.met(last)).toSorted()).toEqual([
      "BatchGetImage throttle",
      "BatchGetImage throttle",
      "CompleteLayerUpload drop-reply",
      "PutImage drop-reply",
    ]);
    const { last: afterwards } = await sandbox.log();
    await sandbox.settings({ faults: [{ operation: "PutImage", kind: "drop-reply", times: 2 }] });
    expect((await result<PromoteResult>("promote", "HEAD")).outcome).toBe("promoted");
    expect(await sandbox.met(afterwards)).toEqual(["PutImage drop-reply", "PutImage drop-reply"]);
    await sandbox.settings({ faults: [] });
  });

  test("pushes only what an interrupted publish left out", async () => {
    revision = await newCommit("interrupted");
    await sandbox.settings({ faults: [{ operation: "InitiateLayerUpload", kind: "expired-token", times: 1 }] });
    // Its images are there by then.
    expect(await failure("publish")).toMatchObject({ exit: 7, code: "CREDENTIALS_EXPIRED" });
    await sandbox.settings({ faults: [] });
    expect(await failure("promote", "HEAD")).toMatchObject({ code: "NOT_PUBLISHED" });
    const finished = await result<PublishResult>("publish");
    expect(finished).toMatchObject({ outcome: "published", published: true });
    expect(finished.images.map(({ pushed }) => pushed)).toEqual([false, false]);
  });

  test("does not fall back to another daemon than that of the user's docker context", async () => {
    const folder = await mkdtemp(join(tmpdir(), "threads-context-"));
    const env = { DOCKER_CONFIG: folder };
    const dead = `host=unix://${join(folder, "nobody.sock")}`;
    try {
      expect((await end("docker", ["context", "create", "dead", "--docker", dead], { env })).code).toBe(0);
      expect((await end("docker", ["context", "use", "dead"], { env })).code).toBe(0);
      const images = dockerImages({
        processes: {
          run: (command, options) => systemProcesses.run(command, { ...options, env: { ...env, ...options?.env } }),
        },
      });
      const login = { host, username: "AWS", password: new Secret(await registryPassword()) };
      const to = `${host}/${project.app}/web:context`;
      const push = images.signedIn(login, ({ push }) => push({ from: `${project.app}-web:${revision}`, to }));
      await expect(push).rejects.toMatchObject({ code: "DOCKER_DOWN" });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("tells people what it did and what comes next", async () => {
    const { stdout, stderr } = await threads("publish", "--verbose");
    expect(stdout).toContain(`Already published: ${revision}`);
    expect(stdout).toContain(`next: threads promote ${revision} -e prod`);
    expect(stderr).toContain(`registry ${host} (sandbox on this machine)`);
  });
});
