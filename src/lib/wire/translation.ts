import type { AwsClients } from "../aws/clients.ts";
import { dockerCompose } from "../compose/docker-compose.ts";
import type { Config } from "../config/config.ts";
import { ecsEnvironment } from "../ecs/environment-on-ecs.ts";
import { releaseFacts } from "../ecs/release-facts.ts";
import { requireTranslation } from "../ecs/require-translation.ts";
import { type Task, translate } from "../ecs/translate.ts";
import { ThreadsError } from "../errors/threads-error.ts";
import { directRecords } from "../ledger/direct-records.ts";
import { settingNames } from "../ledger/setting-names.ts";
import type { RecordedRelease } from "../ledger/ledger.ts";
import { readRelease } from "../registry/bundle.ts";
import type { Registry } from "../registry/registry.ts";
import { shortRevision } from "../release/revision.ts";
import type { TaskTargetPorts } from "../tasks/ports.ts";
import type { World } from "./world.ts";

interface Opened {
  readonly config: Config;
  readonly aws: AwsClients;
  readonly registry: Registry;
}

/** What ECS is told of a release that is being deployed: read from its bundle once more, by digest, and once a command. */
export function openTranslation(
  { config, aws, registry }: Opened,
  { clock, processes, env, signal }: Pick<World, "clock" | "processes" | "env" | "signal">,
): NonNullable<TaskTargetPorts["translated"]> {
  // The ledger's own records may lie in a path of settings.
  const others = Object.keys(config.environments).flatMap((name) => directRecords(config.app, name));
  const known = new Map<string, Promise<readonly Task[]>>();
  const translated = async (name: string, { bundle, revision }: RecordedRelease): Promise<readonly Task[]> => {
    const environment = ecsEnvironment(config, name, (other) => `threads deploy -e ${other} ${revision}`);
    const published = await readRelease(registry, bundle.repository, bundle.digest);
    if (published === undefined)
      throw new ThreadsError("NOT_A_BUNDLE", {
        message: `the bundle of ${shortRevision(revision)} is not in the registry any more`,
        details: [`${bundle.repository}@${bundle.digest}`],
        next: [`threads rollback -e ${name}`],
      });
    const translation = translate(
      await releaseFacts(published, environment, {
        config,
        registry,
        region: aws.region,
        compose: dockerCompose({ processes, clock, env }),
        settingNames: (path) => settingNames(path, others, { aws, clock, signal }),
        signal,
      }),
    );
    requireTranslation(translation, { what: shortRevision(revision), environment: name });
    return translation.tasks;
  };
  return (name, release) => {
    const key = `${name} ${release.bundle.digest}`;
    const found = known.get(key) ?? translated(name, release);
    known.set(key, found);
    return found;
  };
}
