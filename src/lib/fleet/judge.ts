import type { Config } from "../config/config.ts";
import type { RecordedRelease } from "../ledger/ledger.ts";
import { type HostContainer, type HostSummary, runningDigest } from "../script/summary.ts";

/** What a host ought to run, from the ledger. */
export interface Expectation {
  readonly release: RecordedRelease | undefined;
  /** Services that do not run here although the release has them: see idleServices. */
  readonly absent: readonly string[];
}

export interface ServiceStatus {
  readonly service: string;
  /** Of the image that the container really runs; null where there is no container, or it has none. */
  readonly digest: string | null;
  /** Of the release; null for what it does not have. */
  readonly expected: string | null;
  readonly state: string;
  readonly health: string;
  readonly startedAt: string | null;
  readonly verdict: "ok" | "drift" | "unhealthy" | "missing" | "unexpected";
  /** What is wrong, for a person; empty where nothing is. */
  readonly says: string;
}

/**
 * Each service of a host against what the ledger says, container by container: those of that very release, since today's
 * threads.yml may name others. Nothing where docker did not tell: what is not known is neither there nor missing.
 */
export function judgeServices(
  summary: Pick<HostSummary, "containers" | "services">,
  { release, absent }: Expectation,
): readonly ServiceStatus[] {
  if (summary.containers === undefined) return [];
  const containers = summary.containers.filter((container) => !container.oneoff);
  const own = (service: string): readonly HostContainer[] => containers.filter((one) => one.service === service);
  const here = (all: readonly string[] = []): readonly string[] =>
    release === undefined ? [] : all.filter((service) => !absent.includes(service));
  const services = Object.keys(release?.images ?? {});
  const released = here(services);
  const others = here(summary.services).filter((service) => !services.includes(service));
  return [
    ...released.map((service) => judgeService(service, own(service), release?.images[service]?.digest)),
    ...others.map((service) => judgeOther(service, own(service))),
    ...containers
      .filter(({ service }) => !released.includes(service) && !others.includes(service))
      .map((container) => describe(container, undefined, "unexpected", "runs here and should not")),
  ];
}

function judgeService(service: string, own: readonly HostContainer[], expected: string | undefined): ServiceStatus {
  const container = theOneThatCounts(own);
  if (container === undefined) return missing(service, expected);
  const digest = runningDigest(container, expected);
  if (digest !== expected) return describe(container, expected, "drift", `runs ${digest ?? "an image without digest"}`);
  return judgeHealth(container, own.length, expected);
}

/** A service that the compose file brings along, such as a database: whatever image it runs, it is to be well. */
function judgeOther(service: string, own: readonly HostContainer[]): ServiceStatus {
  const container = theOneThatCounts(own);
  if (container === undefined) return missing(service, undefined);
  // One that prepares something has ended when all is well.
  if (container.state === "exited" && container.exitCode === 0) return describe(container, undefined, "ok", "");
  return judgeHealth(container, own.length, undefined);
}

/** A half-made replacement may stand beside the real one: the running one counts. */
function theOneThatCounts(own: readonly HostContainer[]): HostContainer | undefined {
  return own.find((one) => one.state === "running") ?? own[0];
}

function judgeHealth(container: HostContainer, count: number, expected: string | undefined): ServiceStatus {
  if (container.state !== "running")
    return describe(container, expected, "unhealthy", `is ${container.state} (exit code ${container.exitCode})`);
  if (container.health !== "healthy" && container.health !== "none")
    return describe(container, expected, "unhealthy", `is ${container.health}`);
  if (count > 1) return describe(container, expected, "unexpected", `has ${count} containers`);
  return describe(container, expected, "ok", "");
}

function missing(service: string, expected: string | undefined): ServiceStatus {
  const says = "has no container";
  return {
    service,
    digest: null,
    expected: expected ?? null,
    state: "none",
    health: "none",
    startedAt: null,
    verdict: "missing",
    says,
  };
}

function describe(
  container: HostContainer,
  expected: string | undefined,
  verdict: ServiceStatus["verdict"],
  says: string,
): ServiceStatus {
  const { service, state, health, startedAt } = container;
  const digest = runningDigest(container, expected) ?? null;
  return { service, digest, expected: expected ?? null, state, health, startedAt, verdict, says };
}

/** Whether the host's Docker has said what runs. */
export function dockerTells(summary: HostSummary): boolean {
  return summary.docker && summary.containers !== undefined;
}

/** Whether the host runs exactly this release, all of it well, and has it on record as its own. */
export function runsRelease(summary: HostSummary, expectation: Expectation): boolean {
  return (
    !summary.busy &&
    dockerTells(summary) &&
    summary.current?.bundle === expectation.release?.bundle.digest &&
    judgeServices(summary, expectation).every((service) => service.verdict === "ok")
  );
}

/** Singletons run on the first host of a deployment only. */
export function absentServices(
  singletons: readonly string[],
  host: string,
  hosts: readonly string[],
): readonly string[] {
  return host === hosts[0] ? [] : singletons;
}

/** Services of which a host needs no container to be well: singletons of another host, and what migrates, once, and ends. */
export function idleServices(
  { singletons, migrate }: Pick<Config["runtime"], "singletons" | "migrate">,
  host: string,
  hosts: readonly string[],
): readonly string[] {
  return [...absentServices(singletons, host, hosts), ...(migrate === undefined ? [] : [migrate])];
}
