import type {
  CheckProvenance,
  Provenance,
  ProvenancePorts,
  ReadAhead,
  ReadFiles,
  Sources,
} from "../provenance/provenance.ts";
import type { AwsClients } from "../aws/clients.ts";
import type { World } from "./world.ts";

type Opened = Pick<ProvenancePorts, "config" | "source" | "registry"> & {
  /** What git has is read ahead once the first requests have left: loading what reads it would keep them waiting. */
  readonly aws?: Pick<AwsClients, "left">;
};

/** How a bundle is compared with git: once each, since neither ever changes. What it takes is loaded with the first. */
export function openProvenance(
  { aws, ...opened }: Opened,
  { processes, clock, env, signal }: Pick<World, "processes" | "clock" | "env" | "signal">,
): { readonly provenance: CheckProvenance; readonly readAhead: ReadAhead; readonly readFiles: ReadFiles } {
  const load = async () => {
    const [of, { dockerCompose }] = await Promise.all([
      import("../provenance/provenance.ts"),
      import("../compose/docker-compose.ts"),
    ]);
    return { ...of, ports: { ...opened, compose: dockerCompose({ processes, clock, env }), signal } };
  };
  const ahead = new Map<string, Promise<Sources | undefined>>();
  const known = new Map<string, Promise<Provenance>>();
  const readAhead: ReadAhead = (revision) => {
    if (ahead.has(revision)) return;
    const read = Promise.resolve(aws?.left).then(async (hasAsked = true) => {
      if (!hasAsked) return undefined;
      const of = await load();
      return of.readSources(revision, of.ports);
    });
    // What fails here fails again where the answer is wanted, and is told there.
    ahead.set(
      revision,
      read.catch(() => undefined),
    );
  };
  return {
    readAhead,
    readFiles: async (revision) => {
      readAhead(revision);
      const [of, read] = await Promise.all([load(), ahead.get(revision)]);
      return read?.files ?? (await of.readSources(revision, of.ports)).files;
    },
    provenance: (published) => {
      const there = known.get(published.digest);
      if (there !== undefined) return there;
      // Where nothing is kept waiting by it, readFiles has the same.
      if (aws === undefined) readAhead(published.release.revision);
      const asked = load().then((of) => of.provenanceOf(published, of.ports, ahead.get(published.release.revision)));
      known.set(published.digest, asked);
      return asked;
    },
  };
}
