import { promote } from "../../../src/lib/actions/promote/run.ts";
import { publish } from "../../../src/lib/actions/publish/run.ts";
import { promotedTag } from "../../../src/lib/release/release.ts";
import type { Head } from "../../../src/lib/source/source.ts";
import type { Job } from "./every-call.ts";
import { promotePorts } from "./promote-ports.ts";
import { type FaultWorld, startProcess } from "./world.ts";

export const publishing: Job = {
  prepare: () => Promise.resolve(),
  run: ({ ports }) => publish({ dryRun: false }, ports),
  tags: ({ revision }) => [revision],
};

export function promoting(world: FaultWorld): Job {
  return {
    prepare: (head) => published(world, head),
    run: async (process, { revision }) =>
      promote({ release: revision, environment: "prod", dryRun: false }, await promotePorts(process)),
    tags: ({ revision }) => [revision, promotedTag("prod", revision)],
  };
}

/** Publishes a commit in a process of its own. */
export async function published(world: FaultWorld, head: Head): Promise<void> {
  const process = await startProcess(world, head);
  await publish({ dryRun: false }, process.ports);
  process.end();
}
