import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { containerSpecs } from "../../../src/lib/sandbox/containers.ts";
import { down } from "../../../src/lib/sandbox/down.ts";
import { firstPort } from "../../../src/lib/sandbox/layout.ts";
import { readState } from "../../../src/lib/sandbox/state.ts";
import { status } from "../../../src/lib/sandbox/status.ts";
import { arrangeTargetGroups } from "../../../src/lib/sandbox/target-groups.ts";
import { up } from "../../../src/lib/sandbox/up.ts";
import { anEnvironment } from "../../fakes/config.ts";
import { onEcs } from "../ecs/world.ts";
import { fakeEngine, type FakeEngine } from "./fake-engine.ts";
import { configOf, packageIn, portsOf, stateOf, temporaryRoot } from "./world.ts";

let engine: FakeEngine;
let root: string;
beforeEach(() => {
  engine = fakeEngine();
  root = temporaryRoot(onTestFinished);
});
afterEach(() => engine.close());

type EcsFile = Parameters<typeof onEcs>[0];

/** An application that has environments on ECS beside one on a host. */
function withEcs(all: Readonly<Record<string, { readonly ecs?: EcsFile; readonly envFrom?: string }>>) {
  const config = configOf(root, { sandbox: { env: { KEY: "value", EMPTY: "", OF: "${ENVIRONMENT}" }, services: [] } });
  const onTheirOwn = Object.entries(all).map(([name, { ecs, envFrom }]) => [
    name,
    anEnvironment(name, onEcs(ecs, envFrom === undefined ? {} : { env_from: envFrom })),
  ]);
  const environments = { staging: config.environments["staging"], ...Object.fromEntries(onTheirOwn) };
  return portsOf(root, engine, { config: { ...config, environments } });
}
const start = (ports: ReturnType<typeof withEcs>) => up({ hosts: undefined, env: {}, files: packageIn(root) }, ports);

describe("an environment on ECS", () => {
  test("has its cluster, a machine for that, its log group, its roles and its settings", async () => {
    const ports = withEcs({
      cloud: { envFrom: "/shop/cloud/", ecs: { task_role: "arn:aws:iam::123456789012:role/service/task" } },
    });
    const result = await start(ports);
    expect(result).toMatchObject({ outcome: "started", advice: [] });
    expect(result.started).toEqual(["registry", "aws", "staging-1", "ecs.shop"]);
    expect(result.hosts.map(({ name }) => name)).toEqual(["staging-1"]);
    expect(result.clusters).toEqual([
      { name: "shop", environments: ["cloud"], id: expect.stringMatching(/^i-/), services: [] },
    ]);
    expect(engine.clusters).toEqual(["shop"]);
    expect(engine.logGroups).toEqual(["/threads/cloud"]);
    expect(engine.roles.slice(-2)).toEqual(["shop-execution", "task"]);
    expect(Object.fromEntries(engine.parameters)).toEqual({ "/shop/cloud/KEY": "value", "/shop/cloud/OF": "cloud" });
    expect(ports.said).toEqual([expect.stringMatching(/^\/shop\/cloud\/EMPTY is empty in sandbox.env/)]);
    expect(await start(ports)).toMatchObject({ outcome: "already-up", started: [] });
  });

  test("keeps a setting that somebody has changed, and says so", async () => {
    const ports = withEcs({ cloud: { envFrom: "/shop/cloud" } });
    await start(ports);
    engine.parameters.set("/shop/cloud/KEY", "another");
    engine.containers.delete(`threads-${readState(root)?.id}-ecs.shop`);
    ports.said.length = 0;
    await start(ports);
    expect(engine.parameters.get("/shop/cloud/KEY")).toBe("another");
    expect(ports.said).toContain("/shop/cloud/KEY is not what sandbox.env says, and stays");
  });

  test("with a secret of Secrets Manager is told that nobody else can make it", async () => {
    const ecs = { settings: ["KEY"] };
    const { advice } = await start(withEcs({ cloud: { envFrom: "secretsmanager:shop-cloud", ecs } }));
    expect(advice).toEqual(["cloud takes its settings from the secret shop-cloud: put it there first"]);
    expect(engine.parameters.size).toBe(0);
  });

  test("shares the machine of its cluster with others there, and with nobody else", async () => {
    const arn = "arn:aws:ecs:eu-west-1:123456789012:cluster/shop";
    const ports = withEcs({
      cloud: { ecs: { log_group: "/own" } },
      edge: { ecs: { cluster: arn, launch_type: "EC2" } },
      far: { ecs: { cluster: "far" } },
    });
    const { clusters } = await start(ports);
    expect(clusters.map(({ name, environments }) => [name, environments])).toEqual([
      ["shop", ["cloud", "edge"]],
      ["far", ["far"]],
    ]);
    expect(engine.clusters.toSorted()).toEqual(["far", "shop"]);
    expect(engine.logGroups.toSorted()).toEqual(["/own", "/threads/edge", "/threads/far"]);
  });

  test("is up again after what was missing of it came back, is shown, and goes", async () => {
    const ports = withEcs({ cloud: {} });
    const { id } = await start(ports);
    const shown = () => status({ env: {} }, ports);
    expect((await shown()).clusters).toMatchObject([{ name: "ecs.shop", state: "running", environments: ["cloud"] }]);
    engine.containers.delete(`threads-${id}-ecs.shop`);
    expect(await shown()).toMatchObject({ outcome: "incomplete", clusters: [{ state: "missing", memoryBytes: null }] });
    expect((await start(ports)).started).toEqual(["ecs.shop"]);
    expect(engine.volumes).toContain(`threads-${id}-ecs.shop-docker`);
    await down({ purge: true }, ports);
    expect([engine.containers.size, engine.volumes.size, readState(root)]).toEqual([0, 0, undefined]);
  });

  test("is forgotten with its machine once threads.yml no longer names it", async () => {
    await start(withEcs({ cloud: {} }));
    const { clusters } = await start(withEcs({}));
    expect(clusters).toEqual([]);
    expect([...engine.containers.keys()].filter((name) => name.includes("ecs."))).toEqual([]);
  });

  test("alone in threads.yml is what the first release is for", async () => {
    const ports = withEcs({ cloud: {} });
    const { cloud } = ports.config.environments;
    const { next } = await start({ ...ports, config: { ...ports.config, environments: { cloud } as never } });
    expect(next.at(-1)).toBe("threads deploy -e cloud HEAD");
  });
});

