import { type SourceFacts, builtRevision, planSmoke } from "../../stack/plan.ts";
import type { SmokeResult } from "../../stack/result.ts";
import { runStack, type RunStackPorts } from "../../stack/run-stack.ts";
import { commitAll } from "../../source/commit-all.ts";
import { count } from "../../text/words.ts";

export interface SmokePorts extends RunStackPorts {
  readonly source: { head(): Promise<SourceFacts> };
}

export interface SmokeOptions {
  readonly dryRun: boolean;
  /** The stack stays, whether it passes or not. */
  readonly keep?: boolean;
}

/**
 * Builds the images, runs them as a stack, checks it from outside, and tags them `<app>-<service>:<sha>` only then:
 * the local tag means "smoke passed". A changed working tree is smoked too, but gets no tag.
 */
export async function smoke(options: SmokeOptions, ports: SmokePorts): Promise<SmokeResult> {
  const facts = await ports.source.head();
  const plan = planSmoke(ports.config, facts);
  if (options.dryRun) return { outcome: "planned", ...plan, next: ["threads smoke"], advice: [] };
  if (plan.dirty) ports.progress.warn(`${count(facts.dirty.length, "uncommitted change")}: the images will get no tag`);
  const tagged: string[] = [];
  const { images, checks, durations, migrations, leftovers, kept } = await runStack(
    {
      revision: plan.revision,
      tree: plan.tree,
      build: true,
      keep: options.keep === true,
      passed: async (ran) => {
        const tags = plan.images.flatMap(({ service, tag }) => {
          const id = ran.find((image) => image.service === service)?.id;
          return tag === null || id === undefined ? [] : [{ id, tag }];
        });
        if (tags.length === 0 || (await hasChanged(facts, ports))) return;
        await Promise.all(tags.map(({ id, tag }) => ports.compose.tag(id, tag, ports.signal)));
        tagged.push(...tags.map(({ tag }) => tag));
      },
    },
    ports,
  );
  return {
    outcome: "passed",
    revision: plan.revision,
    tree: plan.tree,
    dirty: plan.dirty,
    images: images.map(({ service, id, reference }) => ({ service, id, reference })),
    checks,
    durations,
    migrations: migrations ?? null,
    tagged,
    leftovers,
    kept,
    next: [
      tagged.length > 0 ? "threads publish" : smokeAgain(facts),
      ...(kept === null ? [] : [`threads smoke down ${kept.project}`]),
    ],
    advice: tagged.length === 0 ? ["the images got no tag: commit everything and run it again before you publish"] : [],
  };
}

/** What was changed only while it ran is not known, and may be committed. */
function smokeAgain({ dirty }: SourceFacts): string {
  return dirty.length === 0 ? "git status" : `${commitAll(dirty)} && threads smoke`;
}

/** Somebody may have edited or committed while the images were built: then nobody knows what is in them. */
async function hasChanged(before: SourceFacts, ports: SmokePorts): Promise<boolean> {
  const after = await ports.source.head();
  if (builtRevision(after) === before.revision) return false;
  ports.progress.warn("the working tree changed while the images were built: they get no tag");
  return true;
}
