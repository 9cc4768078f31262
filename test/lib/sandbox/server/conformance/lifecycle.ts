import {
  DeleteLifecyclePolicyCommand,
  DescribeImagesCommand,
  GetAuthorizationTokenCommand,
  GetLifecyclePolicyCommand,
  GetLifecyclePolicyPreviewCommand,
  PutLifecyclePolicyCommand,
  StartLifecyclePolicyPreviewCommand,
} from "@aws-sdk/client-ecr";
import { describe, expect, it } from "vitest";
import { account } from "../open-sandbox.ts";
import {
  buildImage,
  freshRepository,
  indexOf,
  later,
  nameOfError,
  put,
  putImage,
  type Subject,
  types,
} from "./material.ts";

const expire = { type: "expire" };
const day = 24 * 60 * 60 * 1000;

interface Rule {
  readonly rulePriority: number;
  readonly selection: object;
  readonly action: object;
}

function tagged(rulePriority: number, pattern: string, countNumber: number): Rule {
  const selection = { tagStatus: "tagged", tagPatternList: [pattern], countType: "imageCountMoreThan", countNumber };
  return { rulePriority, selection, action: expire };
}

function any(rulePriority: number, days: number): Rule {
  const selection = { tagStatus: "any", countType: "sinceImagePushed", countUnit: "days", countNumber: days };
  return { rulePriority, selection, action: expire };
}

const text = (...rules: readonly Rule[]): string => JSON.stringify({ rules });

