import type { carrier } from "./carried.ts";
import type { OpenService } from "./raw-model.ts";

/** A service as any host can run it: with its image by variable, and its files where the bundle brings them. */
export function portable(
  service: OpenService,
  how: {
    readonly name: string;
    readonly image: string;
    readonly migrate: string | undefined;
    readonly carry: ReturnType<typeof carrier>;
  },
): OpenService {
  const { build: _build, container_name: _name, develop: _develop, profiles: _profiles, ...rest } = service;
  const { name, image, migrate, carry } = how;
  return {
    ...withoutNeed(rest, migrate),
    image,
    // Run by us before the switch, and by nobody else.
    ...(name === migrate ? { profiles: ["migrate"] } : {}),
    ...(rest.env_file === undefined ? {} : { env_file: rest.env_file.map((entry) => carry.envFile(entry)) }),
    ...(rest.volumes === undefined ? {} : { volumes: rest.volumes.map((mount) => carry.mount(name, mount)) }),
  };
}

/** Nobody has to wait for the migration: it has ended before anything is switched, and compose does not see it. */
function withoutNeed(service: OpenService, migrate: string | undefined): OpenService {
  const { depends_on: needs, ...rest } = service;
  if (needs === undefined || migrate === undefined || needs[migrate] === undefined) return service;
  const others = Object.entries(needs).filter(([name]) => name !== migrate);
  return { ...rest, ...(others.length > 0 && { depends_on: Object.fromEntries(others) }) };
}
