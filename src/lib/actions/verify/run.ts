import type { Config, EnvironmentConfig } from "../../config/config.ts";
import { addressOf, checksOfVerify } from "../../config/checks-for.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { deployableEnvironment, registeredHosts, requireOnline } from "../../fleet/hosts.ts";
import { idleServices } from "../../fleet/judge.ts";
import type { Sight, TargetOf } from "../../fleet/target.ts";
import type { WaysTo } from "../../fleet/way.ts";
import type { Author } from "../../ledger/author.ts";
import { evidenceOf, requireAttestable, type Seen } from "../../ledger/evidence.ts";
import type { Intent, Ledger } from "../../ledger/ledger.ts";
import { standing } from "../../ledger/standing.ts";
import { type Progress, step } from "../../progress/progress.ts";
import { shortRevision } from "../../release/revision.ts";
import { count } from "../../text/words.ts";
import { checkCertificates } from "./check-certificates.ts";
import { checkHost, type CheckHostPorts } from "./check-host.ts";
import { hostsSay } from "./hosts-say.ts";
import type { HostCheck, VerifiedHost, VerifyResult } from "./result.ts";

export interface VerifyOptions {
  readonly environment: string;
  readonly dryRun: boolean;
}

export interface VerifyPorts extends CheckHostPorts {
  readonly config: Pick<Config, "checks" | "runtime" | "environments">;
  readonly targetOf: TargetOf<Sight>;
  readonly waysTo: WaysTo;
  readonly ledger: Pick<Ledger, "deploymentLog" | "attest">;
  readonly author: Author;
  /** Of this CLI. */
  readonly version: string;
  readonly progress: Progress;
}

/**
 * Asks what was deployed to an environment for every check of threads.yml: on each of its hosts, through the port that
 * everybody asks, and on ECS by the address that people know; where all of it is well, that is put on record. Nothing of the environment is changed.
 * @throws ThreadsError NOTHING_DEPLOYED, NO_HOSTS, NO_URL (refused), DEPLOYMENT_UNDER_WAY, WORLD_CHANGED (conflict)
 */
export async function verify(options: VerifyOptions, ports: VerifyPorts): Promise<VerifyResult> {
  const environment = deployableEnvironment(ports.config, options.environment, verifyLine);
  const { name } = environment;
  const wayTo = await ports.waysTo(environment);
  const target = await ports.targetOf(environment);
  const [hosts, { current, latest }] = await Promise.all([
    registeredHosts(environment, target),
    deployed(environment, ports),
  ]);
  // One that is offline is told beside the others.
  requireOnline(environment, { target, all: hosts, hosts: [] }, verifyLine.bind(undefined, name));
  const { number: deployment, revision, bundle, hosts: order } = current;
  const seen = { environment: name, deployment, revision, bundle: bundle.digest };
  if (options.dryRun) {
    const checks = checksOfVerify(ports.config, name).map(({ path }) => path);
    const planned = hosts.map(({ id, name: called }) => ({ id, name: called }));
    return { outcome: "planned", ...seen, hosts: planned, checks, next: [verifyLine(name)], advice: [] };
  }
  warnOfWhatIsLeft(name, ports);
  // Minutes later the record must be writable.
  requireAttestable(evidenceOf(seenOn([], current, name), ports));
  const { runtime } = ports.config;
  const observed = await step(ports.progress, `Look at ${name}`, () => target.look(hosts, ports.signal));
  const certificates = checkCertificates(name, ports);
  // A host that cannot be asked is told first.
  certificates.catch(() => undefined);
  const checked = await ports.progress.tasks(
    observed.map((one) => ({
      title: `Check ${one.host.name}`,
      run: () => {
        const absent = idleServices(runtime, one.host.id, order);
        const way = wayTo(one.host);
        return checkHost({ way, observed: one, expectation: { release: current, absent } }, ports);
      },
    })),
    { concurrent: true },
  );
  return report(checked, { current, latest, seen, certificates: await certificates }, ports);
}

interface Deployed {
  /** The release that every host must run. */
  readonly current: Intent;
  /** Number of the newest deployment, whatever came of it. */
  readonly latest: number;
}

interface Looked extends Deployed {
  readonly seen: Pick<VerifyResult, "environment" | "deployment" | "revision" | "bundle">;
  readonly certificates: readonly HostCheck[];
}

/** What threads.yml has, and a verification does not ask. */
function warnOfWhatIsLeft(environment: string, { config, progress }: VerifyPorts): void {
  const left = config.checks.filter((check) => !check.for.includes("verify")).length;
  if (left > 0)
    progress.warn(
      `${count(left, "check")} of threads.yml would change something, or run a command: a verification does not ask for that`,
    );
  const own = config.checks.some((check) => check.kind === "certificate" && check.whose === undefined);
  if (own && addressOf(config.environments[environment]?.url) === undefined)
    progress.warn(`${environment} has no url that begins with https://: there is no certificate of it to look at`);
}

async function report(
  hosts: readonly VerifiedHost[],
  { current, latest, seen, certificates }: Looked,
  ports: VerifyPorts,
): Promise<VerifyResult> {
  const is = (verdict: VerifiedHost["verdict"]): boolean => hosts.some((host) => host.verdict === verdict);
  const shown = certificates.filter(({ status }) => status !== -1);
  const outcome =
    is("failed") || shown.some(({ ok }) => !ok)
      ? "failed"
      : is("unread") || shown.length < certificates.length
        ? "unread"
        : "passed";
  if (outcome !== "passed")
    return { outcome, ...seen, hosts, certificates, recorded: false, ...hostsSay(hosts, { ...seen, certificates }) };
  // Evidence that shows no check proves nothing.
  if (certificates.length === 0 && hosts.every(({ checks }) => checks.length === 0)) {
    const advice = ["nothing is on record: threads.yml has no check that a verification can ask for"];
    return { outcome, ...seen, hosts, certificates, recorded: false, next: [], advice };
  }
  const { environment: name } = seen;
  const after = (await ports.ledger.deploymentLog(name)).deployments[0]?.intent;
  if (after?.number !== latest)
    throw new ThreadsError("WORLD_CHANGED", {
      message: `${name} was deployed to while it was looked at (deployment ${after?.number ?? "unknown"}): what was seen may be of two releases`,
      next: [verifyLine(name)],
    });
  await ports.ledger.attest(current.bundle.digest, evidenceOf(seenOn(hosts, current, name, certificates), ports));
  return { outcome, ...seen, hosts, certificates, recorded: true, next: [], advice: [] };
}

async function deployed({ name }: EnvironmentConfig, { ledger }: VerifyPorts): Promise<Deployed> {
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
function seenOn(
  [first]: readonly VerifiedHost[],
  { revision, images }: Intent,
  environment: string,
  certificates: readonly HostCheck[] = [],
): Seen {
  const checks = [...(first?.checks ?? []), ...certificates].map(({ path, status, ok }) => ({
    path,
    status,
    ok,
    ms: 0,
  }));
  return { kind: "verify", environment, revision, images, checks };
}

function verifyLine(environment: string): string {
  return `threads verify -e ${environment}`;
}
