import { sentence } from "../../../src/lib/compose/problem.ts";
import type { Resources } from "../../../src/lib/compose/raw-model.ts";
import { type EcsEnvironment, hasEcs } from "../../../src/lib/ecs/environment-on-ecs.ts";
import type { EcsFacts } from "../../../src/lib/ecs/facts.ts";
import { factsBeforehand } from "../../../src/lib/ecs/facts-of.ts";
import { type ImageFacts, parseImageFacts } from "../../../src/lib/ecs/image-facts.ts";
import type { ContainerDefinition } from "../../../src/lib/ecs/task-definition.ts";
import { ThreadsError } from "../../../src/lib/errors/threads-error.ts";
import { type Task, translate, type Translation } from "../../../src/lib/ecs/translate.ts";
import { aConfig } from "../../fakes/config.ts";

type EnvironmentFile = NonNullable<Parameters<typeof aConfig>[0]>["environments"] extends (infer All) | undefined
  ? All extends Record<string, infer One>
    ? One
    : never
  : never;
type EcsFile = NonNullable<EnvironmentFile["ecs"]>;
type RuntimeFile = NonNullable<NonNullable<Parameters<typeof aConfig>[0]>["runtime"]>;

const least = {
  cluster: "shop",
  subnets: ["subnet-0a"],
  security_groups: ["sg-0a"],
  execution_role: "arn:aws:iam::123456789012:role/shop-execution",
} as const;

/** An environment on ECS as the file has it, with other keys. */
export function onEcs(ecs: Partial<EcsFile> = {}, more: Omit<EnvironmentFile, "ecs"> = {}) {
  return { ...more, ecs: { ...least, ...ecs } } as unknown as EnvironmentFile;
}

interface Given {
  readonly services: Readonly<Record<string, object>>;
  readonly resources?: Omit<Resources, "services">;
  readonly ecs?: Partial<EcsFile>;
  readonly more?: Omit<EnvironmentFile, "ecs">;
  readonly runtime?: Partial<RuntimeFile>;
  /** By service, what its image says. */
  readonly images?: Readonly<Record<string, object>>;
  readonly facts?: Partial<EcsFacts>;
}

export const targetGroup = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop/0123456789abcdef";

export const digest = `sha256:${"d".repeat(64)}`;

/** An image's config in docker's words. */
export function image(config: object = {}, architecture = "amd64"): ImageFacts {
  return parseImageFacts(JSON.stringify({ architecture, os: "linux", config }));
}

/** What is known of a compose file before it is published. */
export function beforehand(
  services: Given["services"],
  { resources, ecs, more, runtime }: Pick<Given, "resources" | "ecs" | "more" | "runtime"> = {},
): EcsFacts {
  const config = aConfig({
    app: "shop",
    services: ["web", "nginx", "celery", "beat"],
    smoke: { compose: "smoke.yml", entry: { service: "nginx", port: 8080 } },
    runtime: { compose: "compose.yml", singletons: ["beat"], migrate: "migrate", ...runtime },
    environments: { prod: onEcs(ecs, more) },
  });
  const environment = config.environments["prod"];
  if (environment === undefined || !hasEcs(environment)) throw new Error("prod is not on ECS");
  const model = { services, ...resources } as unknown as Resources;
  return factsBeforehand(environment satisfies EcsEnvironment, { config, model, region: "eu-west-1" });
}

/** What ECS is told of a compose file, as it is once a release is published. */
export function translated({ services, images = {}, facts, ...given }: Given): Translation {
  const known = beforehand(services, given);
  const names = Object.keys(services);
  return translate({
    ...known,
    images: Object.fromEntries(names.map((name) => [name, `registry/shop/${name}@${digest}`])),
    imageFacts: Object.fromEntries(names.map((name) => [name, image(images[name])])),
    settings: {
      ...known.settings,
      names: known.settings.names ?? (known.settings.from === undefined ? undefined : new Set()),
    },
    envFiles: new Map(),
    revision: "4f2c",
    tree: "77aa",
    bundle: `sha256:${"b".repeat(64)}`,
    ...facts,
  });
}

/** Of one service alone, with nothing else in the file. */
export function only(service: object, given: Omit<Given, "services"> = {}) {
  const found = translated({ services: { web: service }, ...given });
  return { ...found, ...told(found), container: container(found, "web") };
}

export function told({ problems, notes }: Translation) {
  return { refused: problems.map(sentence), noted: notes.map(sentence) };
}

export function task({ tasks }: Translation, name: string): Task {
  const found = tasks.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no task ${name}, only ${tasks.map((one) => one.name).join(", ")}`);
  return found;
}

export function container({ tasks }: Translation, name: string): ContainerDefinition {
  const all = tasks.flatMap(({ taskDefinition }) => taskDefinition.containerDefinitions);
  const found = all.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no container ${name}`);
  return found;
}

/** What a refusal says. */
export async function failureOf(work: Promise<unknown>): Promise<ThreadsError> {
  const error = await work.then(
    () => undefined,
    (failure: unknown) => failure,
  );
  if (error instanceof ThreadsError) return error;
  throw error instanceof Error ? error : new Error("it was not refused");
}
