import type { Config } from "../../config/config.ts";
import type { DockerImages } from "../../docker/images.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { requireProvenance } from "../../gates/judge-provenance.ts";
import type { Digest } from "../../image/digest.ts";
import type { Progress } from "../../progress/progress.ts";
import type { CheckProvenance } from "../../provenance/provenance.ts";
import type { Registry } from "../../registry/registry.ts";
import type { PublishedRelease } from "../../release/release.ts";
import { shortRevision } from "../../release/revision.ts";
import { list } from "../../text/words.ts";
import { isSame, localName } from "./plan.ts";
import { type Asked, publishLine } from "./publish-line.ts";
import { describeLine } from "../../registry/describe-line.ts";

export interface SameBuildPorts {
  readonly config: Config;
  readonly registry: Pick<Registry, "host" | "read">;
  readonly docker: Pick<DockerImages, "inspect">;
  readonly provenance: CheckProvenance;
  readonly progress: Pick<Progress, "warn">;
}

/**
 * What is published already is this machine's release only if it is what this machine has smoked, from what git has here.
 * Where one of both is not here to compare with, that is said. No two builds of a commit are the same: whoever is told to
 * adopt lets another one stand, but only where its bundle was compared with git. What is to be signed leaves nothing open: whose
 * it is, somebody has to have said.
 * @throws ThreadsError FOREIGN_RELEASE (conflict), BUNDLE_DIFFERS, SOURCES_UNKNOWN, NOT_SMOKED (refused)
 */
export async function requireSameBuild(
  published: PublishedRelease,
  { asked, signs }: { readonly asked: Asked; /** Whether signatures are to be made. */ readonly signs: boolean },
  ports: SameBuildPorts,
): Promise<Compared> {
  const [provenance, compared] = await Promise.all([ports.provenance(published), compareImages(published, ports)]);
  const short = shortRevision(published.release.revision);
  const { different, missing } = compared;
  const { adopt } = asked;
  const adopting = publishLine({ ...asked, adopt: true });
  if (provenance.state === "unknown" && !signs && !(adopt && different.length > 0))
    ports.progress.warn(`nobody has compared the bundle of ${short} with git: ${provenance.why.message}`);
  else requireProvenance(published, provenance);
  if (different.length > 0 && !adopt) throw foreignRelease(published, different, adopting);
  if (missing.length > 0 && signs && !adopt) throw notSmokedHere(published, missing, adopting);
  for (const { service, here, there } of different)
    ports.progress.warn(
      `${service} stays as it is published, ${there}: what passed here is another build, of id ${here}`,
    );
  if (missing.length > 0)
    ports.progress.warn(
      `this machine has not smoked ${list(missing)} of ${short}: whether what is published is what would pass here, it cannot tell`,
    );
  return compared;
}

export interface Different {
  readonly service: string;
  readonly here: string;
  readonly there: Digest;
}

/** The images of a release in the registry, beside those that smoke has tagged here. */
export interface Compared {
  readonly different: readonly Different[];
  /** Services that docker has no smoked image of, or the release no pin. */
  readonly missing: readonly string[];
}

/** What is not built here has no build to compare. */
export async function compareImages(
  { release }: PublishedRelease,
  { config, registry, docker }: Pick<SameBuildPorts, "config" | "registry" | "docker">,
): Promise<Compared> {
  const { app, services } = config;
  const names = services.map((service) => localName(app, service, release.revision));
  const local = await docker.inspect(names).catch((error: unknown) => {
    // To publish what is published takes no docker.
    if (error instanceof ThreadsError && error.outcome !== "interrupted") return new Map<string, never>();
    throw error;
  });
  const compared = services.map(async (service, index): Promise<Compared> => {
    const [pin, image] = [release.images[service], local.get(names[index] ?? "")];
    if (pin === undefined || image === undefined) return { different: [], missing: [service] };
    const { repository, digest } = pin;
    const manifest = await registry.read(repository, digest);
    // That one is gone is for others to say.
    const isOurs = manifest === undefined || isSame(image, manifest, { host: registry.host, repository });
    return { different: isOurs ? [] : [{ service, here: image.id, there: digest }], missing: [] };
  });
  const all = await Promise.all(compared);
  return { different: all.flatMap((one) => one.different), missing: all.flatMap((one) => one.missing) };
}

function notSmokedHere(published: PublishedRelease, missing: readonly string[], adopting: string): ThreadsError {
  return new ThreadsError("NOT_SMOKED", {
    message: `this machine has not smoked ${list(missing)} of ${shortRevision(published.release.revision)}, which a signature would vouch for`,
    next: [describeLine(published), adopting],
    advice: [
      "find out who published it; --adopt pulls what is published, smokes it here, and signs it",
      "or sign it on the machine that smoked it",
    ],
  });
}

/** How two builds differ, a line a service. */
export function differences(different: readonly Different[]): string[] {
  return different.map(({ service, here, there }) => `${service}: ${there} there, and here an image of id ${here}`);
}

function foreignRelease(published: PublishedRelease, different: readonly Different[], adopting: string): ThreadsError {
  return new ThreadsError("FOREIGN_RELEASE", {
    message: `another build of ${shortRevision(published.release.revision)} is published, with other images than those that passed the smoke test here`,
    details: differences(different),
    next: [describeLine(published), adopting],
    advice: [
      "what is published stays as it is, and can be promoted and deployed: its gates test those very images",
      "if you know who published it, as after a job that was run again, --adopt lets it stand and ends well",
      "for the images of this machine, publish a new commit",
    ],
  });
}
