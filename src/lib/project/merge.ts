import type { ComposeFile, ComposeService } from "./compose-file.ts";

/** The services of several files as one, later files over earlier ones. */
export function servicesOf(files: readonly ComposeFile[]): ComposeService[] {
  const merged = new Map<string, ComposeService>();
  for (const service of files.flatMap(({ services }) => services)) {
    const before = merged.get(service.name);
    merged.set(service.name, before === undefined ? service : over(before, service));
  }
  return [...merged.values()];
}

function over(before: ComposeService, service: ComposeService): ComposeService {
  return {
    ...before,
    image: service.image ?? before.image,
    built: before.built || service.built,
    recipe: service.built ? service.recipe : before.recipe,
    mappings: [...before.mappings, ...service.mappings],
    ports: [...before.ports, ...service.ports],
    exposed: [...before.exposed, ...service.exposed],
    dependsOn: [...before.dependsOn, ...service.dependsOn],
    healthcheck: service.healthcheck === "" ? before.healthcheck : service.healthcheck,
    command: service.command === "" ? before.command : service.command,
    needs: [...before.needs, ...service.needs],
    envFiles: [...before.envFiles, ...service.envFiles],
  };
}
