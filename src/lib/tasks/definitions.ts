import type { TaskDefinition as Described } from "@aws-sdk/client-ecs";
import type { EcsCall } from "../aws/ecs-calls.ts";
import { clusterName } from "./application.ts";

/** A registered task definition: it never changes, but for whether it may still be used. */
export interface Definition {
  readonly arn: string;
  readonly family: string;
  readonly isActive: boolean;
  /** Digest of the bundle that it was made from, and the sha of that, by its tags. */
  readonly bundle: string | undefined;
  readonly revision: string | undefined;
  /** Of what it was registered with. */
  readonly content: string | undefined;
  /** As ECS has it, with what that fills in by itself. */
  readonly described: Described;
  readonly containers: readonly {
    readonly name: string;
    readonly image: string;
    readonly essential: boolean;
    /** ECS looks at its health. */
    readonly checked: boolean;
  }[];
}

/** The same content has the same hash: ECS itself fills in and reorders what it is told. */
export const contentTag = "threads:content";

export type ReadDefinition = (arn: string) => Promise<Definition>;

/** Each is read once: only its status can change meanwhile, and the newest word on that is ECS's own refusal. */
export function definitionReader(call: EcsCall): ReadDefinition {
  const read = new Map<string, Promise<Definition>>();
  return (arn) => {
    const known = read.get(arn) ?? describe(arn, call);
    read.set(arn, known);
    known.catch(() => read.delete(arn));
    return known;
  };
}

async function describe(arn: string, call: EcsCall): Promise<Definition> {
  const { taskDefinition = {}, tags = [] } = await call({
    doing: `reading the task definition ${clusterName(arn)}`,
    send: (client, { DescribeTaskDefinitionCommand }, options) =>
      client.send(new DescribeTaskDefinitionCommand({ taskDefinition: arn, include: ["TAGS"] }), options),
  });
  const tag = (name: string): string | undefined => tags.find(({ key }) => key === name)?.value;
  return {
    arn: taskDefinition.taskDefinitionArn ?? arn,
    family: taskDefinition.family ?? "",
    isActive: taskDefinition.status === "ACTIVE",
    bundle: tag("threads:bundle"),
    revision: tag("threads:release"),
    content: tag(contentTag),
    described: taskDefinition,
    containers: containersOf(taskDefinition),
  };
}

function containersOf({ containerDefinitions = [] }: Described): Definition["containers"] {
  return containerDefinitions.map(({ name = "", image = "", essential = true, healthCheck }) => {
    const [kind = "NONE"] = healthCheck?.command ?? [];
    return { name, image, essential, checked: kind !== "NONE" };
  });
}

/** A family may have a million revisions; a release that is gone back to is among the newest. */
const looksBack = 100;

/** The newest usable revision of a family that is so; undefined where there is none among the newest. */
export async function findDefinition(
  family: string,
  is: (definition: Definition) => boolean,
  { call, read, most = looksBack }: { readonly call: EcsCall; readonly read: ReadDefinition; readonly most?: number },
): Promise<Definition | undefined> {
  const { taskDefinitionArns = [] } = await call({
    doing: `listing the task definitions of ${family}`,
    send: (client, { ListTaskDefinitionsCommand }, options) =>
      client.send(
        new ListTaskDefinitionsCommand({ familyPrefix: family, status: "ACTIVE", sort: "DESC", maxResults: most }),
        options,
      ),
  });
  for (const arn of taskDefinitionArns) {
    const found = await read(arn);
    if (found.family === family && is(found)) return found;
  }
  return undefined;
}
