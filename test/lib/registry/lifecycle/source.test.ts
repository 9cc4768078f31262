import { CreateRepositoryCommand, type ECRClient, PutLifecyclePolicyCommand } from "@aws-sdk/client-ecr";
import { afterAll, beforeAll, expect, it } from "vitest";
import { systemClock } from "../../../../src/lib/clock/clock.ts";
import { repoAt } from "../../../fakes/ecr-repo.ts";
import { parseDigest } from "../../../../src/lib/image/digest.ts";
import { ecrLifecycle } from "../../../../src/lib/registry/lifecycle/source.ts";
import { lifecycleWarnings } from "../../../../src/lib/registry/lifecycle/warnings.ts";
import { type FakeDistribution, startFakeDistribution } from "../../../fakes/distribution.ts";
import { freshRepository, put, putImage } from "../../sandbox/server/conformance/material.ts";
import { account, openSandbox, type OpenSandbox } from "../../sandbox/server/open-sandbox.ts";

let distribution: FakeDistribution;
let sandbox: OpenSandbox;
beforeAll(async () => {
  distribution = await startFakeDistribution();
  sandbox = await openSandbox({ upstream: distribution.upstream, withoutSockets: true });
});
afterAll(async () => {
  await sandbox.stop();
  await distribution.stop();
});

const source = (ecr: ECRClient): ReturnType<typeof ecrLifecycle> =>
  ecrLifecycle({ repo: { account }, aws: { ecr: () => Promise.resolve(ecr) }, clock: systemClock });
const day = 24 * 60 * 60 * 1000;

it("a repository without a policy has nothing to warn of, one that is missing is said to be", async () => {
  const repository = await freshRepository(sandbox.ecr);
  expect(await source(sandbox.ecr).policy(repository)).toBeUndefined();
  await expect(source(sandbox.ecr).policy("threads/none")).rejects.toMatchObject({ code: "REPOSITORY_NOT_FOUND" });
});

it("every page of images is read", async () => {
  const repository = await freshRepository(sandbox.ecr);
  const digests: string[] = [];
  for (const tag of ["a", "b", "c", "d", "e"]) digests.push((await putImage(sandbox.ecr, repository, [tag])).digest);
  const { ecr } = sandbox;
  ecr.middlewareStack.add((next) => (args) => next({ ...args, input: { ...args.input, maxResults: 2 } }), {
    step: "initialize",
    name: "smallPages",
  });
  const images = await source(ecr).images(repository);
  ecr.middlewareStack.remove("smallPages");
  expect(images.map(({ digest }) => digest).toSorted()).toEqual(digests.toSorted());
  expect(images.flatMap(({ tags }) => tags).toSorted()).toEqual(["a", "b", "c", "d", "e"]);
});

it.each(["threads/", "one:{tag}-{service}", "two:{service}-{tag}"])(
  "a promoted image (%s) that a rule for builds takes is named, until the remedy is in place",
  async (path) => {
    const sha = "3f9c2ab01234".padEnd(40, "0");
    const repo = repoAt("127.0.0.1:5000", path);
    const repository = repo.repositoryFor("web");
    const [build, promoted] = [repo.tagFor("web", sha), repo.tagFor("web", `prod-${sha}`)];
    await sandbox.ecr.send(new CreateRepositoryCommand({ repositoryName: repository }));
    const image = await putImage(sandbox.ecr, repository, [build]);
    await put(sandbox.ecr, { repositoryName: repository, imageManifest: image.body, imageTag: promoted });
    const selection = { tagStatus: "any", countType: "sinceImagePushed", countUnit: "days", countNumber: 14 };
    const rules = [
      { rulePriority: 2, description: "Builds go after two weeks", selection, action: { type: "expire" } },
    ];
    await sandbox.ecr.send(
      new PutLifecyclePolicyCommand({ repositoryName: repository, lifecyclePolicyText: JSON.stringify({ rules }) }),
    );
    const order = {
      protected: [{ repository, digest: parseDigest(image.digest), because: "runs in prod" }],
      now: Date.now() + 11 * day,
      repo,
    };
    const [warning] = await lifecycleWarnings(order, source(sandbox.ecr));
    const name = promoted.replace(sha, "3f9c2ab01234");
    expect(warning?.text).toBe(`${name} (runs in prod) expires in 3 days: rule 2 of ${repository} (any image)`);
    const [, lifecyclePolicyText] = /'(.+)'$/.exec(warning?.next[0] ?? "") ?? [];
    await sandbox.ecr.send(new PutLifecyclePolicyCommand({ repositoryName: repository, lifecyclePolicyText }));
    expect(await lifecycleWarnings(order, source(sandbox.ecr))).toEqual([]);
  },
);
