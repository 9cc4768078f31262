import { describe, expect, test } from "vitest";
import { digestOf } from "../../../src/lib/image/digest.ts";
import { mayBeIndex } from "../../../src/lib/registry/docker-export.ts";
import { digestIn, dockerImages } from "../../../src/lib/registry/docker-push.ts";
import { nothingSaid, pushProgress, readPushLine } from "../../../src/lib/registry/push-output.ts";
import { fakeDocker } from "../../fakes/docker.ts";
import { fakeEcr } from "../../fakes/ecr.ts";
import { registryOn } from "./connect.ts";

test("what docker push says becomes progress, layer by layer, and a digest", () => {
  const digest = digestOf("x");
  const lines = [
    "The push refers to repository [127.0.0.1:5000/threads/web]",
    "5f70bf18a086: Preparing",
    "d1b2a3c4e5f6: Waiting",
    "0a1b2c3d4e5f: Layer already exists",
    "5f70bf18a086: Pushed",
  ];
  const before = lines.reduce(readPushLine, nothingSaid);
  expect(pushProgress(before)).toBe("2/3 layers");
  expect(before.digest).toBeUndefined();
  expect(readPushLine(before, `1.0: digest: ${digest} size: 528`).digest).toBe(digest);
  expect(readPushLine(before, "1.0: digest: sha256:12 size: 528").digest).toBeUndefined();
});

test("docker's digest counts only for this very place", () => {
  const digest = digestOf("x");
  const image = { id: "", architecture: "amd64", labels: {}, repoDigests: [`127.0.0.1:5000/threads/web@${digest}`] };
  expect(digestIn(image, { host: "127.0.0.1:5000", repository: "threads/web" })).toBe(digest);
  expect(digestIn(image, { host: "127.0.0.1:5000", repository: "threads/we" })).toBeUndefined();
  expect(digestIn(image, { host: "127.0.0.1:500", repository: "threads/web" })).toBeUndefined();
  expect(digestIn(undefined, { host: "127.0.0.1:5000", repository: "threads/web" })).toBeUndefined();
});

describe("failures", () => {
  test.each([
    [
      "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
      "NO_DOCKER",
      3,
    ],
    ["tag invalid: The image tag 'a' already exists and cannot be overwritten", "TAG_CONFLICT", 4],
    ["denied: User: arn:aws:iam::000000000000:user/x is not authorized to perform: ecr:PutImage", "PUSH_DENIED", 3],
    ["name unknown: The repository with name 't/a' does not exist in the registry", "REPOSITORY_NOT_FOUND", 3],
    ["name unknown: The repository with name 'immutable/denied' does not exist", "REPOSITORY_NOT_FOUND", 3],
    ['Get "https://r.example.com/v2/": dial tcp: lookup r.example.com: no such host', "REGISTRY_UNREACHABLE", 3],
    ["open /var/lib/docker/tmp/x: permission denied", "PUSH_FAILED", 3],
    ["write tcp 127.0.0.1: connection reset by peer", "PUSH_FAILED", 3],
  ])("%s", async (says, code, exitCode) => {
    await using ecr = await fakeEcr();
    const docker = fakeDocker(ecr);
    docker.images.set("a:1", { config: "{}", labels: {} });
    docker.fail("image push", { exitCode: 1, says });
    const to = { host: ecr.host, repository: "threads/web", tag: "a" };
    const pushed = dockerImages(docker).signedIn(await registryOn(ecr).login(), ({ push }) =>
      push({ from: "a:1", to }),
    );
    await expect(pushed).rejects.toMatchObject({ code, exitCode, next: expect.arrayContaining([expect.any(String)]) });
  });

  test.each([
    [
      'Error response from daemon: Get "https://r.example.com/v2/": dial tcp: lookup r.example.com: no such host',
      "REGISTRY_UNREACHABLE",
      "curl -I https://r.example.com/v2/",
    ],
    [
      "Error response from daemon: login attempt failed with status: 400 Bad Request",
      "LOGIN_FAILED",
      "aws sts get-caller-identity",
    ],
  ])("a login that fails sends nobody to publish: %s", async (says, code, next) => {
    await using ecr = await fakeEcr();
    const docker = fakeDocker(ecr);
    docker.fail("login", { exitCode: 1, says });
    const login = await registryOn(ecr).login();
    const signedIn = dockerImages(docker).signedIn(login, () => Promise.reject(new Error("was let in")));
    await expect(signedIn).rejects.toMatchObject({ code, exitCode: 3, next: expect.arrayContaining([next]) });
    await expect(signedIn).rejects.toMatchObject({ next: expect.not.arrayContaining(["threads publish"]) });
  });

  test("a warning beside what docker knows is no daemon that does not answer", async () => {
    const stderr = "WARNING: Error loading config file: /h/.docker/config.json: permission denied";
    const warned = (end: { exitCode: number; stdout: string; stderr: string }) =>
      dockerImages({ processes: { run: () => Promise.resolve(end) } }).inspect(["a:1"]);
    const missing = `${stderr}\nError response from daemon: No such image: a:1`;
    expect(await warned({ exitCode: 0, stdout: "[]", stderr: `${stderr}\nsomething new` })).toEqual(new Map());
    expect(await warned({ exitCode: 1, stdout: "[]", stderr: missing })).toEqual(new Map());
  });

  test("an image that is not there is missing; a daemon that does not answer is an error", async () => {
    await using ecr = await fakeEcr();
    const docker = fakeDocker(ecr);
    docker.images.set("a:1", { config: "{}", labels: { x: "y" } });
    const found = await dockerImages(docker).inspect(["a:1", "b:1"]);
    expect([...found.keys()]).toEqual(["a:1"]);
    const says = "permission denied while trying to connect to the Docker daemon socket";
    const deaf = dockerImages({
      processes: { run: () => Promise.resolve({ exitCode: 1, stdout: "[]", stderr: says }) },
    });
    await expect(deaf.inspect(["a:1"])).rejects.toMatchObject({ code: "NO_DOCKER" });
  });
});

describe("what may be an index", () => {
  const id = digestOf("manifest");
  const image = { id, architecture: "amd64", labels: {}, repoDigests: [`a@${id}`] };

  test.each([
    ["application/vnd.oci.image.index.v1+json", true],
    ["application/vnd.docker.distribution.manifest.list.v2+json", true],
    ["application/vnd.oci.image.manifest.v1+json", false],
    ["application/vnd.docker.distribution.manifest.v2+json", false],
    // Docker 26 and 27.
    [undefined, true],
  ])("%s in the containerd store: %s", (mediaType, expected) => {
    expect(mayBeIndex({ ...image, mediaType })).toBe(expected);
  });

  test("is nothing in the classic store, which names an image by its config", () => {
    expect(mayBeIndex({ ...image, id: digestOf("config") })).toBe(false);
  });
});
