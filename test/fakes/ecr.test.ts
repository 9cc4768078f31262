import {
  BatchCheckLayerAvailabilityCommand,
  BatchGetImageCommand,
  type BatchGetImageCommandOutput,
  CompleteLayerUploadCommand,
  CreateRepositoryCommand,
  DescribeRepositoriesCommand,
  type ECRClient,
  GetAuthorizationTokenCommand,
  type ImageIdentifier,
  InitiateLayerUploadCommand,
  PutImageCommand,
  UploadLayerPartCommand,
} from "@aws-sdk/client-ecr";
import { GetCallerIdentityCommand, type STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { digestOf } from "../../src/lib/image/digest.ts";
import {
  buildImage,
  indexOf,
  nameOfError,
  sha256,
  types,
  uploadLayer,
} from "../lib/sandbox/server/conformance/material.ts";
import { openSandbox } from "../lib/sandbox/server/open-sandbox.ts";
import { startFakeDistribution } from "./distribution.ts";
import { fakeEcr } from "./ecr.ts";

/** An ECR with two repositories: `one` is immutable, `other` is not. */
interface Subject {
  readonly ecr: ECRClient;
  readonly sts: STSClient;
  /** From now on the credentials have expired. */
  expire(): Promise<void>;
  close(): Promise<void>;
}

const account = "000000000000";
const one = "threads/one";
const other = "threads/other";

async function fake(): Promise<Subject> {
  const made = await fakeEcr({ repositories: [one, other], attempts: 1 });
  Object.assign(made.state.repositories.get(other) ?? {}, { immutable: false });
  return {
    ecr: await made.aws.ecr(),
    sts: await made.aws.sts(),
    expire: () => {
      made.fail({ operation: "GetCallerIdentity", times: 9, how: { error: "ExpiredTokenException" } });
      made.fail({ operation: "BatchGetImage", times: 9, how: { error: "ExpiredTokenException" } });
      return Promise.resolve();
    },
    close: async () => made[Symbol.asyncDispose](),
  };
}

async function sandbox(): Promise<Subject> {
  const distribution = await startFakeDistribution();
  const opened = await openSandbox({ upstream: distribution.upstream, withoutSockets: true });
  const { ecr, sts } = opened;
  for (const [repositoryName, imageTagMutability] of [
    [one, "IMMUTABLE"],
    [other, "MUTABLE"],
  ] as const)
    await ecr.send(new CreateRepositoryCommand({ repositoryName, imageTagMutability }));
  return {
    ecr,
    sts,
    expire: () => opened.settings({ faults: [{ operation: "*", kind: "expired-token", times: 9 }] }),
    close: async () => {
      await opened.stop();
      await distribution.stop();
    },
  };
}

// What our code relies on, in whatever stands for ECR: the fake of the fast tests must be no kinder than the sandbox.
describe.each([
  ["the fake", fake],
  ["the sandbox", sandbox],
])("ECR as %s has it:", (_, open) => {
  let subject: Subject;
  let ecr: ECRClient;
  beforeAll(async () => {
    subject = await open();
    ({ ecr } = subject);
  });
  afterAll(() => subject.close());

  const look = (imageIds: ImageIdentifier[], more: object = {}): Promise<BatchGetImageCommandOutput> =>
    ecr.send(new BatchGetImageCommand({ registryId: account, repositoryName: one, imageIds, ...more }));
  const put = (imageManifest: string, imageTag: string, more: object = {}): Promise<unknown> =>
    ecr.send(
      new PutImageCommand({
        registryId: account,
        repositoryName: one,
        imageManifest,
        imageManifestMediaType: types.docker,
        imageDigest: sha256(imageManifest),
        imageTag,
        ...more,
      }),
    );

  test("an image is found by tag, by digest and by both, with the bytes that were put", async () => {
    const { body, digest: imageDigest } = await buildImage(ecr, one);
    await put(body, "found");
    for (const id of [{ imageTag: "found" }, { imageDigest }, { imageTag: "found", imageDigest }]) {
      const { images } = await look([id]);
      expect(images).toMatchObject([{ imageManifest: body, imageManifestMediaType: types.docker }]);
      expect(images?.[0]?.imageId?.imageDigest).toBe(imageDigest);
    }
  });

  test("what is not there is a failure in a reply that succeeds", async () => {
    const { body } = await buildImage(ecr, one);
    await put(body, "here");
    const { images, failures } = await look([
      { imageTag: "nowhere" },
      { imageDigest: digestOf("nowhere") },
      { imageTag: "here", imageDigest: digestOf("nowhere") },
    ]);
    expect(images).toEqual([]);
    expect(failures?.map(({ failureCode }) => failureCode).toSorted()).toEqual([
      "ImageNotFound",
      "ImageNotFound",
      "ImageTagDoesNotMatchDigest",
    ]);
  });

  test("a hundred images are the most that are looked up at once", async () => {
    const ids = (count: number) => Array.from({ length: count }, (__, n) => ({ imageTag: `v${String(n)}` }));
    expect((await look(ids(100))).failures).toHaveLength(100);
    expect(await nameOfError(look(ids(101)))).toBe("InvalidParameterException");
  });

  test("a repository that is not there, or that is another account's, is no repository", async () => {
    for (const place of [{ repositoryName: "threads/none" }, { registryId: "999999999999" }]) {
      expect(await nameOfError(look([{ imageTag: "a" }], place))).toBe("RepositoryNotFoundException");
      expect(await nameOfError(put("{}", "a", place))).toBe("RepositoryNotFoundException");
    }
    const described = (...repositoryNames: string[]) =>
      ecr.send(new DescribeRepositoriesCommand({ registryId: account, repositoryNames }));
    expect((await described(one, other)).repositories?.map(({ repositoryName }) => repositoryName)).toEqual([
      one,
      other,
    ]);
    expect(await nameOfError(described(one, "threads/none"))).toBe("RepositoryNotFoundException");
  });

  test("an immutable tag stays, also for an equal digest; a mutable one is moved, unless it is equal", async () => {
    const [image, second] = [await buildImage(ecr, one), await buildImage(ecr, one)];
    await put(image.body, "kept");
    // The real service takes either name for an equal digest (aws/containers-roadmap#2179).
    expect(await nameOfError(put(image.body, "kept"))).toMatch(/^Image(Tag)?AlreadyExistsException$/);
    expect(await nameOfError(put(second.body, "kept"))).toBe("ImageTagAlreadyExistsException");
    const mutable = { repositoryName: other };
    const [first, next] = [await buildImage(ecr, other), await buildImage(ecr, other)];
    await put(first.body, "moved", mutable);
    expect(await nameOfError(put(first.body, "moved", mutable))).toBe("ImageAlreadyExistsException");
    await put(next.body, "moved", mutable);
    expect((await look([{ imageTag: "moved" }], mutable)).images?.[0]?.imageId?.imageDigest).toBe(next.digest);
  });

  test("a tag is of at most 128 characters that a tag may have", async () => {
    const { body } = await buildImage(ecr, one);
    for (const tag of [".a", "-a", "a/b", "a b", "", "a".repeat(129)])
      expect(await nameOfError(put(body, tag))).toBe("InvalidParameterException");
    await put(body, `_${"a".repeat(127)}`);
  });

  test("a manifest is refused whose digest, layers or images are not there", async () => {
    const image = await buildImage(ecr, one);
    expect(await nameOfError(put(image.body, "bad", { imageDigest: digestOf("other") }))).toBe(
      "ImageDigestDoesNotMatchException",
    );
    const elsewhere = { repositoryName: other };
    expect(await nameOfError(put(image.body, "bad", elsewhere))).toBe("LayersNotFoundException");
    const index = indexOf([image]);
    const asIndex = { imageManifestMediaType: types.ociIndex };
    expect(await nameOfError(put(index, "bad", asIndex))).toBe("ReferencedImagesNotFoundException");
    expect((await look([{ imageTag: "bad" }])).failures).toHaveLength(1);
  });

  test("a layer goes up in parts that follow each other, once, and must have its digest", async () => {
    const begin = async (): Promise<string> =>
      (await ecr.send(new InitiateLayerUploadCommand({ registryId: account, repositoryName: one }))).uploadId ?? "";
    const part = (uploadId: string, partFirstByte: number, text: string): Promise<unknown> =>
      ecr.send(
        new UploadLayerPartCommand({
          registryId: account,
          repositoryName: one,
          uploadId,
          partFirstByte,
          partLastByte: partFirstByte + text.length - 1,
          layerPartBlob: Buffer.from(text),
        }),
      );
    const complete = (uploadId: string, digest: string): Promise<unknown> =>
      ecr.send(
        new CompleteLayerUploadCommand({ registryId: account, repositoryName: one, uploadId, layerDigests: [digest] }),
      );
    const unknown = "00000000-0000-4000-8000-000000000000";
    expect(await nameOfError(part(unknown, 0, "x"))).toBe("UploadNotFoundException");
    expect(await nameOfError(complete(unknown, digestOf("x")))).toBe("UploadNotFoundException");
    const first = await begin();
    expect(await nameOfError(part(first, 5, "x"))).toBe("InvalidLayerPartException");
    await part(first, 0, "layer");
    expect(await nameOfError(complete(first, digestOf("another")))).toBe("InvalidLayerException");
    const again = await begin();
    await part(again, 0, "layer");
    await complete(again, digestOf("layer"));
    expect(await nameOfError(uploadLayer(ecr, one, Buffer.from("layer")))).toBe("LayerAlreadyExistsException");
    const { layers } = await ecr.send(
      new BatchCheckLayerAvailabilityCommand({
        registryId: account,
        repositoryName: one,
        layerDigests: [digestOf("layer"), digestOf("none")],
      }),
    );
    expect(
      layers
        ?.filter(({ layerAvailability }) => layerAvailability === "AVAILABLE")
        .map(({ layerDigest }) => layerDigest),
    ).toEqual([digestOf("layer")]);
  });

  test("docker's credentials are a user AWS and a password in one token", async () => {
    const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({}));
    const token = Buffer.from(authorizationData?.[0]?.authorizationToken ?? "", "base64").toString();
    expect(token).toMatch(/^AWS:./);
    expect(authorizationData?.[0]?.proxyEndpoint).toMatch(/^https?:\/\//);
  });

  test("credentials have an account, and when they have expired both services say so in their own protocol", async () => {
    const who = () => subject.sts.send(new GetCallerIdentityCommand({}));
    expect(await who()).toMatchObject({ Account: account, Arn: expect.stringContaining(`:${account}:`) });
    await subject.expire();
    expect(await nameOfError(who())).toBe("ExpiredToken");
    expect(await nameOfError(look([{ imageTag: "a" }]))).toBe("ExpiredTokenException");
  });
});

describe("the fake alone", () => {
  test("does what it was asked although the reply is lost, and nothing where the request was cut", async () => {
    await using made = await fakeEcr({ attempts: 1 });
    const client = await made.aws.ecr();
    const begin = () =>
      client.send(new InitiateLayerUploadCommand({ registryId: account, repositoryName: "threads/web" }));
    made.fail({ operation: "InitiateLayerUpload", times: 1, how: "lost-reply" });
    await expect(begin()).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(made.state.uploads.size).toBe(1);
    made.fail({ operation: "InitiateLayerUpload", times: 1, how: "cut" });
    await expect(begin()).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(made.state.uploads.size).toBe(1);
    expect(made.calls).toEqual(["InitiateLayerUpload", "InitiateLayerUpload"]);
  });

  test("keeps the indented manifest that docker would push", async () => {
    await using made = await fakeEcr({ attempts: 1 });
    const digest = made.push("threads/web", "one", { config: "{}" });
    const there = { registryId: account, repositoryName: "threads/web" };
    const { images } = await (
      await made.aws.ecr()
    ).send(new BatchGetImageCommand({ ...there, imageIds: [{ imageTag: "one" }] }));
    expect(digestOf(images?.[0]?.imageManifest ?? "")).toBe(digest);
  });
});
