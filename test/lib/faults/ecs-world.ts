import {
  type DeploymentConfiguration,
  DescribeServicesCommand,
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import { deploy } from "../../../src/lib/actions/deploy/run.ts";
import { rollback } from "../../../src/lib/actions/rollback/run.ts";
import { status } from "../../../src/lib/actions/status/run.ts";
import { openContact } from "../../../src/lib/aws/contact.ts";
import { ecsCalls } from "../../../src/lib/aws/ecs-calls.ts";
import type { Clock } from "../../../src/lib/clock/clock.ts";
import { standing } from "../../../src/lib/ledger/standing.ts";
import { taskTarget } from "../../../src/lib/tasks/target.ts";
import { Fleet, type FleetPortsOfAll } from "../../fakes/fleet.ts";
import { openWorld, type OpenWorld } from "../tasks/world.ts";
import { Door, type Fault } from "./ecs-door.ts";

const services = ["shop-prod-web", "shop-prod-celery", "shop-prod-beat"];

/** What one process has. */
export interface EcsProcess {
  readonly ports: FleetPortsOfAll;
  readonly door: Door;
  end(): void;
}

/** An environment on ECS with its ledger, and releases by their words. */
export class EcsFaultWorld {
  readonly ecs: OpenWorld;
  readonly fleet: Fleet;

  private constructor(ecs: OpenWorld, fleet: Fleet) {
    this.ecs = ecs;
    this.fleet = fleet;
  }

  static async open(): Promise<EcsFaultWorld> {
    const ecs = await openWorld(Date.now());
    const fleet = await Fleet.open(0, { app: "shop", services: ecs.config.services });
    fleet.ssm.now = () => ecs.state.now;
    return new EcsFaultWorld(ecs, fleet);
  }

  async close(): Promise<void> {
    await this.fleet.close();
    await this.ecs.close();
  }

  /** Time in which nobody types anything, and ECS goes on. */
  async passes(ms: number): Promise<void> {
    await this.ecs.looks(30);
    this.ecs.state.now += ms - 30_000;
    await this.ecs.looks(1);
  }

  /** @param as whose credentials it has; an administrator's by default */
  process(fault?: Fault, as: object = {}): EcsProcess {
    const { ecs, fleet } = this;
    const door = new Door(fault);
    const settings = ecs.sandbox.clientSettings;
    const { requestHandler } = settings as unknown as ECSClient["config"];
    const client = new ECSClient({ ...settings, ...as, requestHandler: door.over(requestHandler) });
    const alive = (): void => {
      if (door.dead) throw new Error("killed");
    };
    const clock: Clock = {
      now: () => ecs.state.now,
      sleep: async (ms, signal) => {
        alive();
        await ecs.ports.clock.sleep(ms, signal);
        alive();
      },
    };
    const calm = new AbortController().signal;
    const { config, environment, ports: known } = ecs;
    const aws = { contact: openContact(), profile: undefined, ecs: async () => client };
    const call = ecsCalls({ aws, clock });
    const own = { ...known, call, clock, cancelNow: calm, detach: calm };
    const targets = {
      deploy: taskTarget(environment, own),
      back: taskTarget(environment, { ...own, translated: undefined as never }),
    };
    const ports = fleet.ports({
      config,
      clock,
      signal: calm,
      cancelNow: calm,
      detach: calm,
      targetOf: async () => targets.deploy,
    });
    const { ledger } = ports;
    const mortal = new Proxy(ledger, {
      get:
        (of, name: keyof typeof ledger) =>
        async (...args: never[]) => {
          alive();
          return (of[name] as (...all: never[]) => unknown)(...args);
        },
    });
    return { ports: { ...ports, ledger: mortal }, door, end: () => client.destroy() };
  }

  /** Runs a line of threads in a process of its own. @returns what it ended with; undefined where well */
  async type(line: string, fault?: Fault, as?: object): Promise<{ readonly error: unknown; readonly door: Door }> {
    const own = this.process(fault, as);
    try {
      await perform(line, own.ports);
      return { error: undefined, door: own.door };
    } catch (error) {
      return { error, door: own.door };
    } finally {
      own.end();
    }
  }

  /** Publishes the release of a word. @returns the line that deploys it, whatever is held */
  async deploys(word: string): Promise<string> {
    this.fleet.publish(word);
    const { deployments, serverTime } = await this.fleet.freshPorts().ledger.deploymentLog("prod");
    const { hold } = standing(deployments, serverTime);
    return `threads deploy -e prod ${word}${hold === undefined ? "" : ` --lift-hold ${hold.rollback.number}`}`;
  }

  /** Word for word, what services run: release by release. */
  async definitions(): Promise<readonly string[]> {
    const asked = { cluster: "shop", services: [...services] };
    const { services: all = [] } = await this.ecs.client.send(new DescribeServicesCommand(asked));
    return services.map((name) => all.find(({ serviceName }) => serviceName === name)?.taskDefinition ?? "-");
  }

  /** Migrations that ECS still knows. */
  async migrations() {
    const { client } = this.ecs;
    const of = { cluster: "shop", family: "shop-prod-migrate" };
    const lists = await Promise.all(
      (["RUNNING", "STOPPED"] as const).map((desiredStatus) =>
        client.send(new ListTasksCommand({ ...of, desiredStatus })),
      ),
    );
    const tasks = lists.flatMap(({ taskArns = [] }) => taskArns);
    if (tasks.length === 0) return [];
    return (await client.send(new DescribeTasksCommand({ cluster: "shop", tasks }))).tasks ?? [];
  }

  /** Somebody puts a pause into web, at which each deployment of it waits. */
  async pauses(more: DeploymentConfiguration = {}): Promise<void> {
    const deploymentConfiguration: DeploymentConfiguration = {
      strategy: "BLUE_GREEN",
      bakeTimeInMinutes: 0,
      deploymentCircuitBreaker: { enable: false, rollback: false },
      lifecycleHooks: [{ targetType: "PAUSE", lifecycleStages: ["POST_SCALE_UP"] }],
      ...more,
    };
    await this.ecs.client.send(
      new UpdateServiceCommand({ cluster: "shop", service: "shop-prod-web", deploymentConfiguration }),
    );
  }

  /** What status tells whoever finds the environment so to type. */
  async advised(): Promise<string | undefined> {
    const own = this.process();
    const { next } = await status({ environment: "prod" }, own.ports);
    own.end();
    return next.find((line) => /^threads (?:deploy|rollback) /.test(line));
  }

  /** What is not as it has to be in the end: services, ledger and status say one thing. */
  async disagreement(): Promise<readonly string[]> {
    const own = this.process();
    const { deployments, serverTime } = await own.ports.ledger.deploymentLog("prod");
    const { unsettled, underWay } = standing(deployments, serverTime);
    const [prod] = (await status({ environment: "prod" }, own.ports)).environments;
    own.end();
    const running = (await this.migrations()).filter(({ lastStatus }) => lastStatus !== "STOPPED");
    return [
      ...(unsettled === undefined ? [] : ["the ledger is unsettled"]),
      ...(underWay === undefined ? [] : ["the ledger has one under way"]),
      ...(prod?.outcome === "as-deployed" && prod.problems.length === 0
        ? []
        : [`status: ${String(prod?.outcome)} ${JSON.stringify(prod?.problems)}`]),
      ...running.map(({ taskArn = "" }) => `left running: ${taskArn}`),
    ];
  }
}

function perform(line: string, ports: FleetPortsOfAll): Promise<unknown> {
  const words = line.split(" ");
  const environment = "prod";
  const after = (flag: string): string | undefined => words[words.indexOf(flag) + 1 || words.length];
  const [, verb] = words;
  const supersede = Number(after("--supersede") ?? 0) || undefined;
  const named = words.slice(2).find((word, at) => !word.startsWith("-") && !words[at + 1]?.startsWith("-"));
  const liftHold = Number(after("--lift-hold") ?? 0) || undefined;
  const usual = { environment, dryRun: false, supersede, liftHold };
  const has = (flag: string): boolean => words.includes(flag);
  if (verb === "deploy") {
    const approves = Number(after("--continue") ?? 0) || undefined;
    const how = { force: has("--force"), resume: has("--resume"), dryRun: has("--dry-run") };
    return deploy({ ...usual, ...how, approves, release: named }, ports);
  }
  if (verb === "rollback") return rollback({ ...usual, release: named }, ports);
  if (verb === "status") return status({ environment }, ports);
  return Promise.reject(new Error(`nobody here types ${line}`));
}
