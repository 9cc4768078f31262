import { expect, test } from "vitest";
import { lifecycleCheck } from "../../../../src/lib/actions/doctor/checks/lifecycle.ts";
import type { CheckPorts } from "../../../../src/lib/actions/doctor/ports.ts";
import type { LiveEcs } from "../../../../src/lib/ecs/live/live-ecs.ts";
import { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import { digestOf } from "../../../../src/lib/image/digest.ts";
import { aConfig } from "../../../fakes/config.ts";
import { repoAt } from "../../../fakes/ecr-repo.ts";
import { onEcs } from "../../ecs/world.ts";

// An image that only ECS still needs: no ledger names it.

const now = Date.parse("2026-11-28T08:00:00Z");
const repo = repoAt("123456789012.dkr.ecr.eu-west-1.amazonaws.com");
const config = aConfig({ environments: { cloud: onEcs() } });
const arn = "arn:aws:ecs:eu-west-1:123456789012:task-definition/threads-cloud-web:3";
const day = 24 * 60 * 60 * 1000;

const look = (change: Partial<LiveEcs> = {}, ageDays = 29, image = `${repo.host}/threads/web@${digestOf("web")}`) => {
  const ecs = {
    tasks: async () => [{ taskDefinitionArn: arn, containers: [{ image, imageDigest: undefined }] }],
    families: async () => [],
    newest: async () => ({ arns: [], hasMore: false }),
    ...change,
  };
  const selection = { tagStatus: "any", countType: "sinceImagePushed", countUnit: "days", countNumber: 30 } as const;
  return lifecycleCheck.look({
    environments: async () => Object.values(config.environments),
    deploymentLog: async () => ({ deployments: [], serverTime: now }),
    config: async () => config,
    clock: { now: () => now },
    repo: async () => repo,
    ecs: async () => ecs,
    lifecycle: async () => ({
      policy: async () => ({ rules: [{ rulePriority: 1, selection, action: { type: "expire" } }] }),
      images: async () => [{ digest: digestOf("web"), tags: ["sha-1"], pushedAt: now - ageDays * day }],
    }),
  } as unknown as CheckPorts);
};

test("what a task runs must stay", async () => {
  expect(await look()).toMatchObject([
    { state: "fail", says: "1 of 1 images that are deployed or rollback targets does not stay" },
  ]);
  const [{ details = [] } = {}] = await look();
  expect(details[0]).toMatch(/^sha-1 \(runs on ECS in cloud \(threads-cloud-web:3\)\) expires in a day/);
  // By its tag it is the same image.
  expect(await look({}, 29, `${repo.host}/threads/web:sha-1`)).toMatchObject([{ state: "fail" }]);
});

test("what only a definition would start is worth a word, and what is not ours none", async () => {
  const definition = async () => ({
    taskDefinitionArn: arn,
    containerDefinitions: [{ image: `${repo.host}/threads/web:sha-1` }],
  });
  const spare = {
    tasks: async () => [],
    newest: async () => ({ arns: [arn], hasMore: true }),
    families: async () => ["threads-cloud-web"],
    definition,
  };
  expect(await look(spare)).toMatchObject([
    {
      state: "warn",
      details: [expect.stringMatching(/starts it/), expect.stringMatching(/^of threads-cloud-web the 10 newest/)],
    },
  ]);
  expect(await look({}, 29, "elsewhere.example/threads/web:sha-1")).toMatchObject([
    { state: "ok", says: "nothing was ever deployed, so there is nothing to keep" },
  ]);
});

test("what is started by a tag that is gone is told", async () => {
  expect(await look({}, 1, `${repo.host}/threads/web:gone`)).toMatchObject([
    {
      state: "warn",
      says: "ECS would start what is no longer in the registry",
      details: ["threads/web has no image with the tag gone, which runs on ECS in cloud (threads-cloud-web:3)"],
    },
  ]);
});

test.each([
  ["ACCESS_DENIED", "warn"],
  ["CLUSTER_NOT_FOUND", "fail"],
] as const)("where ECS cannot be read (%s) nothing is called safe", async (code, state) => {
  const failure = new ThreadsError(code, { message: "the role lacks it", next: ["threads policy iam"] });
  expect(await look({ tasks: () => Promise.reject(failure) })).toMatchObject([
    {
      state: "warn",
      says: "none takes any of the 0 images that are known to be needed, and what ECS needs in cloud is not known",
    },
    {
      of: "cloud",
      state,
      says: "which images ECS needs in cloud is not known, so that no policy is safe: the role lacks it",
      next: ["threads policy iam"],
    },
  ]);
});
