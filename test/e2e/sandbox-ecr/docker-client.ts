import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BatchGetImageCommand, DescribeImagesCommand, GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshRepository, put, sha256, type Subject, types } from "../../lib/sandbox/server/conformance/material.ts";
import { docker, end, type Ended, succeed } from "../docker-tools.ts";

const layerBytes = 2 * 1024 * 1024;

/** Docker's own client against the facade: login, push, pull. */
export function describeDockerClient(subject: Subject): void {
  let directory: string;
  const made = new Set<string>();

  const client = (...args: string[]): Promise<Ended> => end("docker", args, { env: { DOCKER_CONFIG: directory } });
  const host = (): string => `127.0.0.1:${subject().port}`;

  /** A local image of one layer that cannot be compressed, under the reference. */
  const make = async (reference: string): Promise<void> => {
    const content = join(directory, "content");
    await mkdir(content, { recursive: true });
    await writeFile(join(content, "data"), randomBytes(layerBytes));
    const archive = join(directory, "image.tar");
    await succeed("tar", ["-C", content, "-cf", archive, "data"]);
    await docker("import", "--change", "LABEL org.threads.test=layer", archive, reference);
    made.add(reference);
  };

  const login = async (): Promise<Ended> => {
    const { authorizationData } = await subject().ecr.send(new GetAuthorizationTokenCommand({}));
    const token = Buffer.from(authorizationData?.[0]?.authorizationToken ?? "", "base64").toString();
    const args = ["login", "--username", "AWS", "--password-stdin", host()];
    return end("docker", args, { env: { DOCKER_CONFIG: directory }, input: token.slice("AWS:".length) });
  };

  const pushed = async (reference: string): Promise<string> => {
    const { code, stdout, stderr } = await client("push", reference);
    expect(`${code} ${stderr}`).toBe("0 ");
    return /digest: (sha256:[0-9a-f]{64})/.exec(stdout)?.[1] ?? "";
  };

  describe("docker", () => {
    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), "threads-docker-config-"));
    });

    afterAll(async () => {
      const pulled = await docker("images", "--quiet", "--filter", `reference=${host()}/*/*`);
      await end("docker", ["rmi", "--force", ...made, ...pulled.split("\n")]);
      await rm(directory, { recursive: true });
    });

    it("may not push before it has logged in, nor log in with a made-up password", async () => {
      const reference = `${host()}/${await freshRepository(subject().ecr)}:a`;
      await make(reference);
      expect((await client("push", reference)).stderr).toContain("no basic auth credentials");
      const args = ["login", "--username", "AWS", "--password-stdin", host()];
      const wrong = await end("docker", args, { env: { DOCKER_CONFIG: directory }, input: "made up" });
      expect(wrong.code).not.toBe(0);
    });

    it("logs in with the token and pushes an image that the API gives back by the same digest", async () => {
      const { ecr } = subject();
      expect((await login()).stdout).toContain("Login Succeeded");
      const repositoryName = await freshRepository(ecr);
      const reference = `${host()}/${repositoryName}:a`;
      await make(reference);
      const digest = await pushed(reference);
      const { imageDetails } = await ecr.send(new DescribeImagesCommand({ repositoryName }));
      expect(imageDetails).toMatchObject([
        { imageDigest: digest, imageTags: ["a"], imageManifestMediaType: types.docker },
      ]);
      expect(imageDetails?.[0]?.imageSizeInBytes).toBeGreaterThan(layerBytes);
      const { images } = await ecr.send(new BatchGetImageCommand({ repositoryName, imageIds: [{ imageTag: "a" }] }));
      expect(sha256(images?.[0]?.imageManifest ?? "")).toBe(digest);
    });

    it("pulls what PutImage has retagged: the same digest, and no layer moved to get there", async () => {
      const { ecr, log } = subject();
      const repositoryName = await freshRepository(ecr);
      const reference = `${host()}/${repositoryName}:sha`;
      await make(reference);
      const digest = await pushed(reference);
      const since = (await log()).last;
      const { images } = await ecr.send(
        new BatchGetImageCommand({ repositoryName, imageIds: [{ imageDigest: digest }] }),
      );
      const { imageManifest, imageManifestMediaType } = images?.[0] ?? {};
      await put(ecr, {
        repositoryName,
        imageManifest,
        imageManifestMediaType,
        imageDigest: digest,
        imageTag: "prod-sha",
      });
      const { entries } = await log(since);
      expect(entries.map(({ operation }) => operation)).toEqual(["BatchGetImage", "PutImage"]);
      expect(entries.reduce((sum, { bytesIn, bytesOut }) => sum + bytesIn + bytesOut, 0)).toBeLessThan(10_000);
      await docker("rmi", "--force", reference);
      const promoted = `${host()}/${repositoryName}:prod-sha`;
      made.add(promoted);
      expect((await client("pull", promoted)).stdout).toContain(`Digest: ${digest}`);
      expect((await client("pull", `${host()}/${repositoryName}@${digest}`)).code).toBe(0);
    });

    it("pushes the same again without sending a layer", async () => {
      const { ecr, log } = subject();
      const reference = `${host()}/${await freshRepository(ecr)}:a`;
      await make(reference);
      const digest = await pushed(reference);
      const since = (await log()).last;
      expect(await pushed(reference)).toBe(digest);
      const { entries } = await log(since);
      expect(entries.some(({ operation }) => operation === "v2:UploadBlob")).toBe(false);
    });

    it("cannot overwrite an immutable tag, and prints ECR's sentence", async () => {
      const repositoryName = await freshRepository(subject().ecr, { imageTagMutability: "IMMUTABLE" });
      const reference = `${host()}/${repositoryName}:a`;
      await make(reference);
      await pushed(reference);
      const sentence = `tag invalid: The image tag 'a' already exists in the '${repositoryName}' repository and cannot be overwritten because the repository is immutable.`;
      expect((await client("push", reference)).stderr).toContain(sentence);
      await make(reference);
      expect((await client("push", reference)).stderr).toContain(sentence);
    });

    it("does not create a repository by pushing", async () => {
      const reference = `${host()}/nobody/made-this:a`;
      await make(reference);
      expect((await client("push", reference)).stderr).toContain(
        "name unknown: The repository with name 'nobody/made-this' does not exist in the registry with id '000000000000'",
      );
    });

    it("is told when its token has expired", async () => {
      const { ecr, clock } = subject();
      const reference = `${host()}/${await freshRepository(ecr)}:a`;
      await make(reference);
      clock.offset = 13 * 3600_000;
      const { stderr } = await client("push", reference);
      clock.offset = 0;
      expect(stderr).toContain("Your authorization token has expired");
    });

    it("pulls an index that PutImage has put, by tag and by digest", async () => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr);
      const reference = `${host()}/${repositoryName}:child`;
      await make(reference);
      const child = await pushed(reference);
      const { images } = await ecr.send(
        new BatchGetImageCommand({ repositoryName, imageIds: [{ imageDigest: child }] }),
      );
      const size = Buffer.byteLength(images?.[0]?.imageManifest ?? "");
      const platform = { os: "linux", architecture: await docker("version", "--format", "{{.Server.Arch}}") };
      const manifests = [{ mediaType: types.docker, digest: child, size, platform }];
      const imageManifest = JSON.stringify({ schemaVersion: 2, mediaType: types.ociIndex, manifests });
      await put(ecr, { repositoryName, imageManifest, imageTag: "index" });
      const tagged = `${host()}/${repositoryName}:index`;
      made.add(tagged);
      expect((await client("pull", tagged)).stdout).toContain(`Digest: ${sha256(imageManifest)}`);
      expect((await client("pull", `${host()}/${repositoryName}@${sha256(imageManifest)}`)).code).toBe(0);
    });
  });
}
