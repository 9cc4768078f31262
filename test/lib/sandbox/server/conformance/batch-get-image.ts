import {
  BatchGetImageCommand,
  type BatchGetImageCommandInput,
  type BatchGetImageCommandOutput,
} from "@aws-sdk/client-ecr";
import { describe, expect, it } from "vitest";
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

export function describeBatchGetImage(subject: Subject): void {
  const get = (input: BatchGetImageCommandInput): Promise<BatchGetImageCommandOutput> =>
    subject().ecr.send(new BatchGetImageCommand(input));

  describe("BatchGetImage", () => {
    it("answers 200 with the failure code of each id that it cannot give", async () => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr);
      const one = await putImage(ecr, repositoryName, ["one"]);
      const two = await putImage(ecr, repositoryName, ["two"]);
      const { images, failures } = await get({
        repositoryName,
        imageIds: [
          { imageTag: "one" },
          { imageTag: "none" },
          { imageDigest: sha256("none") },
          { imageDigest: "sha256:short" },
          { imageTag: "not a tag" },
          { imageTag: "one", imageDigest: two.digest },
          {},
        ],
      });
      expect(images?.map(({ imageId }) => imageId)).toEqual([{ imageTag: "one", imageDigest: one.digest }]);
      expect(failures?.map(({ failureCode }) => failureCode)).toEqual([
        "ImageNotFound",
        "ImageNotFound",
        "InvalidImageDigest",
        "InvalidImageTag",
        "ImageTagDoesNotMatchDigest",
        "MissingDigestAndTag",
      ]);
    });

    it("compares tag and digest in one call: whether the tag has moved", async () => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr);
      const old = await putImage(ecr, repositoryName, ["a"]);
      const imageIds = [{ imageTag: "a", imageDigest: old.digest }];
      expect((await get({ repositoryName, imageIds })).images).toHaveLength(1);
      await putImage(ecr, repositoryName, ["a"]);
      const { failures } = await get({ repositoryName, imageIds });
      expect(failures?.[0]?.failureCode).toBe("ImageTagDoesNotMatchDigest");
    });

    it("converts by tag what the client does not accept, to another digest; by digest never", async () => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr);
      const image = await buildImage(ecr, repositoryName, types.oci);
      await put(ecr, { repositoryName, imageManifest: image.body, imageTag: "a" });
      const acceptedMediaTypes = [types.docker];
      const byTag = await get({ repositoryName, imageIds: [{ imageTag: "a" }], acceptedMediaTypes });
      expect(byTag.images?.[0]?.imageManifestMediaType).toBe(types.docker);
      expect(byTag.images?.[0]?.imageId?.imageDigest).not.toBe(image.digest);
      expect(byTag.images?.[0]?.imageManifest).not.toContain("oci");
      const byDigest = await get({ repositoryName, imageIds: [{ imageDigest: image.digest }], acceptedMediaTypes });
      expect(byDigest.images?.[0]).toMatchObject({
        imageManifest: image.body,
        imageManifestMediaType: types.oci,
        imageId: { imageDigest: image.digest },
      });
    });

    it("does not find by tag what it can neither give nor convert", async () => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr);
      const child = await buildImage(ecr, repositoryName, types.oci);
      await put(ecr, { repositoryName, imageManifest: child.body });
      await put(ecr, { repositoryName, imageManifest: indexOf([child]), imageTag: "i" });
      const imageIds = [{ imageTag: "i" }];
      const { failures } = await get({ repositoryName, imageIds, acceptedMediaTypes: [types.docker, types.oci] });
      expect(failures?.[0]?.failureCode).toBe("ImageNotFound");
      const all = await get({ repositoryName, imageIds, acceptedMediaTypes: Object.values(types) });
      expect(all.images?.[0]?.imageManifest).toBe(indexOf([child]));
    });

    it("takes one to a hundred ids", async () => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr);
      const ids = Array.from({ length: 101 }, (_, number) => ({ imageTag: `t${number}` }));
      expect((await get({ repositoryName, imageIds: ids.slice(1) })).failures).toHaveLength(100);
      expect(await nameOfError(get({ repositoryName, imageIds: ids }))).toBe("InvalidParameterException");
      expect(await nameOfError(get({ repositoryName, imageIds: [] }))).toBe("InvalidParameterException");
    });
  });
}
