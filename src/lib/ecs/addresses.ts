import { list } from "../text/words.ts";
import type { EcsFacts } from "./facts.ts";
import type { Group } from "./groups.ts";
import { type Report, reportOf } from "./report.ts";
import type { ContainerDefinition } from "./task-definition.ts";

/** A container of a task, by the name of its service. */
type Container = readonly [service: string, container: Pick<ContainerDefinition, "environment">];

/**
 * Compose gives containers names to find each other by; a task gives them one network, and no names: awsvpc takes no extraHosts
 * (API reference, ContainerDefinition).
 */
export function tellAddresses(
  { members, kind }: Pick<Group, "members" | "kind">,
  containers: readonly Container[],
  { model, environment }: Pick<EcsFacts, "model" | "environment">,
  report: Report,
): void {
  const all = containers.flatMap(([service, own]) =>
    (own.environment ?? []).map((variable) => ({ service, ...variable })),
  );
  const named = all.flatMap(({ service, name: key, value }) => {
    const meant = Object.keys(model.services).find((one) => one !== service && isAddressOf(one, value));
    return meant === undefined ? [] : [{ service, key, meant }];
  });
  for (const { service, key, meant } of named)
    reportOf(service, report).note(
      `has ${meant} as an address in ${key}, and finds it by that name in compose alone: ${members.includes(meant) ? "both are one task, where it is at 127.0.0.1" : "it is a task of its own, which needs an address of yours"}. Take it as a variable (\${${key}:-…}), and set that in environments.${environment}.ecs.variables`,
    );
  if (members.length < 2 || kind === "one-off") return;
  // Who says where one of them is knows what is to be known.
  if (all.some(({ value }) => /\b(?:127\.0\.0\.1|localhost)\b/.test(value))) return;
  if (named.some(({ meant }) => members.includes(meant))) return;
  report.notes.push({
    service: list(members),
    says: "share one network: they find each other at 127.0.0.1, and not by their names as in compose",
  });
}

/** Whether a value such as `http://api:8000` says of a service where it is. */
function isAddressOf(service: string, value: string): boolean {
  const name = service.replaceAll(".", "[.]");
  return new RegExp(`(?:^|//|@)${name}:\\d|(?://|@)${name}(?:[/?]|$)`).test(value);
}
