import { relative } from "node:path";
import { checksOfSmoke } from "../config/checks-for.ts";
import type { Config } from "../config/config.ts";
import type { SmokePlan } from "./result.ts";

/** What git says about the sources, as far as building from them needs it (source/source.ts `Head` fits). */
export interface SourceFacts {
  readonly revision: string;
  readonly tree: string;
  /** Changed files; empty = clean. */
  readonly dirty: readonly string[];
}

/** The revision that images carry: what is built from a changed tree must not pass for its commit. */
export function builtRevision(facts: SourceFacts): string {
  return facts.dirty.length === 0 ? facts.revision : `${facts.revision}-dirty`;
}

/** Pure: what `threads smoke` will do with these sources. */
export function planSmoke(
  config: Pick<Config, "app" | "root" | "services" | "smoke" | "checks">,
  facts: SourceFacts,
): SmokePlan {
  const { smoke, services, app, root } = config;
  const dirty = facts.dirty.length > 0;
  return {
    revision: builtRevision(facts),
    tree: facts.tree,
    dirty,
    compose: smoke.compose.map((file) => relative(root, file)),
    images: services.map((service) => ({ service, tag: dirty ? null : `${app}-${service}:${facts.revision}` })),
    environment:
      smoke.env === undefined ? null : { template: relative(root, smoke.env.template), generated: smoke.env.generate },
    checks: checksOfSmoke(config).map((check) => check.path),
  };
}
