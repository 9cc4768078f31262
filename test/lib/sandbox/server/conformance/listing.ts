import {
  BatchDeleteImageCommand,
  BatchGetImageCommand,
  CreateRepositoryCommand,
  DeleteRepositoryCommand,
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  ListImagesCommand,
  paginateDescribeImages,
  paginateDescribeRepositories,
  paginateListImages,
} from "@aws-sdk/client-ecr";
import { describe, expect, it } from "vitest";
import { account } from "../open-sandbox.ts";
import { buildImage, freshRepository, indexOf, nameOfError, put, putImage, type Subject, types } from "./material.ts";

export function describeListing(subject: Subject): void {
  describe("DescribeImages and ListImages", () => {
    it("tell size, tags and type of an image", async () => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr);
      const image = await putImage(ecr, repositoryName, ["b", "a"]);
      const { imageDetails } = await ecr.send(
        new DescribeImagesCommand({ repositoryName, imageIds: [{ imageTag: "a" }] }),
      );
      expect(imageDetails).toMatchObject([
        {
          registryId: account,
          repositoryName,
          imageDigest: image.digest,
          imageTags: ["a", "b"],
          imageSizeInBytes: image.layerBytes,
          imageManifestMediaType: types.docker,
        },
      ]);
    });

    it("page and filter", async () => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr);
      const tagged = await putImage(ecr, repositoryName, ["a", "b"]);
      const untagged: string[] = [];
      for (let number = 0; number < 3; number += 1) {
        const { body, digest } = await buildImage(ecr, repositoryName);
        await put(ecr, { repositoryName, imageManifest: body });
        untagged.push(digest);
      }
      const pages: number[] = [];
      const digests = new Set<string | undefined>();
      for await (const { imageDetails = [] } of paginateDescribeImages(
        { client: ecr, pageSize: 3 },
        { repositoryName },
      )) {
        pages.push(imageDetails.length);
        for (const { imageDigest } of imageDetails) digests.add(imageDigest);
      }
      expect([pages, digests]).toEqual([[3, 1], new Set([tagged.digest, ...untagged])]);
      const entries: unknown[] = [];
      for await (const { imageIds = [] } of paginateListImages({ client: ecr, pageSize: 2 }, { repositoryName }))
        entries.push(...imageIds);
      expect(entries).toHaveLength(5);
      const listed = async (tagStatus: "TAGGED" | "UNTAGGED"): Promise<number | undefined> =>
        (await ecr.send(new ListImagesCommand({ repositoryName, filter: { tagStatus } }))).imageIds?.length;
      expect([await listed("TAGGED"), await listed("UNTAGGED")]).toEqual([2, 3]);
    });

    it("refuse an unknown image, a page of named images and a made-up token", async () => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr);
      const ends = (input: object): Promise<string> =>
        nameOfError(ecr.send(new DescribeImagesCommand({ repositoryName, ...input })));
      expect(await ends({ imageIds: [{ imageTag: "none" }] })).toBe("ImageNotFoundException");
      expect(await ends({ imageIds: [{ imageTag: "a" }], maxResults: 5 })).toBe("InvalidParameterException");
      expect(await ends({ nextToken: "made up" })).toBe("InvalidParameterException");
      expect(await ends({ maxResults: 1001 })).toBe("InvalidParameterException");
    });
  });

  describe("BatchDeleteImage", () => {
    it("by tag removes the tag, and with the last one the image", async () => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr);
      const { digest, body } = await putImage(ecr, repositoryName, ["a", "b"]);
      const remove = (imageTag: string): Promise<unknown> =>
        ecr.send(new BatchDeleteImageCommand({ repositoryName, imageIds: [{ imageTag }] }));
      const byDigest = new BatchGetImageCommand({ repositoryName, imageIds: [{ imageDigest: digest }] });
      await remove("a");
      expect((await ecr.send(byDigest)).images).toHaveLength(1);
      await remove("b");
      expect((await ecr.send(byDigest)).failures?.[0]?.failureCode).toBe("ImageNotFound");
      await put(ecr, { repositoryName, imageManifest: body, imageTag: "again" });
      expect((await ecr.send(byDigest)).images?.[0]?.imageManifest).toBe(body);
    });

    it("by digest removes all tags, but nothing that an index lists", async () => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr);
      const child = await buildImage(ecr, repositoryName, types.oci);
      await put(ecr, { repositoryName, imageManifest: child.body });
      const index = indexOf([child]);
      await put(ecr, { repositoryName, imageManifest: index, imageTag: "i" });
      const imageIds = [{ imageDigest: child.digest }];
      const held = await ecr.send(new BatchDeleteImageCommand({ repositoryName, imageIds }));
      expect(held.failures?.[0]?.failureCode).toBe("ImageReferencedByManifestList");
      await ecr.send(new BatchDeleteImageCommand({ repositoryName, imageIds: [{ imageTag: "i" }] }));
      const gone = await ecr.send(new BatchDeleteImageCommand({ repositoryName, imageIds }));
      expect([gone.imageIds, gone.failures]).toEqual([imageIds, []]);
    });
  });

  describe("repositories", () => {
    it("are created once, described by name and by page, and deleted when empty or by force", async () => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr);
      expect(await nameOfError(ecr.send(new CreateRepositoryCommand({ repositoryName })))).toBe(
        "RepositoryAlreadyExistsException",
      );
      await putImage(ecr, repositoryName, ["a"]);
      const names: (string | undefined)[] = [];
      for await (const { repositories = [] } of paginateDescribeRepositories({ client: ecr, pageSize: 1 }, {}))
        names.push(...repositories.map((repository) => repository.repositoryName));
      expect(names.filter((name) => name === repositoryName)).toHaveLength(1);
      const remove = (force: boolean): Promise<unknown> =>
        ecr.send(new DeleteRepositoryCommand({ repositoryName, force }));
      expect(await nameOfError(remove(false))).toBe("RepositoryNotEmptyException");
      await remove(true);
      const find = ecr.send(new DescribeRepositoriesCommand({ repositoryNames: [repositoryName] }));
      expect(await nameOfError(find)).toBe("RepositoryNotFoundException");
    });

    it("take only names and filters of ECR's grammar", async () => {
      const { ecr } = subject();
      const ends = (input: object): Promise<string> =>
        nameOfError(ecr.send(new CreateRepositoryCommand({ repositoryName: "threads/x1", ...input })));
      for (const repositoryName of ["Threads", "a", "a//b", "-a", "a".repeat(257)])
        expect(await ends({ repositoryName })).toBe("InvalidParameterException");
      const filter = { filterType: "WILDCARD", filter: "a*" };
      const imageTagMutability = "IMMUTABLE_WITH_EXCLUSION";
      expect(await ends({ imageTagMutability })).toBe("InvalidParameterException");
      expect(await ends({ imageTagMutability: "IMMUTABLE", imageTagMutabilityExclusionFilters: [filter] })).toBe(
        "InvalidParameterException",
      );
      const six = Array.from({ length: 6 }, () => filter);
      expect(await ends({ imageTagMutability, imageTagMutabilityExclusionFilters: six })).toBe(
        "InvalidParameterException",
      );
    });

    it("of another account are out of reach", async () => {
      const { ecr } = subject();
      const registryId = "111111111111";
      const create = new CreateRepositoryCommand({ repositoryName: "threads/foreign", registryId });
      expect(await nameOfError(ecr.send(create))).toBe("AccessDeniedException");
    });

    it("can be immutable by default, on request", async () => {
      const { ecr, settings } = subject();
      await settings({ immutableByDefault: true });
      const { repository } = await ecr.send(new CreateRepositoryCommand({ repositoryName: "threads/by-default" }));
      await settings({ immutableByDefault: false });
      expect(repository?.imageTagMutability).toBe("IMMUTABLE");
    });
  });
}
