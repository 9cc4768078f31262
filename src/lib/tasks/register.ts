import { compareDefinitions } from "../ecs/diff/compare.ts";
import type { TaskDefinition } from "../ecs/task-definition.ts";
import type { RegisterTaskDefinitionCommandInput } from "@aws-sdk/client-ecs";
import { contentTag, type Definition, findDefinition } from "./definitions.ts";
import type { OrderPorts } from "./order-ports.ts";

/** Registers a definition. After a lost reply it is looked for before it is sent again: ECS has no token for that. @returns its ARN */
export async function register(
  definition: TaskDefinition,
  { call, read }: Pick<OrderPorts, "call" | "read">,
): Promise<string> {
  const { family } = definition;
  return call({
    doing: `registering a task definition of ${family}`,
    send: async (client, { RegisterTaskDefinitionCommand }, options) => {
      // What ECS takes is a list that can be changed; it is not.
      const input = definition as unknown as RegisterTaskDefinitionCommandInput;
      const { taskDefinition } = await client.send(new RegisterTaskDefinitionCommand(input), options);
      return taskDefinition?.taskDefinitionArn ?? "";
    },
    ifLost: async () => (await findDefinition(family, isOf(definition), { call, read, most: 5 }))?.arn,
  });
}

/** What a task does, and as whom: nothing of it does ECS fill in by itself. */
const own =
  /^(?:container|image|command|entryPoint|user|privileged|healthCheck\.command|(?:environment|secrets)\..*|(?:execution|task)RoleArn)$/;

/** Whether one that is registered is this one. Tags say what it was made from, and anybody may write them: what it runs counts. */
export function isOf(definition: TaskDefinition): (one: Definition) => boolean {
  const tagOf = (name: string): string | undefined => definition.tags.find(({ key }) => key === name)?.value;
  const [content, bundle] = [tagOf(contentTag), tagOf("threads:bundle")];
  return ({ described, ...one }) =>
    one.content === content &&
    one.bundle === bundle &&
    compareDefinitions(described, definition).every(({ field }) => !own.test(field));
}
