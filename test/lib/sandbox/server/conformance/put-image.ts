import {
  BatchGetImageCommand,
  DescribeImagesCommand,
  GetAuthorizationTokenCommand,
  PutImageTagMutabilityCommand,
} from "@aws-sdk/client-ecr";
import { describe, expect, it } from "vitest";
import { account } from "../open-sandbox.ts";
import {
  buildImage,
  freshRepository,
  indexOf,
  nameOfError,
  put,
  putImage,
  sha256,
  type Subject,
  types,
} from "./material.ts";

export function describePutImage(subject: Subject): void {
  describe("PutImage", () => {
    it("keeps the very bytes: the digest is theirs, with trailing newline and all", async () => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr);
      const { body } = await buildImage(ecr, repositoryName);
      const imageManifest = `${body}\n`;
      await put(ecr, { repositoryName, imageManifest, imageTag: "a" });
      const { images } = await ecr.send(new BatchGetImageCommand({ repositoryName, imageIds: [{ imageTag: "a" }] }));
      expect(images?.[0]).toMatchObject({ imageManifest, imageId: { imageDigest: sha256(imageManifest) } });
    });

    it("gives a second tag to the same digest without a new push date", async () => {
      const { ecr, clock } = subject();
      const repositoryName = await freshRepository(ecr);
      const { body } = await putImage(ecr, repositoryName, ["sha"]);
      const [before] = (await ecr.send(new DescribeImagesCommand({ repositoryName }))).imageDetails ?? [];
      clock.offset += 60_000;
      await put(ecr, { repositoryName, imageManifest: body, imageTag: "prod-sha" });
      const [after, ...more] = (await ecr.send(new DescribeImagesCommand({ repositoryName }))).imageDetails ?? [];
      clock.offset = 0;
      expect(more).toEqual([]);
      expect(after?.imageTags).toEqual(["prod-sha", "sha"]);
      expect(after?.imagePushedAt).toEqual(before?.imagePushedAt);
    });

    it("says ImageAlreadyExistsException for an equal digest and tag, on mutable repositories too", async () => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr);
      const { body } = await putImage(ecr, repositoryName, ["a"]);
      expect(await nameOfError(put(ecr, { repositoryName, imageManifest: body, imageTag: "a" }))).toBe(
        "ImageAlreadyExistsException",
      );
      expect(await nameOfError(put(ecr, { repositoryName, imageManifest: body }))).toBe("ImageAlreadyExistsException");
    });

    it("says ImageTagAlreadyExistsException on an immutable repository, for an equal digest too", async () => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr, { imageTagMutability: "IMMUTABLE" });
      const { body } = await putImage(ecr, repositoryName, ["a"]);
      const other = await buildImage(ecr, repositoryName);
      for (const imageManifest of [body, other.body])
        await expect(put(ecr, { repositoryName, imageManifest, imageTag: "a" })).rejects.toMatchObject({
          name: "ImageTagAlreadyExistsException",
          message: `The image tag 'a' already exists in the '${repositoryName}' repository and cannot be overwritten because the repository is immutable.`,
        });
    });

    it("moves a tag on a mutable repository and keeps the old image untagged", async () => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr);
      const old = await putImage(ecr, repositoryName, ["a"]);
      const next = await putImage(ecr, repositoryName, ["a"]);
      const { imageDetails = [] } = await ecr.send(new DescribeImagesCommand({ repositoryName }));
      const tags = Object.fromEntries(imageDetails.map((image) => [image.imageDigest, image.imageTags]));
      expect(tags).toEqual({ [old.digest]: undefined, [next.digest]: ["a"] });
    });

    it("lets one of many racing writers win an immutable tag", async () => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr, { imageTagMutability: "IMMUTABLE" });
      const images = await Promise.all(Array.from({ length: 6 }, () => buildImage(ecr, repositoryName)));
      const ends = await Promise.all(
        images.map(({ body }) => nameOfError(put(ecr, { repositoryName, imageManifest: body, imageTag: "one" }))),
      );
      expect(ends.filter((end) => end === "no error")).toHaveLength(1);
      expect(new Set(ends)).toEqual(new Set(["no error", "ImageTagAlreadyExistsException"]));
    });

    it("honours exclusion filters both ways", async () => {
      const { ecr } = subject();
      const imageTagMutabilityExclusionFilters = [{ filterType: "WILDCARD" as const, filter: "cache-*" }];
      const moves = async (repositoryName: string, imageTag: string): Promise<boolean> => {
        await putImage(ecr, repositoryName, [imageTag]);
        const { body } = await buildImage(ecr, repositoryName);
        return (await nameOfError(put(ecr, { repositoryName, imageManifest: body, imageTag }))) === "no error";
      };
      const repositoryName = await freshRepository(ecr, {
        imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters,
      });
      expect([await moves(repositoryName, "cache-1"), await moves(repositoryName, "sha")]).toEqual([true, false]);
      const imageTagMutability = "MUTABLE_WITH_EXCLUSION";
      await ecr.send(
        new PutImageTagMutabilityCommand({ repositoryName, imageTagMutability, imageTagMutabilityExclusionFilters }),
      );
      expect([await moves(repositoryName, "cache-2"), await moves(repositoryName, "sha2")]).toEqual([false, true]);
    });

    it("refuses what does not fit: digest, tag, size, JSON, media types", async () => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr);
      const { body } = await buildImage(ecr, repositoryName);
      const withoutType = await buildImage(ecr, repositoryName, "");
      const bare = withoutType.body.replace('"mediaType":"",', "");
      const ends = async (input: object): Promise<string> =>
        nameOfError(put(ecr, { repositoryName, imageManifest: body, imageTag: "a", ...input }));
      expect(await ends({ imageDigest: sha256("other") })).toBe("ImageDigestDoesNotMatchException");
      expect(await ends({ imageTag: "1.2.3+abc" })).toBe("InvalidParameterException");
      expect(await ends({ imageTag: "a".repeat(301) })).toBe("InvalidParameterException");
      expect(await ends({ imageManifest: " ".repeat(4_194_305) })).toBe("InvalidParameterException");
      expect(await ends({ imageManifest: "{" })).toBe("InvalidParameterException");
      expect(await ends({ imageManifest: bare })).toBe("InvalidParameterException");
      expect(await ends({ imageManifestMediaType: types.oci })).toBe("InvalidParameterException");
      expect(await ends({ imageManifest: bare, imageManifestMediaType: types.oci })).toBe("no error");
    });

    it("names layers that the repository does not hold, be they in another one", async () => {
      const { ecr } = subject();
      const image = await putImage(ecr, await freshRepository(ecr), ["a"]);
      const repositoryName = await freshRepository(ecr);
      await expect(put(ecr, { repositoryName, imageManifest: image.body, imageTag: "a" })).rejects.toMatchObject({
        name: "LayersNotFoundException",
      });
    });

    it("takes an index when its children are there, and gives it the size of the greatest", async () => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr);
      const child = await buildImage(ecr, repositoryName, types.oci);
      const imageManifest = indexOf([child]);
      const putIndex = put(ecr, { repositoryName, imageManifest, imageTag: "i" });
      expect(await nameOfError(putIndex)).toBe("ReferencedImagesNotFoundException");
      await put(ecr, { repositoryName, imageManifest: child.body });
      await put(ecr, { repositoryName, imageManifest, imageTag: "i" });
      const { imageDetails } = await ecr.send(
        new DescribeImagesCommand({ repositoryName, imageIds: [{ imageTag: "i" }] }),
      );
      expect(imageDetails?.[0]).toMatchObject({
        imageSizeInBytes: child.layerBytes,
        imageManifestMediaType: types.ociIndex,
      });
    });

    it("allows 1,000 tags an image and no more", async () => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr);
      const { body } = await buildImage(ecr, repositoryName);
      const putTag = (imageTag: string): Promise<unknown> =>
        put(ecr, { repositoryName, imageManifest: body, imageTag });
      await putTag("t0");
      // The rest as docker would push them: without the SDK that is done in a moment.
      const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({}));
      const authorization = `Basic ${authorizationData?.[0]?.authorizationToken ?? ""}`;
      const headers = { authorization, "content-type": types.docker };
      const push = async (tag: number): Promise<number> => {
        const at = `${subject().url}/v2/${repositoryName}/manifests/t${String(tag)}`;
        return (await fetch(at, { method: "PUT", headers, body })).status;
      };
      for (let from = 0; from < 1000; from += 50) {
        const pushed = await Promise.all(Array.from({ length: 50 }, (_, index) => push(from + index)));
        expect(new Set(pushed)).toEqual(new Set([201]));
      }
      expect(await nameOfError(putTag("one-too-many"))).toBe("LimitExceededException");
    });

    it("finds no repository in another registry", async () => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr);
      const { body } = await buildImage(ecr, repositoryName);
      const registryId = "111111111111";
      await expect(put(ecr, { repositoryName, registryId, imageManifest: body, imageTag: "a" })).rejects.toMatchObject({
        name: "RepositoryNotFoundException",
        message: `The repository with name '${repositoryName}' does not exist in the registry with id '${registryId}'`,
      });
      await put(ecr, { repositoryName, registryId: account, imageManifest: body, imageTag: "a" });
    });
  });
}
