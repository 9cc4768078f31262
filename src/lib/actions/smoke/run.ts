import { makeOutputFolder } from "../../process/output-folder.ts";
import { type SourceFacts, builtRevision, planSmoke } from "../../stack/plan.ts";
import type { Saved, SmokePlan, SmokeResult, StackReport } from "../../stack/result.ts";
import { runStack, type RunStackPorts } from "../../stack/run-stack.ts";
import type { ImageArchive } from "../../docker/archive.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { parseDigest } from "../../image/digest.ts";
import { commandText } from "../../process/processes.ts";
import { step } from "../../progress/progress.ts";
import { requireCleanTree } from "../../source/clean-tree.ts";
import { commitAll } from "../../source/commit-all.ts";
import { count } from "../../text/words.ts";

export interface SmokePorts extends RunStackPorts {
  readonly source: { head(): Promise<SourceFacts> };
  readonly archive: Pick<ImageArchive, "save">;
}

export interface SmokeOptions {
  readonly dryRun: boolean;
  /** The stack stays, whether it passes or not. */
  readonly keep?: boolean;
  /** Absolute path of a folder for the images that passed, so that another machine can publish them. */
  readonly save?: string | undefined;
}

/**
 * Builds the images, runs them as a stack, checks it from outside, and tags them `<app>-<service>:<sha>` only then:
 * the local tag means "smoke passed". A changed working tree is smoked too, but gets no tag.
 */
export async function smoke(options: SmokeOptions, ports: SmokePorts): Promise<SmokeResult> {
  const facts = await ports.source.head();
  if (options.save !== undefined) requireCleanTree(facts);
  const plan = planSmoke(ports.config, facts);
  if (options.dryRun) return { outcome: "planned", ...plan, next: [asPlanned(options)], advice: [] };
  if (options.save !== undefined) makeOutputFolder(options.save, "--save");
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
  const saved =
    options.save === undefined ? null : await save(options.save, { ...plan, images, tagged, migrations }, ports);
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
    saved,
    bundle: null,
    recorded: false,
    next: [
      tagged.length > 0 ? publishLine(saved) : smokeAgain(facts),
      ...(kept === null ? [] : [`threads smoke down ${kept.project}`]),
    ],
    advice: tagged.length === 0 ? ["the images got no tag: commit everything and run it again before you publish"] : [],
  };
}

type Ran = Pick<SmokePlan, "revision" | "tree"> &
  Pick<StackReport, "images" | "migrations"> & { readonly tagged: readonly string[] };

/** Only what has its tags has passed as a commit. @throws ThreadsError WORLD_CHANGED where it has none */
async function save(
  folder: string,
  { revision, tree, images, migrations, tagged }: Ran,
  ports: SmokePorts,
): Promise<Saved> {
  if (tagged.length === 0)
    throw new ThreadsError("WORLD_CHANGED", {
      message:
        "the working tree changed while the images were built: they passed, but are no commit's, and were not saved",
      next: ["git status", "threads smoke"],
    });
  const { archive, config, progress } = ports;
  const ids = images.map(({ service, id }) => [service, parseDigest(id)] as const);
  const handover = { app: config.app, revision, tree, images: Object.fromEntries(ids), migrations: migrations ?? null };
  return step(progress, `Save the images to ${folder}`, async () => {
    const { writeHandover } = await import("../../stack/handover.ts");
    return { folder, digest: await writeHandover(folder, handover, { names: tagged, archive }) };
  });
}

function asPlanned({ keep = false }: SmokeOptions): string {
  return keep ? "threads smoke --keep" : "threads smoke";
}

function publishLine(saved: Saved | null): string {
  if (saved === null) return "threads publish";
  return commandText({ file: "threads", args: ["publish", "--from", saved.folder, "--digest", saved.digest] });
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
