import { relative } from "node:path";
import { checksOfSmoke } from "../config/checks-for.ts";
import type { Config } from "../config/config.ts";
import type { PublishedRelease } from "../release/release.ts";
import type { SmokePlan } from "./result.ts";
import { publishedReferences } from "./smoke-published.ts";

/** What git says about the sources, as far as building from them needs it (source/source.ts `Head` fits). */
export interface SourceFacts {
  readonly revision: string;
  readonly tree: string;
  /** Changed files; empty = clean. */
  readonly dirty: readonly string[];
}

type PlanConfig = Pick<Config, "root" | "smoke" | "checks">;

/** The revision that images carry: what is built from a changed tree must not pass for its commit. */
export function builtRevision(facts: SourceFacts): string {
  return facts.dirty.length === 0 ? facts.revision : `${facts.revision}-dirty`;
}

/** Pure: what `threads smoke` will do with these sources. */
export function planSmoke(config: PlanConfig & Pick<Config, "app" | "services">, facts: SourceFacts): SmokePlan {
  const { services, app } = config;
  const dirty = facts.dirty.length > 0;
  return {
    revision: builtRevision(facts),
    tree: facts.tree,
    dirty,
    images: services.map((service) => ({
      service,
      tag: dirty ? null : `${app}-${service}:${facts.revision}`,
      reference: null,
    })),
    ...howTested(config),
    bundle: null,
  };
}

/** Pure: what `threads smoke --release` will do. Compose files and checks are those that lie here, as they are in a promotion. */
export function planPublishedSmoke(
  config: PlanConfig,
  { release, digest }: Pick<PublishedRelease, "release" | "digest">,
  host: string,
): SmokePlan {
  const { revision, tree, images } = release;
  const pulled = Object.entries(publishedReferences(images, host));
  return {
    revision,
    tree,
    dirty: false,
    images: pulled.map(([service, reference]) => ({ service, tag: null, reference })),
    ...howTested(config),
    bundle: digest,
  };
}

function howTested(config: PlanConfig): Pick<SmokePlan, "compose" | "environment" | "checks"> {
  const { smoke, root } = config;
  return {
    compose: smoke.compose.map((file) => relative(root, file)),
    environment:
      smoke.env === undefined ? null : { template: relative(root, smoke.env.template), generated: smoke.env.generate },
    checks: checksOfSmoke(config).map((check) => check.path),
  };
}
