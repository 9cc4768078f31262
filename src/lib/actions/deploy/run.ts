import { tellRepo } from "../../registry/tell-repo.ts";
import type { EcrRepo } from "../../image/ecr-repo.ts";
import { carryOut, type LedgerFound, lookAt, report, survey } from "../../fleet/deployment.ts";
import type { FleetPorts } from "../../fleet/ports.ts";
import { hostedEnvironment, readyHosts } from "../../fleet/hosts.ts";
import { planRollout } from "../../fleet/plan.ts";
import type { RolloutResult } from "../../fleet/result.ts";
import { requireThawed } from "../../ledger/freeze.ts";
import type { RecordedRelease } from "../../ledger/ledger.ts";
import { both } from "../../progress/both.ts";
import { shipping } from "../../fleet/ships.ts";
import type { Lineage } from "../../source/lineage.ts";
import type { MigrationChange } from "../../release/migrations.ts";
import type { PublishedRelease } from "../../release/release.ts";
import { shortRevision } from "../../release/revision.ts";
import { count } from "../../text/words.ts";
import { changeOf, tellDropped } from "./migrations.ts";
import { chooseRelease, type ChoicePorts } from "./choose-release.ts";

export interface DeployOptions {
  readonly environment: string;
  /** A sha, a tag, a branch, an environment's name; HEAD where undefined. */
  readonly release: string | undefined;
  readonly dryRun: boolean;
  /** Deploy although every host runs it already. */
  readonly force: boolean;
  /** Number of an unfinished deployment to take over. */
  readonly supersede: number | undefined;
  /** Why, for whoever reads the history. */
  readonly reason?: string | undefined;
}

export interface DeployPorts extends FleetPorts {
  readonly repo: ChoicePorts["repo"] & Pick<EcrRepo, "explanation" | "inferred">;
  readonly registry: ChoicePorts["registry"];
  readonly source: ChoicePorts["source"];
  readonly lineage: Pick<Lineage, "between">;
}

/** Brings one release to every host of an environment, one after another, and writes it into the ledger. */
export async function deploy(options: DeployOptions, ports: DeployPorts): Promise<RolloutResult> {
  const began = ports.clock.now();
  const { release = "HEAD" } = options;
  const environment = hostedEnvironment(
    ports.config,
    options.environment,
    (name) => `threads deploy -e ${name} ${release}`,
  );
  tellRepo(ports.repo, ports.progress);
  const found = await lookAt(environment, ports, async (own) => {
    const typed = `threads deploy -e ${environment.name} ${release}`;
    const choosing = chooseRelease({ environment, release: options.release }, ports);
    const decide = async ({ standing }: LedgerFound): Promise<MigrationChange | undefined> =>
      changeOf(await choosing, standing.current, ports.registry);
    const [published, seen, freeze] = await both(ports.checkAccount, () =>
      Promise.all([
        choosing,
        survey({ environment, supersede: options.supersede, typed, decide, find: readyHosts }, ports),
        ports.ledger.frozen(environment.name),
      ]),
    );
    own.done(
      `${environment.name}: release ${shortRevision(published.release.revision)}, ${count(seen.observed.length, "host")}`,
    );
    return { release: recorded(published), freeze, migrations: seen.decided, ...seen };
  });
  const again = `threads deploy -e ${environment.name} ${found.release.revision}`;
  const { supersede, reason } = options;
  const plan = planRollout(
    { kind: "deploy", environment, supersede, reason, again, mayPull: true, ...found },
    ports.config,
  );
  if (plan.running && !options.force)
    return report({ plan, outcome: "already-running", tookMs: ports.clock.now() - began });
  requireThawed(environment.name, found.freeze);
  tellDropped(plan, ports.progress);
  if (options.dryRun) {
    const { revision, bundle } = plan.release;
    const ships = await shipping(found.standing.current, { revision, bundle: bundle.digest }, ports.lineage);
    return { ...report({ plan, outcome: "planned", tookMs: ports.clock.now() - began }), ships };
  }
  return carryOut(plan, began, ports);
}

function recorded({ release, digest, repository }: PublishedRelease): RecordedRelease {
  const { revision, tree, images, edge } = release;
  return { revision, tree, images, bundle: { repository, digest }, ...(edge !== undefined && { edge }) };
}
