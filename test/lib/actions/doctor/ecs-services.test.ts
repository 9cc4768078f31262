import type { Service } from "@aws-sdk/client-ecs";
import { expect, test } from "vitest";
import { ecsServicesCheck } from "../../../../src/lib/actions/doctor/checks/ecs-services.ts";
import type { CheckPorts } from "../../../../src/lib/actions/doctor/ports.ts";
import type { LiveEcs } from "../../../../src/lib/ecs/live/live-ecs.ts";
import { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import { aConfig } from "../../../fakes/config.ts";
import { onEcs } from "../../ecs/world.ts";

const config = aConfig({
  services: ["web", "celery"],
  runtime: { compose: "compose.yml" },
  environments: { dev: {}, cloud: onEcs(), far: onEcs({ cluster: "far" }) },
});
const executionRoleArn = "arn:aws:iam::123456789012:role/shop-execution";
const service = (serviceName: string) => ({
  serviceName,
  status: "ACTIVE",
  desiredCount: 1,
  taskDefinition: "web:1",
  deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
});

/** @param deployments how many the ledger has; undefined where it cannot be read */
const look = (
  change: Partial<LiveEcs> = {},
  {
    groups = ["/threads/cloud", "/threads/far"],
    deployments = 1,
  }: { readonly groups?: readonly string[]; readonly deployments?: number | "unreadable" } = {},
) => {
  const asked: string[] = [];
  const ecs = {
    cluster: async () => ({ status: "ACTIVE" }),
    services: async (_: string, names: readonly string[]) => {
      asked.push(...names);
      return new Map(names.map((name) => [name, service(name)]));
    },
    definition: async () => ({ executionRoleArn }),
    ...change,
  };
  const services = { web: { image: "${WEB_IMAGE}" }, celery: { image: "${CELERY_IMAGE}" } };
  const found = ecsServicesCheck.look({
    environments: async () => Object.values(config.environments),
    config: async () => config,
    committed: async () => [],
    clock: { now: () => 0 },
    stack: async () => ({ model: { services }, services: [] }),
    ecs: async () => ecs,
    deploymentLog: async () => {
      if (deployments === "unreadable") throw new ThreadsError("ACCESS_DENIED", { message: "denied" });
      return { deployments: Array.from({ length: deployments }) };
    },
    hasLogGroup: async (name: string) => groups.includes(name),
  } as unknown as CheckPorts);
  return found.then((findings) => ({ findings, asked }));
};

test("services that are as threads makes them are ready, and only those on ECS are asked for", async () => {
  const { findings, asked } = await look();
  expect(findings).toMatchObject([
    { of: "cloud", state: "ok", says: "2 services of the cluster shop, ready for a deployment" },
    { of: "far", state: "ok" },
  ]);
  expect(asked).toEqual(["threads-cloud-web", "threads-cloud-celery", "threads-far-web", "threads-far-celery"]);
});

test("each finding is one of its own, with the next command; a log group has to be there", async () => {
  const services = async (_: string, names: readonly string[]) =>
    new Map([[names[0] ?? "", { ...service(names[0] ?? ""), deploymentConfiguration: {} }]]);
  const { findings } = await look({ services }, { groups: ["/threads/far"] });
  expect(findings.map(({ of, state, says }) => [of, state, says.slice(0, 40)])).toEqual([
    ["cloud", "warn", "the circuit breaker of threads-cloud-web"],
    ["cloud", "warn", "there is no service threads-cloud-celery"],
    ["cloud", "fail", "there is no log group /threads/cloud, an"],
    ["far", "warn", "the circuit breaker of threads-far-web i"],
    ["far", "warn", "there is no service threads-far-celery i"],
  ]);
  expect(findings.every(({ next = [] }) => next.length > 0)).toBe(true);
});

test("without a cluster nothing else is asked, and one that cannot be read hides no other", async () => {
  const cluster = async (name: string) => {
    if (name === "far") return undefined;
    throw new ThreadsError("ACCESS_DENIED", {
      message: "the role lacks ecs:DescribeClusters",
      next: ["threads policy iam"],
    });
  };
  const { findings, asked } = await look({ cluster });
  expect(findings).toMatchObject([
    { of: "cloud", state: "warn", says: "the role lacks ecs:DescribeClusters" },
    { of: "far", state: "fail", says: "there is no cluster far in this account and region" },
  ]);
  expect(asked).toEqual([]);
});

const none = async () => new Map();

test("before the first deployment there is nothing to warn of: what is not there, that makes", async () => {
  const services = async (_: string, names: readonly string[]) =>
    new Map(names.slice(0, 1).map((name) => [name, service(name)]));
  expect((await look({ services: none }, { deployments: 0 })).findings).toMatchObject([
    {
      of: "cloud",
      state: "ok",
      says: "2 services of the cluster shop, ready for a deployment: threads-cloud-web and threads-cloud-celery are made by the first one",
    },
    { of: "far", state: "ok" },
  ]);
  const partly = await look({ services }, { deployments: 0 });
  expect(partly.findings[0]?.says).toMatch(/: threads-cloud-celery is made by the first one$/);
});

test.each([3, "unreadable"] as const)(
  "afterwards a service that is not there is told (ledger: %s)",
  async (deployments) => {
    const { findings } = await look({ services: none }, { deployments });
    expect(findings.map(({ state, says }) => [state, says.slice(0, 41)])).toEqual([
      ["warn", "there is no service threads-cloud-web in "],
      ["warn", "there is no service threads-cloud-celery "],
      ["warn", "there is no service threads-far-web in th"],
      ["warn", "there is no service threads-far-celery in"],
    ]);
    expect(findings[0]?.next).toEqual(["threads ecs render -e cloud --service web"]);
  },
);

test("a service that is of another environment is told, as its deployment would be refused", async () => {
  const owned = (name: string, owner: string): [string, Service] => [
    name,
    { ...service(name), tags: [{ key: "threads:application", value: owner }] },
  ];
  const services = async (_: string, [first = "", second = ""]: readonly string[]) =>
    new Map([owned(first, "shop/eu"), owned(second, "threads/cloud")]);
  const { findings } = await look({ services });
  expect(findings[0]).toEqual({
    of: "cloud",
    state: "fail",
    says: "service threads-cloud-web in cluster shop is of shop/eu, and not of threads/cloud",
    next: ["aws ecs describe-services --cluster shop --services threads-cloud-web --include TAGS"],
    advice: ["give it another name in threads.yml (environments.cloud.ecs.services), or take another cluster"],
  });
  expect(findings.filter(({ of, state }) => of === "cloud" && state === "fail")).toHaveLength(1);
});
