import { askedOfHosts } from "../../config/asked-of-hosts.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { hostedEnvironment, type HostedEnvironment, registeredHosts, requireOnline } from "../../fleet/hosts.ts";
import { idleServices } from "../../fleet/judge.ts";
import { observe } from "../../fleet/observe.ts";
import type { Author } from "../../ledger/author.ts";
import { evidenceOf, requireAttestable, type Seen } from "../../ledger/evidence.ts";
import type { Intent, Ledger } from "../../ledger/ledger.ts";
import { standing } from "../../ledger/standing.ts";
import { type Progress, step } from "../../progress/progress.ts";
import { shortRevision } from "../../release/revision.ts";
import { count } from "../../text/words.ts";
import { checkHost, type CheckHostPorts } from "./check-host.ts";
import { hostsSay } from "./hosts-say.ts";
import type { VerifiedHost, VerifyResult } from "./result.ts";

export interface VerifyOptions {
  readonly environment: string;
  readonly dryRun: boolean;
}

export interface VerifyPorts extends CheckHostPorts {
  readonly config: CheckHostPorts["config"] & Parameters<typeof hostedEnvironment>[0];
  readonly ledger: Pick<Ledger, "deploymentLog" | "attest">;
  readonly author: Author;
  /** Of this CLI. */
  readonly version: string;
  readonly progress: Progress;
}

/**
 * Asks what was deployed to an environment for every check of threads.yml, on each of its hosts, through the port that
 * everybody asks; where all of it is well, that is put on record. Nothing of the environment is changed.
 * @throws ThreadsError NOTHING_DEPLOYED, NO_HOSTS (refused), DEPLOYMENT_UNDER_WAY, WORLD_CHANGED (conflict)
 */
export async function verify(options: VerifyOptions, ports: VerifyPorts): Promise<VerifyResult> {
  const environment = hostedEnvironment(ports.config, options.environment, verifyLine);
  const { name } = environment;
  const [hosts, { current, latest }] = await Promise.all([
    registeredHosts(environment, ports.remote),
    deployed(environment, ports),
  ]);
  // One that is offline is told beside the others.
  requireOnline(environment, { all: hosts, hosts: [] }, verifyLine.bind(undefined, name));
  const { number: deployment, revision, bundle, hosts: order } = current;
  const seen = { environment: name, deployment, revision, bundle: bundle.digest };
  if (options.dryRun) {
    const checks = askedOfHosts(ports.config.smoke.checks).map(({ path }) => path);
    const planned = hosts.map(({ id, name: called }) => ({ id, name: called }));
    return { outcome: "planned", ...seen, hosts: planned, checks, next: [verifyLine(name)], advice: [] };
  }
  const left = ports.config.smoke.checks.length - askedOfHosts(ports.config.smoke.checks).length;
  if (left > 0)
    ports.progress.warn(
      `${count(left, "check")} of threads.yml would change something, or run a command: hosts are not asked for that`,
    );
  // Minutes later the record must be writable.
  requireAttestable(evidenceOf(seenOn([], current, name), ports));
  const { app, runtime } = ports.config;
  const observed = await step(ports.progress, `Look at ${name}`, () =>
    observe({ app, environment: name, hosts }, ports),
  );
  const checked = await ports.progress.tasks(
    observed.map((one) => ({
      title: `Check ${one.host.name}`,
      run: () => {
        const absent = idleServices(runtime, one.host.id, order);
        return checkHost({ environment: name, observed: one, expectation: { release: current, absent } }, ports);
      },
    })),
    { concurrent: true },
  );
  return report(checked, { current, latest, seen }, ports);
}

interface Deployed {
  /** The release that every host must run. */
  readonly current: Intent;
  /** Number of the newest deployment, whatever came of it. */
  readonly latest: number;
}

interface Looked extends Deployed {
  readonly seen: Pick<VerifyResult, "environment" | "deployment" | "revision" | "bundle">;
}

async function report(
  hosts: readonly VerifiedHost[],
  { current, latest, seen }: Looked,
  ports: VerifyPorts,
): Promise<VerifyResult> {
  const is = (verdict: VerifiedHost["verdict"]): boolean => hosts.some((host) => host.verdict === verdict);
  const outcome = is("failed") ? "failed" : is("unread") ? "unread" : "passed";
  if (outcome !== "passed") return { outcome, ...seen, hosts, recorded: false, ...hostsSay(hosts, seen) };
  // Evidence that shows no check proves nothing.
  if (hosts.every(({ checks }) => checks.length === 0)) {
    const advice = ["nothing is on record: threads.yml has no check that hosts can be asked for"];
    return { outcome, ...seen, hosts, recorded: false, next: [], advice };
  }
  const { environment: name } = seen;
  const after = (await ports.ledger.deploymentLog(name)).deployments[0]?.intent;
  if (after?.number !== latest)
    throw new ThreadsError("WORLD_CHANGED", {
      message: `${name} was deployed to while it was looked at (deployment ${after?.number ?? "unknown"}): what was seen may be of two releases`,
      next: [verifyLine(name)],
    });
  await ports.ledger.attest(current.bundle.digest, evidenceOf(seenOn(hosts, current, name), ports));
  return { outcome, ...seen, hosts, recorded: true, next: [], advice: [] };
}

async function deployed({ name }: HostedEnvironment, { ledger }: VerifyPorts): Promise<Deployed> {
  const { deployments, serverTime } = await ledger.deploymentLog(name);
  const { current, underWay, latest = { intent: current } } = standing(deployments, serverTime);
  if (underWay !== undefined)
    throw new ThreadsError("DEPLOYMENT_UNDER_WAY", {
      message: `${shortRevision(underWay.revision)} is being deployed to ${name} just now (deployment ${underWay.number})`,
      next: [`threads status -e ${name}`],
    });
  if (current !== undefined) return { current, latest: latest.intent?.number ?? current.number };
  throw new ThreadsError("NOTHING_DEPLOYED", {
    message: `nothing was ever deployed to ${name}`,
    next: [`threads deploy -e ${name} HEAD`],
  });
}

/** A check counts once, whatever number of hosts has passed it. */
function seenOn([first]: readonly VerifiedHost[], { revision, images }: Intent, environment: string): Seen {
  const checks = (first?.checks ?? []).map(({ path, status, ok }) => ({ path, status, ok, ms: 0 }));
  return { kind: "verify", environment, revision, images, checks };
}

function verifyLine(environment: string): string {
  return `threads verify -e ${environment}`;
}
