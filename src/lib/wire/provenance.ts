import type { Config } from "../config/config.ts";
import type { CheckProvenance, Provenance } from "../provenance/provenance.ts";
import type { Registry } from "../registry/registry.ts";
import type { Source } from "../source/source.ts";
import type { World } from "./world.ts";

interface Opened {
  readonly config: Config;
  readonly source: Source;
  readonly registry: Registry;
}

/** How a bundle is compared with git: once each, since neither ever changes. What it takes is loaded with the first. */
export function openProvenance(
  opened: Opened,
  { processes, clock, env, signal }: Pick<World, "processes" | "clock" | "env" | "signal">,
): CheckProvenance {
  const known = new Map<string, Promise<Provenance>>();
  return (published) => {
    const there = known.get(published.digest);
    if (there !== undefined) return there;
    const asked = (async () => {
      const [{ provenanceOf }, { dockerCompose }] = await Promise.all([
        import("../provenance/provenance.ts"),
        import("../compose/docker-compose.ts"),
      ]);
      return provenanceOf(published, { ...opened, compose: dockerCompose({ processes, clock, env }), signal });
    })();
    known.set(published.digest, asked);
    return asked;
  };
}
