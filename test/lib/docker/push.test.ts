import { describe, expect, test } from "vitest";
import { digestOf } from "../../../src/lib/image/digest.ts";
import { dockerImages } from "../../../src/lib/docker/images.ts";
import { nothingSaid, pushProgress, readPushLine } from "../../../src/lib/docker/push-output.ts";
import { Secret } from "../../../src/lib/secret/secret.ts";
import { fakeDocker } from "../../fakes/docker.ts";
import { fakeEcr } from "../../fakes/ecr.ts";
import { registryOn } from "../registry/connect.ts";
import { scriptedDocker } from "./scripted-docker.ts";

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

test("a push that tells no digest is looked up under its own name", async () => {
  const digest = digestOf("x");
  const push = (repoDigests: readonly string[]): Promise<string> => {
    const image = { Id: "sha256:1", Architecture: "amd64", RepoDigests: repoDigests };
    const said = { "context show": "default", "image inspect": JSON.stringify([image]) };
    const processes = scriptedDocker(([verb, noun]) => said[`${verb} ${noun}` as keyof typeof said] ?? "");
    return dockerImages({ processes }).signedIn(
      { username: "AWS", password: new Secret("x"), host: "127.0.0.1:5000" },
      (session) => session.push({ from: "a:1", to: "127.0.0.1:5000/t/web:1" }),
    );
  };
  expect(await push([`127.0.0.1:5000/t/other@${digestOf("y")}`, `127.0.0.1:5000/t/web@${digest}`])).toBe(digest);
  await expect(push([])).rejects.toMatchObject({ code: "PUSH_UNSETTLED", outcome: "unknown" });
});

describe("failures", () => {
  test.each([
    [
      "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
      "DOCKER_DOWN",
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
    const to = `${ecr.host}/threads/web:a`;
    const pushed = dockerImages(docker).signedIn(await registryOn(ecr).login(), ({ push }) =>
      push({ from: "a:1", to }),
    );
    await expect(pushed).rejects.toMatchObject({ code, exitCode, next: expect.arrayContaining([expect.any(String)]) });
  });

  test("a docker that was killed is not taken for one that is missing", async () => {
    await using ecr = await fakeEcr();
    const docker = fakeDocker(ecr);
    docker.images.set("a:1", { config: "{}", labels: {} });
    const killed = { exitCode: undefined, says: "was ended by SIGKILL" };
    const push = async (): Promise<string> =>
      dockerImages(docker).signedIn(await registryOn(ecr).login(), (session) =>
        session.push({ from: "a:1", to: `${ecr.host}/threads/web:a` }),
      );
    docker.fail("image push", killed);
    await expect(push()).rejects.toMatchObject({ code: "PUSH_FAILED" });
    docker.fail("login", killed);
    const message = expect.stringMatching(/log in to the registry: docker login .*: was ended by SIGKILL$/) as string;
    await expect(push()).rejects.toMatchObject({ code: "LOGIN_FAILED", message });
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
});
