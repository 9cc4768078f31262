import type { ConfigFile, EcsConfig } from "./config.ts";
import { servicePrefix } from "./ecs-names.ts";
import { secretOf } from "./secret-of.ts";

interface Broken {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** What of environments on ECS the schema cannot say. */
export function ecsRules(file: ConfigFile): Broken[] {
  return [...eachAlone(file), ...namesCollide(file)];
}

function eachAlone({ environments, runtime }: ConfigFile): Broken[] {
  return Object.entries(environments).flatMap(([name, { hosts, ecs, envFrom = runtime.envFrom }]) => {
    if (ecs === undefined) return [];
    const path = ["environments", name];
    return [
      ...(hosts === undefined
        ? []
        : [{ path: [...path, "ecs"], message: `${name} has hosts and ecs: an environment runs on one of both` }]),
      ...inTwoTasks(ecs, [...path, "ecs", "services"]),
      ...oneName(ecs, [...path, "ecs", "services"]),
      ...(ecs.launchType === "EC2" && ecs.publicIp
        ? [{ path: [...path, "ecs", "public_ip"], message: "only tasks on Fargate can have a public_ip: take it away" }]
        : []),
      ...(ecs.launchType === "FARGATE" ? unfit(ecs, [...path, "ecs", "services"]) : []),
      ...unreadable(ecs, envFrom, path),
      ...ofRelease(ecs, [...path, "ecs", "variables"]),
    ];
  });
}

/**
 * Services are found, and rights to them are given, by how their names begin: those of `cloud-eu` would be those of `cloud` as well.
 */
function namesCollide({ app, environments }: ConfigFile): Broken[] {
  const all = Object.entries(environments).flatMap(([name, { ecs }]) =>
    ecs === undefined ? [] : [{ name, prefix: servicePrefix(app, name), cluster: ecs.cluster.split("/").at(-1) }],
  );
  return all.flatMap(({ name, prefix, cluster }, at) =>
    all
      .filter((other, index) => other.cluster === cluster && prefix.startsWith(other.prefix) && index !== at)
      .slice(0, 1)
      .map((other) => ({
        path: ["environments", name, "ecs", "cluster"],
        message: `services of ${name} are called ${prefix}…, as those of ${other.name} may be in the same cluster (${other.prefix}…): call one of both otherwise, or give it a cluster of its own`,
      })),
  );
}

function inTwoTasks({ services }: EcsConfig, path: Broken["path"]): Broken[] {
  const first = new Map<string, string>();
  return Object.entries(services).flatMap(([task, { containers = [task] }]) =>
    containers.flatMap((container) => {
      const other = first.get(container);
      first.set(container, task);
      return other === undefined
        ? []
        : [{ path: [...path, task], message: `${container} is in the task ${other} already` }];
    }),
  );
}

/** Two tasks of one service would be one release after the other, for ever. */
function oneName({ services }: EcsConfig, path: Broken["path"]): Broken[] {
  return (["name", "family"] as const).flatMap((key) => {
    const first = new Map<string, string>();
    return Object.entries(services).flatMap(([task, { [key]: name }]) => {
      if (name === undefined) return [];
      const other = first.get(name);
      first.set(name, task);
      return other === undefined
        ? []
        : [{ path: [...path, task, key], message: `the task ${other} has the ${key} ${name} already` }];
    });
  });
}

const gib = 1024;
const each = (from: number, to: number, step: number): readonly number[] =>
  Array.from({ length: (to - from) / step + 1 }, (_, at) => from + at * step);

/** MiB that go with so many CPU units (ECS developer guide, "Fargate task definition differences": task CPU and memory). */
const fargate: ReadonlyMap<number, readonly number[]> = new Map([
  [256, [512, 1 * gib, 2 * gib]],
  [512, each(1 * gib, 4 * gib, gib)],
  [1024, each(2 * gib, 8 * gib, gib)],
  [2048, each(4 * gib, 16 * gib, gib)],
  [4096, each(8 * gib, 30 * gib, gib)],
  [8192, each(16 * gib, 60 * gib, 4 * gib)],
  [16_384, each(32 * gib, 120 * gib, 8 * gib)],
]);

/** ECS would say "No Fargate configuration exists for given values." when it is registered. */
function unfit({ services }: EcsConfig, path: Broken["path"]): Broken[] {
  return Object.entries(services).flatMap(([task, { cpu, memory }]) => {
    const sizes = fargate.get(cpu);
    if (sizes === undefined)
      return [
        { path: [...path, task, "cpu"], message: `Fargate has cpu ${[...fargate.keys()].join(", ")}, and not ${cpu}` },
      ];
    if (sizes.includes(memory)) return [];
    const fits = sizes.length > 4 ? `${sizes[0]}, ${sizes[1]} … ${sizes.at(-1)}` : sizes.join(", ");
    return [
      { path: [...path, task, "memory"], message: `with cpu ${cpu} Fargate has memory ${fits}, and not ${memory}` },
    ];
  });
}

/** ECS takes a secret of Secrets Manager by its ARN, and what is in one nobody can tell without its values. */
function unreadable({ settings }: EcsConfig, envFrom: string | undefined, path: Broken["path"]): Broken[] {
  if (envFrom === undefined) {
    if (settings === undefined) return [];
    return [{ path: [...path, "ecs", "settings"], message: "settings are named, and no env_from says where they are" }];
  }
  const secret = secretOf(envFrom);
  if (secret === undefined) return [];
  return [
    ...(secret.startsWith("arn:")
      ? []
      : [
          {
            path: [...path, "env_from"],
            message: `ECS takes a secret by its ARN: secretsmanager:arn:… and not ${secret}`,
          },
        ]),
    ...(settings === undefined
      ? [{ path: [...path, "ecs"], message: "a secret tells no names without its values: name them in ecs.settings" }]
      : []),
  ];
}

function ofRelease({ variables }: EcsConfig, path: Broken["path"]): Broken[] {
  return ["REVISION", "TREE"]
    .filter((name) => name in variables)
    .map((name) => ({
      path: [...path, name],
      message: `${name} is the release's own, and threads sets it: take it away`,
    }));
}
