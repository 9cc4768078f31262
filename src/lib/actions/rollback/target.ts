import { ThreadsError } from "../../errors/threads-error.ts";
import type { LedgerFound } from "../../fleet/deployment.ts";
import type { DeploymentLog, Intent, Ledger } from "../../ledger/ledger.ts";
import { releases, resultOf, type Standing } from "../../ledger/standing.ts";
import { shortRevision } from "../../release/revision.ts";
import type { Lineage } from "../../source/lineage.ts";

/** Where a rollback goes, and what it leaves. */
export interface Target {
  /** A deployment that succeeded: its release is brought back. */
  readonly release: Intent;
  /** The deployment that is taken back, and its number; undefined where the ledger no longer tells. */
  readonly left: Intent | undefined;
  readonly undone: number | undefined;
  /** The environment is on it already, but for hosts that were left out: these are brought to it, and no others. */
  readonly onlyOthers: boolean;
  /** How the name was understood; undefined where none was given. */
  readonly says: string | undefined;
  /** The deployments from the newest back to that one at least. */
  readonly log: DeploymentLog;
}

export interface TargetPorts {
  readonly ledger: Pick<Ledger, "readOn">;
  readonly lineage: Pick<Lineage, "onBranch">;
}

/**
 * Where hosts may differ, back means to the last release that succeeded; otherwise to the one below it.
 * @throws ThreadsError NOTHING_TO_ROLL_BACK (refused)
 */
export function releaseBefore({ standing, log }: LedgerFound, environment: string): Target {
  const { current, previous, unsettled } = standing;
  const found = { says: undefined, log, onlyOthers: false };
  if (unsettled !== undefined && current !== undefined)
    return { release: current, left: unsettled.intent, undone: unsettled.intent.number, ...found };
  if (current !== undefined && previous !== undefined)
    return { release: previous, left: current, undone: current.number, ...found };
  throw nothingBefore(standing, environment);
}

function nothingBefore({ current }: Standing, environment: string): ThreadsError {
  return new ThreadsError("NOTHING_TO_ROLL_BACK", {
    message:
      current === undefined
        ? `nothing was ever deployed to ${environment}`
        : `${shortRevision(current.revision)} is the oldest release that ${environment} can go back to`,
    next: [`threads history -e ${environment}`, `threads status -e ${environment}`],
  });
}

interface Asked extends LedgerFound {
  /** A deployment's number (`124`, `000124`, `#124`), a sha, a branch. */
  readonly name: string;
  readonly environment: string;
}

/**
 * The release that a name means, of those that have run in this environment: the ledger says which. A number of at most six
 * digits is a deployment's where there is one, a sha where there is none; what is no sha of the ledger is a branch of git's.
 * @throws ThreadsError NEVER_RAN, NOTHING_TO_ROLL_BACK (refused), AMBIGUOUS_REVISION (usage)
 */
export async function releaseNamed(asked: Asked, ports: TargetPorts): Promise<Target> {
  const { standing, environment } = asked;
  const { current, unsettled } = standing;
  if (current === undefined) throw nothingBefore(standing, environment);
  const { release, says, log } =
    (await byNumber(asked, ports)) ?? (await bySha(asked, ports)) ?? (await byBranch(asked, ports));
  if (release.bundle.digest === current.bundle.digest && unsettled === undefined)
    return { ...toThoseLeftOut(current, environment, log), says };
  const left = unsettled?.intent ?? current;
  return { release, left, undone: left.number, says, log, onlyOthers: false };
}

/**
 * What a rollback has left out is brought along by another one to the same release, which takes back what that one did.
 * @throws ThreadsError NOTHING_TO_ROLL_BACK (refused) where it has left out none
 */
function toThoseLeftOut(current: Intent, environment: string, log: DeploymentLog): Omit<Target, "says"> {
  const { number, kind, revision, leftOut = [], rollbackOf } = current;
  const status = `threads status -e ${environment}`;
  // A deployment has left them out because somebody said so, and a rollback would hold the environment.
  const isBehind = leftOut.length > 0;
  if (!isBehind || kind !== "rollback")
    throw new ThreadsError("NOTHING_TO_ROLL_BACK", {
      message: `${shortRevision(revision)} is what ${environment} runs (deployment ${number})`,
      next: [...(isBehind ? [`threads converge -e ${environment}`] : []), status, `threads history -e ${environment}`],
      advice: isBehind ? ["it was deployed without some hosts: converge brings them along"] : [],
    });
  const left = log.deployments.find((one) => one.intent.number === rollbackOf)?.intent;
  return { release: current, left, undone: rollbackOf, log, onlyOthers: true };
}

interface Named {
  readonly release: Intent;
  readonly says: string;
  readonly log: DeploymentLog;
}

