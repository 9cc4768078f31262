import {
  CreateClusterCommand,
  DescribeServicesCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import { ecsCalls } from "../../../src/lib/aws/ecs-calls.ts";
import { openContact } from "../../../src/lib/aws/contact.ts";
import { unlessAborted } from "../../../src/lib/clock/unless-aborted.ts";
import type { Clock } from "../../../src/lib/clock/clock.ts";
import { hasEcs } from "../../../src/lib/ecs/environment-on-ecs.ts";
import { type Task as Translated, translate } from "../../../src/lib/ecs/translate.ts";
import { digestOf } from "../../../src/lib/image/digest.ts";
import type { RecordedRelease } from "../../../src/lib/ledger/ledger.ts";
import { createEcs } from "../../../src/lib/sandbox/server/ecs/ecs.ts";
import type { Seen, TaskRunner } from "../../../src/lib/sandbox/server/ecs/runner.ts";
import type { Task } from "../../../src/lib/sandbox/server/ecs/schedule/task.ts";
import { connectUpstream } from "../../../src/lib/sandbox/server/upstream.ts";
import { taskTarget } from "../../../src/lib/tasks/target.ts";
import { aConfig } from "../../fakes/config.ts";
import { sha } from "../../fakes/fleet.ts";
import { beforehand, image, onEcs } from "../ecs/world.ts";
import { account, openSandbox, region } from "../sandbox/server/open-sandbox.ts";

/** What becomes of a task at the next look. */
export type Fate = "well" | "sick" | "dies" | "cannot-pull" | "stays" | { readonly exits: number };

const check = { test: ["CMD", "true"], interval: "5s" };
/** The application: two services in one task, a worker, and one of which there is one; and what migrates. */
const compose = {
  web: { image: "${WEB_IMAGE}", healthcheck: check },
  nginx: { image: "${NGINX_IMAGE}", healthcheck: check },
  celery: { image: "${CELERY_IMAGE}", healthcheck: check },
  beat: { image: "${BEAT_IMAGE}", healthcheck: check },
  migrate: { image: "${WEB_IMAGE}", profiles: ["migrate"], restart: "no" },
};
const services = ["web", "nginx", "celery", "beat"];
const host = "registry";

export function releaseOf(word: string): RecordedRelease {
  return {
    revision: sha(word),
    tree: sha(`tree ${word}`),
    bundle: { repository: "threads/bundle", digest: digestOf(`bundle ${word}`) },
    images: Object.fromEntries(
      services.map((service) => [service, { repository: `shop/${service}`, digest: digestOf(`${service} ${word}`) }]),
    ),
  };
}

const together = { web: { containers: ["web", "nginx"], cpu: 256, memory: 512 } };

const config = aConfig({
  app: "shop",
  services,
  smoke: { compose: "smoke.yml", entry: { service: "nginx", port: 8080 } },
  runtime: { compose: "compose.yml", singletons: ["beat"], workers: ["celery"], migrate: "migrate" },
  environments: { prod: onEcs({ services: together }) },
});

/** What ECS is told of a release, whose bundle nobody has to read here. */
function translated({ revision, tree, bundle, images }: RecordedRelease): readonly Translated[] {
  const known = beforehand(compose, { ecs: { services: together } });
  const pinOf = (name: string): string => {
    const pin = images[name === "migrate" ? "web" : name];
    return `${host}/${pin?.repository ?? ""}@${pin?.digest ?? ""}`;
  };
  const names = Object.keys(compose);
  const { tasks, problems } = translate({
    ...known,
    images: Object.fromEntries(names.map((name) => [name, pinOf(name)])),
    imageFacts: Object.fromEntries(names.map((name) => [name, image()])),
    envFiles: new Map(),
    revision,
    tree,
    bundle: bundle.digest,
  });
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return tasks;
}

/** Tasks without containers: what becomes of each says `fateOf`. While the world is held, nothing becomes of those that are new. */
function scriptedRunner(fateOf: (task: Task) => Fate, held: () => boolean) {
  interface Running {
    readonly task: Task;
    readonly report: (seen: Seen) => Promise<void>;
    told: boolean;
    runs: boolean;
  }
  const running = new Map<string, Running>();
  const runner: TaskRunner = {
    run: (task, _, report) => void running.set(task.id, { task, report, told: false, runs: false }),
    stop: ({ id }) => {
      const found = running.get(id);
      if (found !== undefined) found.told = true;
    },
  };
  const step = async (one: Running): Promise<void> => {
    const fate = fateOf(one.task);
    const shown = one.task.containers.map(({ name, image: reference }) => ({
      name,
      image: reference,
      imageDigest: reference.split("@")[1] ?? digestOf(reference),
    }));
    const all = (more: object) => shown.map((container) => ({ ...container, ...more }) as Seen["containers"][number]);
    const stopped = { lastStatus: "STOPPED", healthStatus: "UNKNOWN" };
    const end = async (more: object, stop?: Seen["stop"]): Promise<void> => {
      running.delete(one.task.id);
      await one.report({ lastStatus: "STOPPED", containers: all({ ...stopped, ...more }), ...(stop && { stop }) });
    };
    if (one.told) return end({ exitCode: 143 });
    if (held() && !one.runs) return;
    const exited = { code: "EssentialContainerExited", reason: "Essential container in task exited" } as const;
    if (fate === "cannot-pull") {
      const reason = "CannotPullContainerError: not found";
      return end({ reason }, { code: "TaskFailedToStart", reason });
    }
    if (typeof fate === "object") return end({ exitCode: fate.exits }, exited);
    if (fate === "dies" && one.runs) return end({ exitCode: 3 }, exited);
    one.runs = true;
    const healthStatus = fate === "sick" ? "UNHEALTHY" : fate === "dies" ? "UNKNOWN" : "HEALTHY";
    await one.report({ lastStatus: "RUNNING", containers: all({ lastStatus: "RUNNING", healthStatus }) });
  };
  return {
    runner,
    async step(): Promise<void> {
      for (const one of running.values()) await step(one);
    },
  };
}

/**
 * An environment on ECS, in this process: the sandbox's API and scheduler, tasks by script, and a clock that runs as somebody
 * sleeps. @param now what its clock shows first
 */
export async function openWorld(now = Date.parse("2026-11-28T08:00:00Z")) {
  /** `meanwhile` is what somebody else does at this moment, which no time passes over. */
  const state = {
    now,
    fate: ((): Fate => "well") as (task: Task) => Fate,
    meanwhile: Promise.resolve() as Promise<unknown>,
  };
  let hold: Promise<void> | undefined;
  let stopped: Promise<void> | undefined;
  let begun = Promise.withResolvers<void>();
  const isOnce = (task: Task): boolean => task.startedBy?.startsWith("threads/") === true;
  const fateOf = (task: Task): Fate => {
    const fate = state.fate(task);
    return fate === "well" && isOnce(task) ? { exits: 0 } : fate;
  };
  const scripted = scriptedRunner(fateOf, () => hold !== undefined);
  let tick: () => Promise<void> = async () => {};
  const sandbox = await openSandbox({
    upstream: connectUpstream("http://127.0.0.1:1"),
    withoutSockets: true,
    services: async (_, settings) => {
      const report = (line: string): never => {
        throw new Error(line);
      };
      const { runner } = scripted;
      const ecs = await createEcs({
        stateDir: undefined,
        account,
        region,
        now: () => state.now,
        runner,
        settings,
        report,
      });
      tick = () => ecs.tick();
      return [ecs.service];
    },
  });
  const client = new ECSClient(sandbox.clientSettings);
  await client.send(new CreateClusterCommand({ clusterName: "shop" }));
  const look = async (): Promise<void> => {
    state.now += 1_000;
    await scripted.step();
    await state.meanwhile;
    await tick();
  };
  const cancelNow = new AbortController();
  const detach = new AbortController();
  const clock: Clock = {
    now: () => state.now,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      begun.resolve();
      const wait = hold;
      if (wait !== undefined) await (signal === undefined ? wait : unlessAborted(signal, () => wait));
      for (let passed = 0; passed < ms; passed += 1_000) await look();
      signal?.throwIfAborted();
    },
  };
  const aws = { contact: openContact(), profile: undefined, ecs: async () => client };
  const environment = config.environments["prod"];
  if (environment === undefined || !hasEcs(environment)) throw new Error("prod is not on ECS");
  const ports = {
    config,
    call: ecsCalls({ aws, clock }),
    clock,
    registryHost: host,
    translated: async (_: string, release: RecordedRelease) => translated(release),
    cancelNow: cancelNow.signal,
    detach: detach.signal,
  };
  return {
    sandbox,
    client,
    config,
    environment,
    ports,
    state,
    look,
    cancelNow,
    detach,
    target: taskTarget(environment, ports),
    /** As who goes back has it: no registry is asked. */
    targetBack: taskTarget(environment, { ...ports, translated: undefined as never }),
    async looks(count: number): Promise<void> {
      for (let n = 0; n < count; n += 1) await look();
    },
    hold(): { readonly begun: Promise<void>; go(): void } {
      begun = Promise.withResolvers();
      const released = Promise.withResolvers<void>();
      hold = released.promise;
      const go = (): void => {
        hold = undefined;
        released.resolve();
      };
      return { begun: begun.promise, go };
    },
    /** Keys of the task definitions that there are: what comes later is another release's. */
    async known(): Promise<ReadonlySet<string>> {
      const all = await Promise.all(["web", "celery", "beat"].map((name) => this.service(`shop-prod-${name}`)));
      return new Set(all.map((one) => one?.taskDefinition?.split("/")[1] ?? ""));
    },
    describe: (...names: readonly string[]) =>
      client.send(new DescribeServicesCommand({ cluster: "shop", services: [...names], include: ["TAGS"] })),
    async service(name: string) {
      return (await this.describe(name)).services?.[0];
    },
    /** Somebody puts another image there by hand. */
    async meddle(service = "shop-prod-web"): Promise<void> {
      const containerDefinitions = ["web", "nginx"].map((name) => ({ name, image: `by-hand@${digestOf("by hand")}` }));
      const { taskDefinition } = await client.send(
        new RegisterTaskDefinitionCommand({
          family: "by-hand",
          networkMode: "awsvpc",
          requiresCompatibilities: ["FARGATE"],
          cpu: "256",
          memory: "512",
          containerDefinitions,
        }),
      );
      const taskDefinitionArn = taskDefinition?.taskDefinitionArn ?? "";
      await client.send(new UpdateServiceCommand({ cluster: "shop", service, taskDefinition: taskDefinitionArn }));
    },
    /** Nothing answers any more. */
    unplug(): void {
      stopped ??= sandbox.stop();
    },
    async close(): Promise<void> {
      client.destroy();
      await (stopped ??= sandbox.stop());
    },
  };
}

export type OpenWorld = Awaited<ReturnType<typeof openWorld>>;
