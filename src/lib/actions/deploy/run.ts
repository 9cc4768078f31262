import type { EnvironmentConfig } from "../../config/config.ts";
import { tellRepo } from "../../registry/tell-repo.ts";
import type { EcrRepo } from "../../image/ecr-repo.ts";
import { carryOut, type LedgerFound, lookAt, report, type Survey, survey } from "../../fleet/deployment.ts";
import type { FleetPorts } from "../../fleet/ports.ts";
import { deployableEnvironment, membersText } from "../../fleet/hosts.ts";
import { hostsWithout, type Seen } from "../../fleet/leave-out.ts";
import { planRollout } from "../../fleet/plan.ts";
import type { Pace } from "../../fleet/rounds.ts";
import { type Digest, shortDigest } from "../../image/digest.ts";
import type { RolloutResult } from "../../fleet/result.ts";
import type { FoundHosts } from "../../fleet/out-of-reach.ts";
import { whenFree } from "../../fleet/when-free.ts";
import { type Ships, shipping } from "../../fleet/ships.ts";
import type { Intent, RecordedRelease } from "../../ledger/ledger.ts";
import type { Standing } from "../../ledger/standing.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { both } from "../../progress/both.ts";
import type { Lineage } from "../../source/lineage.ts";
import type { MigrationChange } from "../../release/migrations.ts";
import type { PublishedRelease } from "../../release/release.ts";
import { shortRevision } from "../../release/revision.ts";
import { behindResult } from "./approve.ts";
import { judgeStep } from "./approve-pause.ts";
import { changeOf, tellDropped } from "./migrations.ts";
import { chooseRelease, type ChoicePorts } from "./choose-release.ts";
import { type Obstacles, type Permissions, requireAllowed, tellLineage, tellUnheld } from "./require-allowed.ts";
import { type Resumed, unfinished } from "./resume.ts";
import { deployLine } from "./typed.ts";

export interface DeployOptions extends Partial<Permissions> {
  readonly environment: string;
  /** A sha, a tag, a branch, an environment's name; HEAD where undefined. */
  readonly release: string | undefined;
  readonly dryRun: boolean;
  /** Deploy although every host runs it already. */
  readonly force: boolean;
  /** Take a bundle that cannot be compared with git here, where the environment has no gates. */
  readonly unverified?: boolean;
  /** Number of an unfinished deployment to take over. */
  readonly supersede: number | undefined;
  /** Where somebody else is at work, until they have ended. */
  readonly wait?: boolean;
  /** Go on with the newest deployment that has not come to its end: its release, and the hosts that are left. */
  readonly resume?: boolean;
  /** Go on with the deployment that waits, since this step of its weights is approved: from 1 on. */
  readonly approves?: number | undefined;
  /** How it comes over its hosts, as far as threads.yml is not to say it. */
  readonly pace?: Partial<Pace>;
  /** Names or ids of hosts to leave out. */
  readonly without?: readonly string[];
  /** Why, for whoever reads the history. */
  readonly reason?: string | undefined;
}

export interface DeployPorts extends FleetPorts {
  readonly repo: ChoicePorts["repo"] & Pick<EcrRepo, "explanation" | "inferred">;
  readonly registry: ChoicePorts["registry"];
  readonly source: ChoicePorts["source"];
  readonly provenance: ChoicePorts["provenance"];
  readonly lineage: Pick<Lineage, "between">;
}

/** Brings one release to every host of an environment, round after round, and writes it into the ledger. */
export function deploy(options: DeployOptions, ports: DeployPorts): Promise<RolloutResult> {
  return whenFree(options, () => deployNow(options, ports), ports);
}

async function deployNow(options: DeployOptions, ports: DeployPorts): Promise<RolloutResult> {
  const began = ports.clock.now();
  const { supersede, liftHold, without = [], approves } = options;
  if (options.resume !== true && approves === undefined)
    return deployRelease({ options, began, resumes: undefined }, ports);
  requireNoName(options);
  const environment = deployableEnvironment(ports.config, options.environment, (of) => goingOn(options, of));
  const resumed = await unfinished({ environment, supersede, approves }, ports);
  if ("says" in resumed) return behindResult(resumed, environment.name, ports.clock.now() - began);
  const goesOn = {
    ...options,
    release: resumed.release,
    without: [...new Set([...resumed.without, ...without])],
    supersede: resumed.supersede,
    liftHold: liftHold ?? resumed.liftHold,
    pace: { ...options.pace, ...weightsOf(resumed, environment) },
  };
  return deployRelease({ options: goesOn, began, resumes: resumed.intent }, ports);
}

/** Of one that had none, threads.yml may have some by now. */
function weightsOf({ weights }: Resumed, environment: EnvironmentConfig): Pick<Partial<Pace>, "weights"> {
  if (weights !== undefined) return { weights };
  return environment.weights === undefined ? {} : { weights: [100] };
}

/** What goes on with a deployment, as it is typed. */
function goingOn({ approves }: DeployOptions, environment: string): string {
  return `threads deploy -e ${environment} ${approves === undefined ? "--resume" : `--continue ${approves}`}`;
}

/** @throws ThreadsError USAGE: what is gone on with is the ledger's word */
function requireNoName(options: DeployOptions): void {
  const { environment, release, approves } = options;
  if (release === undefined) return;
  throw new ThreadsError("USAGE", {
    message: `${approves === undefined ? "--resume" : "--continue"} takes its release from the ledger, and none that is typed`,
    next: [goingOn(options, environment), deployLine({ environment, release, without: [], pace: {} })],
  });
}

