import {
  BatchGetImageCommand,
  ImageAlreadyExistsException,
  ImageDigestDoesNotMatchException,
  ImageTagAlreadyExistsException,
  PutImageCommand,
} from "@aws-sdk/client-ecr";
import { expect, test } from "vitest";
import { digestOf } from "../../../src/lib/image/digest.ts";
import { fakeEcr } from "../../fakes/ecr.ts";

// What our code relies on the fake for, seen through the real SDK.
const there = { registryId: "000000000000", repositoryName: "threads/web" };

test("an image that was pushed is found by tag and digest, and failures are replies, not errors", async () => {
  await using ecr = await fakeEcr();
  const client = await ecr.aws.ecr();
  const digest = ecr.push("threads/web", "one", { config: "{}" });
  const look = async (imageId: object) => client.send(new BatchGetImageCommand({ ...there, imageIds: [imageId] }));
  expect((await look({ imageTag: "one" })).images?.[0]?.imageId).toEqual({ imageTag: "one", imageDigest: digest });
  expect((await look({ imageTag: "two" })).failures?.[0]?.failureCode).toBe("ImageNotFound");
  const other = { imageTag: "one", imageDigest: digestOf("x") };
  expect((await look(other)).failures?.[0]?.failureCode).toBe("ImageTagDoesNotMatchDigest");
});

test("PutImage refuses as ECR does, with the SDK's own exceptions", async () => {
  await using ecr = await fakeEcr();
  const client = await ecr.aws.ecr();
  const digest = ecr.push("threads/web", "one", { config: "{}" });
  const manifest = ecr.state.repositories.get("threads/web")?.manifests.get(digest);
  const put = async (change: object) =>
    client.send(
      new PutImageCommand({
        ...there,
        imageManifest: manifest?.body,
        imageManifestMediaType: manifest?.mediaType,
        imageDigest: digest,
        imageTag: "one",
        ...change,
      }),
    );
  await expect(put({})).rejects.toBeInstanceOf(ImageTagAlreadyExistsException);
  await expect(put({ imageManifest: `${manifest?.body ?? ""}\n` })).rejects.toBeInstanceOf(
    ImageDigestDoesNotMatchException,
  );
  Object.assign(ecr.state.repositories.get("threads/web") ?? {}, { immutable: false });
  await expect(put({})).rejects.toBeInstanceOf(ImageAlreadyExistsException);
  await put({ imageTag: "two" });
  expect(ecr.state.repositories.get("threads/web")?.tags.get("two")).toBe(digest);
});

test("a lost reply still has its effect; a cut request has none", async () => {
  await using ecr = await fakeEcr({ attempts: 1 });
  const client = await ecr.aws.ecr();
  const look = () => client.send(new BatchGetImageCommand({ ...there, imageIds: [{ imageTag: "one" }] }));
  ecr.fail({ operation: "BatchGetImage", times: 1, how: "lost-reply" });
  await expect(look()).rejects.toMatchObject({ code: "ECONNRESET" });
  expect((await look()).failures).toHaveLength(1);
  expect(ecr.calls).toEqual(["BatchGetImage", "BatchGetImage"]);
});
