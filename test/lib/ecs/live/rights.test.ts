import { ECSClient } from "@aws-sdk/client-ecs";
import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openContact } from "../../../../src/lib/aws/contact.ts";
import { liveEcs } from "../../../../src/lib/ecs/live/read.ts";
import { documentOf } from "../../../../src/lib/iam/document.ts";
import { environmentsOf } from "../../../../src/lib/iam/from-config.ts";
import { rolesOf } from "../../../../src/lib/iam/roles.ts";
import { aConfig } from "../../../fakes/config.ts";
import { skippingClock } from "../../../fakes/hurried-clock.ts";
import { openCluster, type OpenCluster } from "../../sandbox/server/ecs/cluster.ts";
import { account, region } from "../../sandbox/server/open-sandbox.ts";
import { failureOf, onEcs } from "../world.ts";

// What `threads policy iam` gives is what is asked of ECS, and no more: the sandbox enforces it.

let cluster: OpenCluster;
const config = aConfig({
  app: "shop",
  environments: { cloud: onEcs({ cluster: "main", services: { web: { name: "web" } } }) },
});
const roles = rolesOf({
  app: "shop",
  account,
  region,
  repositories: ["shop/*"],
  environments: environmentsOf(config),
  signing: undefined,
});

/** ECS as a role sees it, without one of its actions. */
async function seenBy(job: "reader" | "deployer", without = "") {
  const found = roles.find((one) => one.job === job);
  const all = documentOf(found?.permissions ?? []);
  const Statement = all.Statement.map((one) => ({ ...one, Action: one.Action.filter((action) => action !== without) }));
  const trust = {
    Version: "2012-10-17",
    Statement: [
      { Sid: "All", Effect: "Allow", Action: ["sts:AssumeRole"], Principal: { AWS: `arn:aws:iam::${account}:root` } },
    ],
  };
  const body = JSON.stringify({
    roles: [{ name: job, policy: { ...all, Statement: Statement.filter(({ Action }) => Action.length > 0) }, trust }],
  });
  const answer = await fetch(`${cluster.sandbox.url}/_sandbox/roles`, { method: "PUT", body });
  if (!answer.ok) throw new Error(await answer.text());
  const assume = new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${account}:role/${job}`, RoleSessionName: "someone" });
  const { Credentials: { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = {} } =
    await cluster.sandbox.sts.send(assume);
  const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  const client = new ECSClient({ ...cluster.sandbox.clientSettings, credentials });
  const aws = { region, contact: openContact(), ecs: () => Promise.resolve(client) };
  return liveEcs({ aws, clock: skippingClock() });
}

beforeAll(async () => {
  cluster = await openCluster();
  await cluster.create(await cluster.register("web"));
  await cluster.until(async () => (await cluster.service()).runningCount === 1);
});
afterAll(() => cluster.close());

const reads = {
  "ecs:DescribeClusters": (ecs) => ecs.cluster("main"),
  "ecs:DescribeServices": (ecs) => ecs.services("main", ["web", "shop-cloud-worker"]),
  "ecs:DescribeTaskDefinition": (ecs) => ecs.definition("web:1"),
  "ecs:ListTaskDefinitionFamilies": (ecs) => ecs.families("we"),
  "ecs:ListTaskDefinitions": (ecs) => ecs.newest("web", 10),
  "ecs:ListTasks": (ecs) => ecs.tasks("main"),
  "ecs:DescribeTasks": (ecs) => ecs.tasks("main"),
} satisfies Record<string, (ecs: Awaited<ReturnType<typeof seenBy>>) => Promise<unknown>>;

test.each(["reader", "deployer"] as const)("the %s of `threads policy iam` may look at all of it", async (job) => {
  const ecs = await seenBy(job);
  // What looks after images in the registry is doctor, which a deployer does not need.
  const own = Object.entries(reads).filter(
    ([action]) => job === "reader" || action !== "ecs:ListTaskDefinitionFamilies",
  );
  for (const [, read] of own) expect(await read(ecs)).toBeDefined();
  expect(await ecs.tasks("main")).toHaveLength(1);
});

test.each(Object.entries(reads))("without %s it is that which is missing", async (action, read) => {
  const failure = await failureOf(read(await seenBy("reader", action)));
  expect(failure).toMatchObject({
    code: "ACCESS_DENIED",
    message: expect.stringContaining(`the role reader lacks ${action}`),
    next: ["threads policy iam", "aws sts get-caller-identity"],
  });
});

test("of another cluster a reader sees nothing", async () => {
  const ecs = await seenBy("reader");
  expect(await failureOf(ecs.tasks("other"))).toMatchObject({ code: "ACCESS_DENIED" });
  expect(await failureOf(ecs.services("other", ["web"]))).toMatchObject({ code: "ACCESS_DENIED" });
});
