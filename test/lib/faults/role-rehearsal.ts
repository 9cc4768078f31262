import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RehearsePorts, Stage } from "../../../src/lib/actions/rehearse/ports.ts";
import { rehearse } from "../../../src/lib/actions/rehearse/run.ts";
import type { RolloutResult } from "../../../src/lib/fleet/result.ts";
import { ecrBlobs } from "../../../src/lib/registry/ecr/fetch-blob.ts";
import { fetchImages } from "../../../src/lib/registry/oci/fetch-images.ts";
import { openRegistry } from "../../../src/lib/registry/open.ts";
import type { PublishedRelease } from "../../../src/lib/release/release.ts";
import { pulledImages } from "../../../src/lib/release/release.ts";
import { openRehearsal } from "../../../src/lib/wire/rehearsal.ts";
import { measuring } from "../../fakes/load.ts";
import type { RoleCommand } from "./role-commands.ts";
import type { CommandWorld, RoleWorld } from "./role-world.ts";

// What a rehearsal asks of AWS: a record at its end, and all bytes of two releases before. What becomes of them in a sandbox has
// nothing to do with rights. So that each run has a record of its own, it is of another rate.

async function rehearseBy(rate: number, commands: CommandWorld, { heads }: RoleWorld): Promise<unknown> {
  const opened = await openRehearsal({ ...commands, detach: commands.signal });
  const ports: RehearsePorts = {
    ...opened,
    openStage: async ({ releases }) => {
      await fetched(releases, commands);
      return stage;
    },
    runLoad: measuring(total),
  };
  const options = { environment: "prod", release: heads[2].revision, dryRun: false, rate };
  return rehearse(options, ports);
}

const total = { requests: 10, errors: 0, p50Ms: 1, p90Ms: 2, p99Ms: 3, maxMs: 4 };
const deployed = { number: 1 } as RolloutResult;
const stage: Stage = {
  places: [{ host: "prod-1", url: "http://127.0.0.1:1" }],
  deploy: () => Promise.resolve(deployed),
  rollback: () => Promise.resolve(deployed),
  stepsOf: () => Promise.resolve([]),
  watch: () => ({ stop: () => Promise.resolve({ locks: [], memory: [] }) }),
  close: () => Promise.resolve(),
};

async function fetched(releases: readonly PublishedRelease[], commands: CommandWorld): Promise<void> {
  const [config, aws] = await Promise.all([commands.config(), commands.aws()]);
  const { clock, signal } = commands;
  const { repo, registry } = await openRegistry({ config, aws, clock, signal });
  const pins = releases.flatMap(({ release, digest, repository }) => [
    ...Object.values(pulledImages(release)),
    { repository, digest },
  ]);
  const folder = await mkdtemp(join(tmpdir(), "threads-role-"));
  try {
    await fetchImages(folder, pins, { registry, fetchBlob: ecrBlobs({ repo, aws, clock, signal }) });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Of both who may: the one says whether it may be promoted, the other deploys where nothing is promoted. */
export const rehearsals: readonly RoleCommand[] = (["promoter", "deployer"] as const).flatMap((job) => [
  { job, line: "rehearse", run: (_, commands, world) => rehearseBy(10, commands, world) } satisfies RoleCommand,
  {
    job,
    line: "rehearse, lost replies",
    prepare: (world) => world.admin((_, commands) => rehearseBy(10, commands, world)),
    run: async (_, commands, world) => {
      await world.settings({ faults: [{ operation: "PutParameter", kind: "drop-reply", skip: 1 }] });
      return rehearseBy(20, commands, world);
    },
  } satisfies RoleCommand,
]);