interface Begun {
  readonly options: DeployOptions;
  /** By our clock, milliseconds since the epoch. */
  readonly began: number;
  /** The unfinished deployment that it goes on with: hosts that run its release are left as they are. */
  readonly resumes: Intent | undefined;
}

async function deployRelease({ options, began, resumes }: Begun, ports: DeployPorts): Promise<RolloutResult> {
  const { release = "HEAD", without = [], liftHold, allowOlder = false, pace = {} } = options;
  const given: Permissions = { liftHold, allowOlder };
  const line = (of: string, revision: string | undefined, hosts = without): string =>
    deployLine({ environment: of, release: revision, without: hosts, ...given, pace });
  const typed = (revision: string): string | undefined => (resumes === undefined ? revision : undefined);
  const environment = deployableEnvironment(ports.config, options.environment, (name) => line(name, typed(release)));
  const { name } = environment;
  tellRepo(ports.repo, ports.progress);
  const found = await look({ options, environment, type: (hosts) => line(name, typed(release), hosts) }, ports);
  if (resumes !== undefined) requireSame(found.release, resumes.bundle.digest, name);
  const { reason, dryRun } = options;
  const { hold } = found.standing;
  const liftsHold = hold?.rollback.number === liftHold ? liftHold : undefined;
  const { revision } = found.release;
  const approved = judgeStep({ step: options.approves, environment, resumes }, found);
  if (approved !== undefined && "says" in approved) return behindResult(approved, name, ports.clock.now() - began);
  const plan = planRollout(
    {
      kind: "deploy",
      environment,
      reason,
      liftsHold,
      again: line(name, typed(revision)),
      mayPull: true,
      pace,
      from: options.approves,
      continues: approved,
      onlyOthers: resumes !== undefined,
      ...found,
    },
    ports.config,
  );
  const took = (): number => ports.clock.now() - began;
  if (plan.running && !options.force) {
    // There is nothing to go on with any more: done again, it is a deployment of its own.
    const whole = { ...plan, again: line(name, revision) };
    return report({ plan: whole, outcome: "already-running", tookMs: took() });
  }
  requireAllowed(plan, found, { ...given, dryRun });
  tellUnheld(hold, given, ports.progress);
  tellDropped(plan, ports.progress);
  // A plan shows it in its place.
  if (dryRun) return { ...report({ plan, outcome: "planned", tookMs: took() }), ships: found.ships };
  tellLineage(plan, found, ports.progress);
  return carryOut(plan, began, ports);
}

/** Under the sha of what was begun there must be that very release. */
function requireSame({ revision, bundle }: RecordedRelease, begun: Digest, environment: string): void {
  if (bundle.digest === begun) return;
  throw new ThreadsError("TAG_MOVED", {
    message: `${shortRevision(revision)} names ${shortDigest(bundle.digest)} now, and the deployment that did not end brought ${shortDigest(begun)}`,
    next: [`threads status -e ${environment}`, `threads rollback -e ${environment}`],
  });
}

interface Found extends Survey<Decided>, Pick<Obstacles, "freeze" | "ships"> {
  readonly release: RecordedRelease;
  readonly migrations: MigrationChange | undefined;
}

interface Decided {
  readonly migrations: MigrationChange | undefined;
  readonly ships: Ships;
}

interface Wanted {
  readonly options: DeployOptions;
  readonly environment: EnvironmentConfig;
  /** The line that is typed for these hosts to leave out. */
  readonly type: (without: readonly string[]) => string;
}

/** Everything that is asked before anything is changed. */
function look({ options, environment, type }: Wanted, ports: DeployPorts): Promise<Found> {
  const { release, without = [], supersede, unverified = false } = options;
  return lookAt(environment, ports, async (own) => {
    const ruling = ports.ledger.ruling(environment.name);
    const choosing = chooseRelease({ environment, ruling, release, unverified }, ports);
    const decide = async ({ standing }: LedgerFound): Promise<Decided> => decideOn(await choosing, standing, ports);
    const find = (of: EnvironmentConfig, seen: Seen): Promise<FoundHosts> =>
      hostsWithout({ environment: of, without, type }, seen);
    const fits = async (): Promise<void> => {
      const { takes } = await ports.targetOf(environment);
      await takes?.(recorded(await choosing));
    };
    const [published, seen, { freeze }] = await both(ports.checkAccount, () =>
      Promise.all([
        choosing,
        survey({ environment, supersede, typed: type(without), decide, find }, ports),
        ruling,
        fits(),
      ]),
    );
    own.done(
      `${environment.name}: release ${shortRevision(published.release.revision)}, ${membersText(seen.observed.map(({ host }) => host))}`,
    );
    return { release: recorded(published), freeze, ...seen, ...seen.decided };
  });
}

async function decideOn(published: PublishedRelease, standing: Standing, ports: DeployPorts): Promise<Decided> {
  const { current } = standing;
  const to = { revision: published.release.revision, bundle: published.digest };
  const [migrations, ships] = await Promise.all([
    changeOf(published, current, ports.registry),
    shipping(current, to, ports.lineage).catch((error: unknown) => untold(current, error)),
  ]);
  return { migrations, ships };
}

/** A machine without git deploys all the same. */
function untold(current: Standing["current"], error: unknown): Ships {
  if (current === undefined || !(error instanceof ThreadsError) || error.outcome === "interrupted") throw error;
  const from = { revision: current.revision, number: current.number };
  return { from, commits: 0, log: [], dropped: 0, migrations: [], unknown: error.message };
}

function recorded({ release, digest, repository }: PublishedRelease): RecordedRelease {
  const { revision, tree, images, edge } = release;
  return { revision, tree, images, bundle: { repository, digest }, ...(edge !== undefined && { edge }) };
}
