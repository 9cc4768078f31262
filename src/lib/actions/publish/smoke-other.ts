import { printReference } from "../../image/reference.ts";
import { type PublishedRelease, pulledImages } from "../../release/release.ts";
import { shortRevision } from "../../release/revision.ts";
import { smokePublished } from "../../stack/smoke-published.ts";
import { list } from "../../text/words.ts";
import { migrationsOf } from "./migrations.ts";
import { requireMigrations } from "./own-migrations.ts";
import type { PublishPorts } from "./ports.ts";

/**
 * Has what another machine has built pass here, by digest; and what git cannot tell of its bundle, the list of migrations, has
 * to be what its image says. What no smoke test runs stays the bundle's word, which is said.
 * @throws ThreadsError checks, BUNDLE_DIFFERS
 */
export async function smokeOther(
  published: PublishedRelease,
  ports: Pick<PublishPorts, "config" | "registry" | "docker" | "compose" | "smoke" | "progress" | "signal">,
): Promise<void> {
  const { release } = published;
  const { images } = await smokePublished(release, ports);
  const short = shortRevision(release.revision);
  const unseen = Object.keys(pulledImages(release)).filter((name) => images.every(({ service }) => service !== name));
  if (unseen.length > 0)
    ports.progress.warn(`no smoke test runs ${list(unseen)}: which image that is in ${short}, only its bundle says`);
  const said = await migrationsOf({ nameOf: (service) => referenceOf(service, release, ports) }, undefined, ports);
  requireMigrations(published, said);
}

/** As the smoke test has pulled it. */
function referenceOf(
  service: string,
  { images }: PublishedRelease["release"],
  { registry: { host } }: Pick<PublishPorts, "registry">,
): string {
  const pin = images[service];
  if (pin === undefined) throw new RangeError(`the release pins no ${service}, and has passed for what git has`);
  return printReference({ host, ...pin });
}