describe("a target group", () => {
  const arn = (name: string): string => `arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/${name}/0a`;
  const services = {
    web: { target_group: arn("web") },
    api: { target_group: arn("api"), name: "shop-api" },
    worker: {},
  };

  test("has a port of this machine, where the load balancer takes its requests", async () => {
    const ports = withEcs({ cloud: { ecs: { services } } });
    const { clusters, started } = await start(ports);
    expect(started).toContain("balancer");
    const [web, api] = clusters[0]?.services ?? [];
    expect([web, api]).toMatchObject([{ name: "threads-cloud-web", env: "cloud" }, { name: "shop-api" }]);
    expect(web?.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(api?.url).not.toBe(web?.url);
    const state = readState(root);
    const { env: told = {} } = engine.containers.get(`threads-${state?.id}-aws`) ?? {};
    expect(JSON.parse(told["TARGET_GROUPS"] ?? "")).toMatchObject([
      { arn: arn("web"), backend: `tg-${state?.targetGroups[0]?.port}`, path: "/healthz", delaySeconds: 10 },
      { arn: arn("api") },
    ]);
    const { env: given = {} } = engine.containers.get(`threads-${state?.id}-balancer`) ?? {};
    for (const { port } of state?.targetGroups ?? [])
      expect(given["BALANCER_CONFIG"]).toContain(`backend tg-${port}\n`);
    expect((await status({ env: {} }, ports)).services.map(({ name }) => name)).toContain("balancer");
    const again = await start(ports);
    expect([again.outcome, again.clusters[0]?.services]).toEqual(["already-up", [web, api]]);
  });

  test("beside another has one port for both, and one for those who test", async () => {
    const rule = (name: string): string => arn("x").replace("targetgroup/x/0a", `listener-rule/app/x/1/2/${name}`);
    const shift = {
      strategy: "BLUE_GREEN" as const,
      alternate_target_group: arn("web-2"),
      production_rule: rule("people"),
      test_rule: rule("tests"),
      role: "arn:aws:iam::123456789012:role/shifts",
    };
    await start(withEcs({ cloud: { ecs: { services: { web: { target_group: arn("web"), shift } } } } }));
    const state = readState(root);
    const [found] = state?.targetGroups ?? [];
    const { port, shift: own } = found ?? {};
    const { env: told = {} } = engine.containers.get(`threads-${state?.id}-aws`) ?? {};
    expect(JSON.parse(told["LISTENER_RULES"] ?? "")).toEqual([
      { arn: rule("people"), groups: [arn("web"), arn("web-2")], key: String(port) },
      { arn: rule("tests"), groups: [arn("web"), arn("web-2")], key: String(own?.testPort) },
    ]);
    expect(JSON.parse(told["TARGET_GROUPS"] ?? "")).toMatchObject([
      { arn: arn("web"), backend: `tg-${port}` },
      { arn: arn("web-2"), backend: `tg-${port}-alternate` },
    ]);
    const { env: given = {} } = engine.containers.get(`threads-${state?.id}-balancer`) ?? {};
    expect(given["BALANCER_SHARES"]).toBe(`${port} 0\n${own?.testPort} 0\n`);
    expect(given["BALANCER_CONFIG"]).toContain(
      `use_backend tg-${port}-alternate if { rand(1000),sub(txn.share) lt 0 }`,
    );
    expect(given["BALANCER_CONFIG"]).toContain(`frontend on-${own?.testPort}\n`);
  });

  test("keeps its load balancer until the machine that tasks run on has stopped", async () => {
    const { id } = await start(withEcs({ cloud: { ecs: { services } } }));
    await down({ purge: false }, withEcs({}));
    const stops = engine.calls.filter(([verb]) => verb === "stop").map((words) => words.join(" "));
    const at = (part: string): number => stops.findIndex((one) => one.includes(`threads-${id}-${part}`));
    expect(at("ecs.shop")).toBeLessThan(at("balancer"));
    expect(at("ecs.shop")).toBeGreaterThanOrEqual(0);
  });

  test("is shown with its service as ECS has it, where no name may have a dot", async () => {
    const config = { app: "shop.eu", environments: { cloud: anEnvironment("cloud", onEcs({ services })) } };
    const ports = { config, usable: async () => true, freePort: async () => 1 };
    const arranged = await arrangeTargetGroups(stateOf(), ports);
    expect(arranged.map(({ service }) => service)).toEqual(["shop-eu-cloud-web", "shop-api"]);
  });

  test("keeps its port beside a new one, and moves where somebody else has taken it", async () => {
    const config = { app: "shop", environments: { cloud: anEnvironment("cloud", onEcs({ services })) } };
    const freePort = async (from: number, taken: ReadonlySet<number>): Promise<number> => {
      let free = from;
      while (taken.has(free)) free += 1;
      return free;
    };
    // Where the other would be.
    const port = firstPort(stateOf().id) + 1;
    const kept = { arn: arn("api"), environment: "cloud", service: "shop-api", port };
    const state = stateOf({ targetGroups: [kept] });
    const arranged = async (isFree: boolean) =>
      (await arrangeTargetGroups(state, { config, freePort, usable: async () => isFree })).map((one) => one.port);
    expect(await arranged(true)).toEqual([port + 1, port]);
    expect(await arranged(false)).not.toContain(port);
  });
});

test("a machine is none of SSM's, and pulls by the execution role", async () => {
  await start(withEcs({ cloud: { ecs: { launch_type: "EC2" } } }));
  const state = readState(root);
  if (state === undefined) throw new Error("no state");
  const images = { services: "s", host: "h", postgres: "p", redis: "r" };
  const { runtime } = configOf(root);
  const wanted = {
    state,
    images,
    engineSocket: "/s",
    tags: {},
    services: [],
    runtime,
    checkedPath: "/",
    app: "threads",
  };
  const { options = [], env } = containerSpecs(wanted).at(-1) ?? {};
  const labels = options.filter((_, at) => options[at - 1] === "--label").map((one) => one.replace(/i-.*/, "i-"));
  expect(labels).toEqual(["threads.ecs-machine=i-", "threads.ecs-cluster=shop", "threads.ecs-instance=true"]);
  const [payload = ""] = env?.["SANDBOX_SESSION_TOKEN"]?.split(".") ?? [];
  expect(JSON.parse(Buffer.from(payload, "base64url").toString("utf8"))).toMatchObject({ role: "shop-execution" });
});
