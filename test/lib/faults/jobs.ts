import { promote } from "../../../src/lib/actions/promote/run.ts";
import { publish } from "../../../src/lib/actions/publish/run.ts";
import { digestOf } from "../../../src/lib/image/digest.ts";
import { uploadLabel } from "../../../src/lib/registry/bundle.ts";
import { promotedTag } from "../../../src/lib/release/release.ts";
import type { Head } from "../../../src/lib/source/source.ts";
import { fakeIndex } from "../../fakes/index-image.ts";
import type { Job } from "./every-call.ts";
import { promotePorts } from "./promote-ports.ts";
import { type FaultWorld, startProcess } from "./world.ts";

export const publishing: Job = {
  prepare: () => Promise.resolve(),
  run: ({ ports }) => publish({ dryRun: false }, ports),
  tags: ({ revision }) => [revision],
  uploadOf: ({ docker, config }, { revision }, service) => {
    const { index, config: contents = "" } = docker.images.get(`${config.app}-${service}:${revision}`) ?? {};
    return uploadLabel(index?.digest ?? digestOf(contents));
  },
};

/** The same, but what goes on where a run has stopped is a machine that has built the commit once more. */
export function publishingElsewhere({ docker, config }: FaultWorld): Job {
  const begun = new Set<Head>();
  return {
    ...publishing,
    run: (process, head) => {
      if (!begun.has(head)) {
        begun.add(head);
        return publishing.run(process, head);
      }
      for (const service of config.services) {
        const name = `${config.app}-${service}:${head.revision}`;
        const { index, labels = {} } = docker.images.get(name) ?? {};
        const text = `${service} of ${head.revision}, built elsewhere`;
        docker.images.set(name, { config: text, labels, ...(index !== undefined && { index: fakeIndex({ text }) }) });
      }
      return publish({ dryRun: false, adopt: true }, process.ports);
    },
  };
}

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