async function byNumber(asked: Asked, ports: TargetPorts): Promise<Named | undefined> {
  const { name, environment } = asked;
  const [, mark, digits] = /^(#?)(\d{1,6})$/.exec(name) ?? [];
  if (digits === undefined) return undefined;
  const number = Number(digits);
  const log = await readUntil(asked, ports, ({ deployments, folded }) =>
    [...deployments.map(({ intent }) => intent), ...folded].some((one) => one.number <= number),
  );
  const folded = log.folded.find((one) => one.number === number);
  if (folded !== undefined)
    throw neverRan(`of deployment ${number} of ${environment} one line is kept, which does not name its images`, {
      environment,
      name: folded.revision,
    });
  const deployment = log.deployments.find(({ intent }) => intent.number === number);
  if (deployment === undefined && mark === "") return undefined;
  if (deployment === undefined) throw neverRan(`${environment} has no deployment ${number}`, { environment, name });
  const { intent, outcome } = deployment;
  const short = shortRevision(intent.revision);
  if (outcome?.result === "succeeded") return { release: intent, says: `deployment ${number} brought ${short}`, log };
  const result = resultOf(deployment, log.serverTime, log.deployments);
  throw neverRan(`deployment ${number} of ${environment} (${short}) did not succeed: ${result}`, {
    environment,
    name: intent.revision,
  });
}

/** What is printed everywhere; two releases never share so much. */
const certain = 12;

async function bySha(asked: Asked, ports: TargetPorts): Promise<Named | undefined> {
  const { environment } = asked;
  const sha = asked.name.toLowerCase();
  if (!/^[0-9a-f]{4,64}$/.test(sha)) return undefined;
  const matching = ({ deployments }: Pick<DeploymentLog, "deployments">): readonly Intent[] =>
    releases(deployments).filter(({ revision }) => revision.startsWith(sha));
  const log = await readUntil(asked, ports, (read) => sha.length >= certain && matching(read).length > 0);
  const [release, ...others] = matching(log);
  if (release === undefined) {
    if (sha.length < certain) return undefined;
    throw neverRan(
      `no deployment of ${shortRevision(sha)} to ${environment} has succeeded, as far as the ledger tells`,
      {
        environment,
        name: sha,
      },
    );
  }
  if (others.some(({ revision }) => revision !== release.revision)) {
    const all = [release, ...others];
    throw new ThreadsError("AMBIGUOUS_REVISION", {
      message: `${sha} is the beginning of more than one release of ${environment}`,
      details: all.map(({ revision, number }) => `${revision}  deployment ${number}`),
      next: all.map(({ number }) => `threads rollback -e ${environment} ${number}`),
    });
  }
  return { release, says: `${shortRevision(release.revision)} ran as deployment ${release.number}`, log };
}

/** Each is a few calls of git; further back than that nobody means a branch. */
const mostAsked = 50;

/** The newest of a branch that is not the one that runs. Git may know a commit of it, or one of the same sources. */
async function byBranch(asked: Asked, ports: TargetPorts): Promise<Named> {
  const { name, environment, standing } = asked;
  const { current, unsettled } = standing;
  const isOther = ({ bundle }: Intent): boolean => unsettled !== undefined || bundle.digest !== current?.bundle.digest;
  const others = (log: Pick<DeploymentLog, "deployments">): readonly Intent[] =>
    releases(log.deployments).filter(isOther).slice(0, mostAsked);
  const near = others(asked.log);
  const found = await newestOf(near, asked, ports);
  if (found !== undefined) return found;
  const log = await readUntil(asked, ports, (read) => others(read).length === mostAsked);
  const further = await newestOf(others(log).slice(near.length), { ...asked, log }, ports);
  if (further !== undefined) return further;
  throw neverRan(
    `no other release of the branch ${name} has run in ${environment}, as far as git and the ledger tell`,
    {
      environment,
      name,
    },
  );
}

async function newestOf(
  newestFirst: readonly Intent[],
  { name, environment, log }: Asked,
  { lineage }: TargetPorts,
): Promise<Named | undefined> {
  for (const release of newestFirst) {
    const { has, ref } = await lineage.onBranch(name, release);
    if (ref === undefined)
      throw neverRan(`${name} is no deployment of ${environment}, no sha of one, and no branch that git knows`, {
        environment,
        name,
      });
    if (has !== "commit" && has !== "tree") continue;
    const { revision, number } = release;
    return {
      release,
      says: `${shortRevision(revision)}, deployment ${number}, is the newest on branch ${ref} beside what runs`,
      log,
    };
  }
  return undefined;
}

function readUntil(
  { log, environment }: Asked,
  { ledger }: TargetPorts,
  howFar: (read: Pick<DeploymentLog, "deployments" | "folded">) => boolean,
): Promise<DeploymentLog> {
  return ledger.readOn(environment, log, howFar);
}

/** What only ever was published, or did not come up, is deployed: that asks the registry and the gates, and migrates. */
function neverRan(
  message: string,
  { environment, name }: { readonly environment: string; readonly name: string },
): ThreadsError {
  const history = `threads history -e ${environment}`;
  // A number is a deployment's and no release's name; what a shell reads as something else is no command to paste.
  const isRelease = !/^#?\d{1,6}$/.test(name) && /^[\w.@][\w./@-]*$/.test(name);
  return new ThreadsError("NEVER_RAN", {
    message,
    next: isRelease ? [`threads deploy -e ${environment} ${name}`, history] : [history],
    advice: ["rollback goes to what has run there; deploy brings any other release"],
  });
}
