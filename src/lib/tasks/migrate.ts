import type { MemberOrder } from "../fleet/target.ts";
import type { Prepared } from "./prepare.ts";
import type { Wanted } from "./wanted.ts";

/** What is run once before services are told anything; undefined where none of a release is. */
export function migrationOf({ wanted }: Prepared, name: string): Wanted | undefined {
  return wanted.find(({ service, containers }) => service === undefined && containers.includes(name));
}

/**
 * Whether a deployment that this one goes on with has told a service the release: that comes after its migration, which ECS forgets
 * within an hour, and a pause may last for two weeks.
 */
export function hasMigrated({ wanted, services }: Prepared, { goesOnWith = [] }: MemberOrder): boolean {
  return services.some(({ name, definition, marks: { order } }) => {
    const told = wanted.find(({ service }) => service === name);
    return order !== undefined && goesOnWith.includes(order.number) && told?.definition === definition;
  });
}
