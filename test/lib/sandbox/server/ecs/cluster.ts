import type { StateDir } from "../../../../../src/lib/sandbox/server/json-store.ts";
import {
  CreateClusterCommand,
  CreateServiceCommand,
  type CreateServiceCommandInput,
  DescribeServiceDeploymentsCommand,
  DescribeServicesCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  type Service,
  UpdateServiceCommand,
  type UpdateServiceCommandInput,
} from "@aws-sdk/client-ecs";
import { createEcs } from "../../../../../src/lib/sandbox/server/ecs/ecs.ts";
import type { Machine } from "../../../../../src/lib/sandbox/server/ecs/run/machines.ts";
import type { ListenerRule, Place, TargetGroup } from "../../../../../src/lib/sandbox/server/ecs/balance/balancer.ts";
import type { Seen, TaskRunner } from "../../../../../src/lib/sandbox/server/ecs/runner.ts";
import type { Task } from "../../../../../src/lib/sandbox/server/ecs/schedule/task.ts";
import { connectUpstream } from "../../../../../src/lib/sandbox/server/upstream.ts";
import { account, openSandbox, region } from "../open-sandbox.ts";

/** What becomes of a task at the next look: as its image is called. Everything else comes up and is well. */
type Fate = "well" | "sick" | "unchecked" | "cannot-pull" | "ends-0" | "stays";

/** Tasks without containers: the API and the scheduler are what is tested, where tasks run is another's test. */
function scriptedRunner() {
  const running = new Map<string, { task: Task; report: (seen: Seen) => Promise<void>; age: number; told: boolean }>();
  const runner: TaskRunner = {
    run: (task, _, report) => void running.set(task.id, { task, report, age: 0, told: false }),
    stop: ({ id }) => {
      const found = running.get(id);
      if (found !== undefined) found.told = true;
    },
  };
  return {
    runner,
    async step(): Promise<void> {
      for (const [id, one] of running) {
        one.age += 1;
        const [container] = one.task.containers;
        const { name = "", image = "" } = container ?? {};
        const fate = (/:([a-z0-9-]+)$/.exec(image)?.[1] ?? "well") as Fate;
        const shown = { name, image, imageDigest: `sha256:${"0".repeat(64)}` };
        const ended = { ...shown, lastStatus: "STOPPED" as const, healthStatus: "UNKNOWN" as const };
        const end = async (seen: Partial<Seen>): Promise<void> => {
          running.delete(id);
          await one.report({ lastStatus: "STOPPED", containers: [ended], ...seen });
        };
        if (one.told) await end({ containers: [{ ...ended, exitCode: 143 }] });
        else if (fate === "cannot-pull") {
          const reason = `CannotPullContainerError: ${image}: not found`;
          await end({ containers: [{ ...ended, reason }], stop: { code: "TaskFailedToStart", reason } });
        } else if (fate === "ends-0" && one.age > 1) {
          const reason = "Essential container in task exited";
          await end({ containers: [{ ...ended, exitCode: 0 }], stop: { code: "EssentialContainerExited", reason } });
        } else {
          const health = { sick: "UNHEALTHY", unchecked: "UNKNOWN" }[fate as string] ?? "HEALTHY";
          const healthStatus = health as "HEALTHY" | "UNHEALTHY" | "UNKNOWN";
          const addresses = { 8080: `${one.task.definition}:${id.slice(0, 4)}` };
          const containers = [{ ...shown, lastStatus: "RUNNING" as const, healthStatus }];
          await one.report({ lastStatus: "RUNNING", containers, addresses });
        }
      }
    },
  };
}

export const network = { awsvpcConfiguration: { subnets: ["subnet-1"], securityGroups: ["sg-1"] } };

/** A definition that Fargate takes; its image's tag is the fate of its tasks. */
export function definition(family: string, fate: Fate = "well"): RegisterTaskDefinitionCommandInput {
  const check = { command: ["CMD-SHELL", "true"], interval: 5 };
  return {
    family,
    networkMode: "awsvpc",
    requiresCompatibilities: ["FARGATE"],
    cpu: "256",
    memory: "512",
    containerDefinitions: [
      {
        name: "web",
        portMappings: [{ containerPort: 8080 }],
        image: `repository:${fate}`,
        ...(fate !== "unchecked" && { healthCheck: check }),
      },
    ],
  };
}

