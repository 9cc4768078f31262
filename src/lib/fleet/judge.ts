import type { Config } from "../config/config.ts";
import { isDigest, shortDigest } from "../image/digest.ts";
import type { RecordedRelease } from "../ledger/ledger.ts";
import { type ExpectedService, type HostContainer, type HostSummary, runningDigest } from "../script/summary.ts";
import { count } from "../text/words.ts";

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
  /** changing: a deployment is at work on it, so that nothing is wrong yet. */
  readonly verdict: "ok" | "changing" | "drift" | "unhealthy" | "missing" | "unexpected";
  /** What is wrong, for a person; empty where nothing is. */
  readonly says: string;
}

/**
 * Each service of a host against what the ledger says, container by container: those of that very release, since today's
 * threads.yml may name others. Nothing where docker did not tell: what is not known is neither there nor missing.
 */
export function judgeServices(
  summary: Pick<HostSummary, "containers" | "services" | "expected">,
  { release, absent }: Expectation,
): readonly ServiceStatus[] {
  if (summary.containers === undefined) return [];
  const containers = summary.containers.filter((container) => !container.oneoff);
  const own = (service: string): readonly HostContainer[] => containers.filter((one) => one.service === service);
  const here = (all: readonly string[] = []): readonly string[] =>
    release === undefined ? [] : all.filter((service) => !absent.includes(service));
  const services = Object.keys(release?.images ?? {});
  const released = here(services);
  // Those that share an image with one of the release, and in older bundles what the compose file brings along.
  const others = here(summary.services).filter((service) => !services.includes(service));
  const known = [...released, ...others];
  const judged = known.flatMap((service) => {
    const { replicas, ending } = summary.expected[service] ?? { replicas: 1, ending: "never" };
    const digest = release?.images[service]?.digest;
    return judgeService(service, own(service), { replicas, ending, digest });
  });
  // A slot that had a singleton when its host was the first keeps the container: stopped, it is no second one.
  const isOver = ({ service, state }: HostContainer): boolean =>
    absent.includes(service) && ["created", "exited"].includes(state);
  const strangers = containers.filter((one) => !known.includes(one.service) && !isOver(one));
  return [
    ...judged,
    ...strangers.map((container) => describe(container, undefined, "unexpected", "runs here and should not")),
  ];
}

/** What a host ought to run of a service; without a digest, whatever image it is. */
interface Wanted extends ExpectedService {
  readonly digest: string | undefined;
}

/** One line for a service, however many containers it has: the worst counts. Nothing for one that is switched off. */
function judgeService(service: string, own: readonly HostContainer[], wanted: Wanted): ServiceStatus[] {
  const { replicas = own.length, digest } = wanted;
  // A half-made replacement may stand beside the real one: the running ones count.
  const inOrder = own.toSorted((one, other) => Number(other.state === "running") - Number(one.state === "running"));
  const [first, ...rest] = inOrder.slice(0, Math.max(replicas, 1)).map((one) => judgeContainer(one, wanted));
  if (first === undefined) return replicas === 0 && wanted.replicas === 0 ? [] : [missing(service, digest)];
  const wrong = [first, ...rest].find(({ verdict }) => verdict !== "ok");
  if (wrong !== undefined) return [wrong];
  if (own.length === replicas) return [first];
  const [container] = inOrder;
  const verdict = own.length > replicas ? "unexpected" : "missing";
  const says = `has ${count(own.length, "container")}${replicas === 1 ? "" : `, not ${String(replicas)}`}`;
  return container === undefined ? [first] : [describe(container, digest, verdict, says)];
}

function judgeContainer(container: HostContainer, { digest: expected, ending }: Wanted): ServiceStatus {
  // One that prepares something has ended when all is well.
  const mayEnd = ending !== "never" || expected === undefined;
  const hasEnded = container.state === "exited" && container.exitCode === 0 && mayEnd;
  const unwell = hasEnded ? undefined : unwellText(container);
  const digest = runningDigest(container, expected);
  if (expected !== undefined && digest !== expected) {
    const runs = `runs ${digest !== undefined && isDigest(digest) ? shortDigest(digest) : "an image without digest"}`;
    return describe(container, expected, "drift", unwell === undefined ? runs : `${runs} and ${unwell}`);
  }
  if (unwell !== undefined) return describe(container, expected, "unhealthy", unwell);
  return describe(container, expected, "ok", "");
}

/** What of a host's application is not well, a part of a sentence for each, whatever release it is of. @param idle what does not run there */
export function unwellOn(summary: HostSummary | undefined, idle: readonly string[]): readonly string[] {
  const { containers = [], services = [], expected = {} } = summary ?? {};
  const own = containers.filter(({ oneoff, service }) => !oneoff && !idle.includes(service));
  // One that prepares something has ended when all is well; so may have what is not of the release that the host has on record.
  const mayEnd = (service: string): boolean =>
    !services.includes(service) || (expected[service]?.ending ?? "never") !== "never";
  const unwell = own.filter(({ service, state, exitCode }) => state !== "exited" || exitCode !== 0 || !mayEnd(service));
  return unwell.flatMap((one) => {
    const text = unwellText(one);
    return text === undefined ? [] : [`${one.service} ${text}`];
  });
}

function unwellText({ state, health, exitCode }: HostContainer): string | undefined {
  if (state !== "running") return `is ${state} (exit code ${exitCode})`;
  return health === "healthy" || health === "none" ? undefined : `is ${health}`;
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

/** Whether the host runs exactly this release and none beside it, all of it well, and has it on record as its own. */
export function runsRelease(summary: HostSummary, expectation: Expectation): boolean {
  return (
    !summary.busy &&
    summary.pauses === undefined &&
    summary.weighed === undefined &&
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