export function describeLifecycle(subject: Subject): void {
  describe("a lifecycle policy", () => {
    it("is not there, is put, read as it was written, and deleted", async () => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr);
      const get = (): Promise<string> => nameOfError(ecr.send(new GetLifecyclePolicyCommand({ repositoryName })));
      const remove = (): Promise<string> => nameOfError(ecr.send(new DeleteLifecyclePolicyCommand({ repositoryName })));
      expect([await get(), await remove()]).toEqual(Array(2).fill("LifecyclePolicyNotFoundException"));
      const lifecyclePolicyText = text(tagged(1, "prod-*", 9999), any(2, 30));
      await ecr.send(new PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText }));
      const read = await ecr.send(new GetLifecyclePolicyCommand({ repositoryName }));
      expect(read).toMatchObject({ registryId: account, repositoryName, lifecyclePolicyText });
      expect([await remove(), await get()]).toEqual(["no error", "LifecyclePolicyNotFoundException"]);
    });

    const untagged = (rulePriority: number): Rule => ({
      ...any(rulePriority, 1),
      selection: { ...any(1, 1).selection, tagStatus: "untagged" },
    });
    const pulled = { tagStatus: "any", countType: "sinceImagePulled", countUnit: "days", countNumber: 30 };
    const archived = {
      tagStatus: "any",
      storageClass: "archive",
      countType: "sinceImageTransitioned",
      countUnit: "days",
      countNumber: 90,
    };
    it.each([
      ["shorter than 100 characters", "{}", "Member must have length greater than or equal to 100"],
      [
        "longer than 30,720 characters",
        text(any(1, 1)).padEnd(30_721),
        "Member must have length less than or equal to 30720",
      ],
      ["no JSON", "x".repeat(100), "Could not map policyString into LifecyclePolicy."],
      [
        "of another shape",
        JSON.stringify({ rules: { rulePriority: 1, padding: "x".repeat(100) } }),
        "Could not map policyString",
      ],
      ["with a count of 0", text(tagged(1, "prod-*", 0)), "Could not map policyString"],
      ["with two rules of one priority", text(tagged(1, "a-*", 1), tagged(1, "b-*", 1)), "must be unique"],
      [
        "with any before others",
        text(any(1, 30), tagged(2, "prod-*", 1)),
        "Rule for tagStatus=ANY must have the lowest priority per storage class",
      ],
      [
        "with two rules for untagged images",
        text(untagged(1), untagged(2)),
        "Only one rule can select Untagged images per storage class.",
      ],
      ["with one list twice", text(tagged(1, "prod-*", 1), tagged(2, "prod-*", 2)), "unique set of tags"],
      ["with five wildcards", text(tagged(1, "*a*b*c*d*", 1)), "at most 4 wildcards"],
      [
        "that expires by pulls",
        text({ rulePriority: 1, selection: pulled, action: expire }),
        "only be used with the transition action",
      ],
      [
        "that expires from the archive before 90 days",
        text({ rulePriority: 1, selection: { ...archived, countNumber: 89 }, action: expire }),
        "at least 90 days",
      ],
      [
        "tagged without tags",
        text({ ...any(1, 30), selection: { ...any(1, 30).selection, tagStatus: "tagged" } }),
        "is required when tagStatus=TAGGED",
      ],
      [
        "with a unit for a count",
        text({ ...tagged(1, "a", 1), selection: { ...tagged(1, "a", 1).selection, countUnit: "days" } }),
        "countUnit=days",
      ],
    ])("%s is refused, and the old one stays", async (_, lifecyclePolicyText, words) => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr);
      const before = text(tagged(1, "prod-*", 9999), any(2, 30));
      await ecr.send(new PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText: before }));
      const refused = await ecr
        .send(new PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText }))
        .catch((error: unknown) => error as Error);
      expect(refused).toMatchObject({ name: "InvalidParameterException" });
      expect((refused as Error).message).toContain(words);
      expect((await ecr.send(new GetLifecyclePolicyCommand({ repositoryName }))).lifecyclePolicyText).toBe(before);
    });

    it("may archive what is not pulled and expire the archive: each storage class has its own any", async () => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr);
      const action = { type: "transition", targetStorageClass: "archive" };
      const lifecyclePolicyText = text(
        { rulePriority: 1, selection: pulled, action },
        { rulePriority: 2, selection: archived, action: expire },
      );
      expect(await nameOfError(ecr.send(new PutLifecyclePolicyCommand({ repositoryName, lifecyclePolicyText })))).toBe(
        "no error",
      );
    });
  });

  describe("a preview of a lifecycle policy", () => {
    it("needs a policy, and to be started", async () => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr);
      expect(await nameOfError(ecr.send(new GetLifecyclePolicyPreviewCommand({ repositoryName })))).toBe(
        "LifecyclePolicyPreviewNotFoundException",
      );
      expect(await nameOfError(ecr.send(new StartLifecyclePolicyPreviewCommand({ repositoryName })))).toBe(
        "LifecyclePolicyNotFoundException",
      );
    });

    it("names what AWS's Example B loses: A and B, prod tags and all", async () => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr);
      const digests: string[] = [];
      for (const [index, tags] of [["beta-1", "prod-1"], ["beta-2", "prod-2"], ["beta-3"]].entries())
        digests.push((await later(subject(), index * 1000, () => putImage(ecr, repositoryName, tags))).digest);
      const lifecyclePolicyText = text(tagged(1, "beta*", 1), tagged(2, "prod*", 1));
      const started = await ecr.send(new StartLifecyclePolicyPreviewCommand({ repositoryName, lifecyclePolicyText }));
      expect(started.status).toBe("IN_PROGRESS");
      const preview = await ecr.send(new GetLifecyclePolicyPreviewCommand({ repositoryName }));
      expect(preview).toMatchObject({ status: "COMPLETE", summary: { expiringImageTotalCount: 2 } });
      const results = preview.previewResults?.map(({ imageDigest, appliedRulePriority, action }) => [
        imageDigest,
        appliedRulePriority,
        action?.type,
      ]);
      expect(results).toEqual(
        digests
          .slice(0, 2)
          .toSorted()
          .map((digest) => [digest, 1, "EXPIRE"]),
      );
      // A preview takes nothing.
      expect((await ecr.send(new DescribeImagesCommand({ repositoryName }))).imageDetails).toHaveLength(3);
    });

    it("goes by the first push: a retag refreshes nothing, and an index shields its children", async () => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr);
      const old = await putImage(ecr, repositoryName, ["sha-1"]);
      const child = await buildImage(ecr, repositoryName, types.oci);
      await put(ecr, { repositoryName, imageManifest: child.body });
      const preview = await later(subject(), 20 * day, async () => {
        await put(ecr, { repositoryName, imageManifest: old.body, imageTag: "prod-1" });
        await put(ecr, { repositoryName, imageManifest: indexOf([child]), imageTag: "index" });
        const lifecyclePolicyText = text(any(1, 14));
        await ecr.send(new StartLifecyclePolicyPreviewCommand({ repositoryName, lifecyclePolicyText }));
        return ecr.send(new GetLifecyclePolicyPreviewCommand({ repositoryName }));
      });
      expect(preview.previewResults?.map(({ imageDigest, imageTags }) => [imageDigest, imageTags])).toEqual([
        [old.digest, ["prod-1", "sha-1"]],
      ]);
    });
  });

  describe("lastRecordedPullTime", () => {
    it("is told after a pull, is renewed once a day, and not by HEAD", async () => {
      const { ecr, url } = subject();
      const repositoryName = await freshRepository(ecr);
      const { digest } = await putImage(ecr, repositoryName, ["a"]);
      const token = await ecr.send(new GetAuthorizationTokenCommand({}));
      const headers = { authorization: `Basic ${token.authorizationData?.[0]?.authorizationToken ?? ""}` };
      const after = (method: string, milliseconds: number): Promise<number | undefined> =>
        later(subject(), milliseconds, async () => {
          await fetch(`${url}/v2/${repositoryName}/manifests/${digest}`, { method, headers });
          const { imageDetails } = await ecr.send(new DescribeImagesCommand({ repositoryName }));
          return imageDetails?.[0]?.lastRecordedPullTime?.getTime();
        });
      expect(await after("HEAD", 0)).toBeUndefined();
      const first = await after("GET", 0);
      // A token lasts twelve hours, so a second one is not needed yet.
      expect(await after("GET", day / 2 - 60_000)).toBe(first);
      const fresh = await later(subject(), 2 * day, () => ecr.send(new GetAuthorizationTokenCommand({})));
      headers.authorization = `Basic ${fresh.authorizationData?.[0]?.authorizationToken ?? ""}`;
      expect(Number(await after("GET", 2 * day))).toBeGreaterThan(Number(first) + day);
    });

    it("of archived images nothing is listed, since there are none", async () => {
      const { ecr } = subject();
      const repositoryName = await freshRepository(ecr);
      await putImage(ecr, repositoryName, ["a"]);
      const count = async (imageStatus: "ANY" | "ARCHIVED"): Promise<number | undefined> =>
        (await ecr.send(new DescribeImagesCommand({ repositoryName, filter: { imageStatus } }))).imageDetails?.length;
      expect([await count("ANY"), await count("ARCHIVED")]).toEqual([1, 0]);
    });
  });
}
