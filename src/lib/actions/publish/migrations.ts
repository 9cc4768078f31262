import type { Config } from "../../config/config.ts";
import { type Progress, step } from "../../progress/progress.ts";
import type { Release } from "../../release/release.ts";
import { applicationEnvironment } from "../../stack/environment.ts";
import type { Handover } from "../../stack/handover.ts";
import { listMigrations } from "../../stack/list-migrations.ts";
import type { LocalNames } from "./plan.ts";

interface MigrationPorts {
  readonly config: Config;
  readonly compose: Parameters<typeof listMigrations>[1]["compose"] &
    Parameters<typeof applicationEnvironment>[0]["compose"];
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/**
 * What the very image that smoke has tagged says: on one machine nothing but the image is kept between the two commands. What
 * was handed over has said it where it was built: nothing of it is run beside the credentials.
 */
export async function migrationsOf(
  names: Pick<LocalNames, "nameOf">,
  handover: Pick<Handover, "migrations"> | undefined,
  ports: MigrationPorts,
): Promise<Release["migrations"] | undefined> {
  const { config, progress } = ports;
  const { migrations } = config.runtime;
  if (migrations === undefined) return undefined;
  if (handover !== undefined) return handover.migrations ?? undefined;
  return step(progress, `List the migrations of ${migrations.service}`, async () => {
    const environment = await applicationEnvironment(ports);
    return listMigrations({ image: names.nameOf(migrations.service), environment }, ports);
  });
}