interface Wanted {
  /** Only where the server is started anew. */
  readonly stateDir?: StateDir;
  readonly machines?: readonly Machine[];
  readonly targetGroups?: readonly TargetGroup[];
  readonly listenerRules?: readonly ListenerRule[];
}

/** A load balancer whose checks come to what a test says, and that remembers who gets requests. */
function scriptedBalancer() {
  let isIll: (address: string) => boolean = () => false;
  const places = new Map<string, readonly Place[]>();
  const shares = new Map<string, number>();
  const all = (): readonly Place[] => [...places.values()].flat();
  return {
    /** Which addresses fail their checks from now on. */
    fail: (which: typeof isIll) => void (isIll = which),
    check: async (_: TargetGroup, address: string) => !isIll(address),
    send: async ({ arn }: TargetGroup, now: readonly Place[]) => void places.set(arn, now),
    split: async ({ key }: ListenerRule, percent: number) => void shares.set(key, percent),
    /** Of a hundred requests of a rule the second of its target groups gets so many. */
    share: (key: string) => shares.get(key),
    takers: () =>
      all()
        .filter(({ takes }) => takes)
        .map(({ address }) => address),
    leaving: () =>
      all()
        .filter(({ takes }) => !takes)
        .map(({ address }) => address),
  };
}

/** ECS in this process with a cluster `main`, a clock that is turned by hand, and the SDK's client. */
export async function openCluster({ stateDir, machines = [], targetGroups = [], listenerRules = [] }: Wanted = {}) {
  const balancer = scriptedBalancer();
  const scripted = scriptedRunner();
  let tick: () => Promise<void> = async () => {};
  const clock = { now: Date.parse("2026-11-28T08:00:00Z") };
  const sandbox = await openSandbox({
    upstream: connectUpstream("http://127.0.0.1:1"),
    withoutSockets: true,
    services: async (_, settings) => {
      const report = (line: string): never => {
        throw new Error(line);
      };
      const ecs = await createEcs({
        stateDir,
        account,
        region,
        now: () => clock.now,
        runner: scripted.runner,
        settings,
        machines: async () => machines,
        targetGroups,
        listenerRules,
        balancer,
        report,
      });
      tick = () => ecs.tick();
      return [ecs.service];
    },
  });
  const client = new ECSClient(sandbox.clientSettings);
  await client.send(new CreateClusterCommand({ clusterName: "main" }));
  const look = async (): Promise<void> => {
    clock.now += 1_000;
    await scripted.step();
    await tick();
  };
  const service = async (name = "web"): Promise<Service> => {
    const { services = [] } = await client.send(new DescribeServicesCommand({ cluster: "main", services: [name] }));
    if (services[0] === undefined) throw new Error(`there is no service ${name}`);
    return services[0];
  };
  return {
    sandbox,
    client,
    clock,
    balancer,
    look,
    service,
    async looks(count: number): Promise<void> {
      for (let n = 0; n < count; n += 1) await look();
    },
    async until(holds: () => Promise<boolean> | boolean): Promise<void> {
      for (let n = 0; n < 500; n += 1) {
        if (await holds()) return;
        await look();
      }
      throw new Error(`not in 500 seconds: ${JSON.stringify(await service().catch(String), null, 1)}`);
    },
    async register(family: string, fate: Fate = "well"): Promise<string> {
      const { taskDefinition } = await client.send(new RegisterTaskDefinitionCommand(definition(family, fate)));
      return taskDefinition?.taskDefinitionArn ?? "";
    },
    async create(taskDefinition: string, more: Partial<CreateServiceCommandInput> = {}): Promise<Service | undefined> {
      const usual = {
        cluster: "main",
        serviceName: "web",
        launchType: "FARGATE",
        desiredCount: 1,
        networkConfiguration: network,
        deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
      } as const;
      return (await client.send(new CreateServiceCommand({ ...usual, taskDefinition, ...more }))).service;
    },
    async update(input: Partial<UpdateServiceCommandInput>) {
      const answer = await client.send(new UpdateServiceCommand({ cluster: "main", service: "web", ...input }));
      const arn = answer.service?.currentServiceDeployment ?? "";
      return {
        service: answer.service,
        arn,
        status: async () => {
          const asked = new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [arn] });
          return (await client.send(asked)).serviceDeployments?.[0]?.status;
        },
      };
    },
    async close(): Promise<void> {
      client.destroy();
      await sandbox.stop();
    },
  };
}

export type OpenCluster = Awaited<ReturnType<typeof openCluster>>;
