import type { RecordedRelease } from "../../ledger/ledger.ts";
import { type HostContainer, type HostSummary, runningDigest } from "../../script/summary.ts";

/** What a host ought to run, from the ledger. */
export interface Expectation {
  readonly release: RecordedRelease | undefined;
  readonly services: readonly string[];
  /** Singletons, where this host is not the one that runs them. */
  readonly absent: readonly string[];
}

export interface ServiceStatus {
  readonly service: string;
  /** Of the image that the container really runs; undefined where there is no container. */
  readonly digest: string | undefined;
  readonly expected: string | undefined;
  readonly state: string;
  readonly health: string;
  readonly startedAt: string | undefined;
  readonly verdict: "ok" | "drift" | "unhealthy" | "missing" | "unexpected";
  /** What is wrong, for a person; empty where nothing is. */
  readonly says: string;
}

/** Each service of a host against what the ledger says, container by container. */
export function judgeServices(summary: HostSummary, expectation: Expectation): readonly ServiceStatus[] {
  const { release, services, absent } = expectation;
  const containers = summary.containers.filter((container) => !container.oneoff);
  const wanted = release === undefined ? [] : services.filter((service) => !absent.includes(service));
  const judged = wanted.map((service) => {
    const own = containers.filter((container) => container.service === service);
    return judgeService(service, own, release?.images[service]?.digest);
  });
  const unexpected = containers
    .filter((container) => !wanted.includes(container.service))
    .map((container) => describe(container, undefined, "unexpected", "runs here and should not"));
  return [...judged, ...unexpected];
}

function judgeService(service: string, own: readonly HostContainer[], expected: string | undefined): ServiceStatus {
  // A half-made replacement may stand beside the real one: the running one counts.
  const container = own.find((one) => one.state === "running") ?? own[0];
  if (container === undefined)
    return {
      service,
      digest: undefined,
      expected,
      state: "none",
      health: "none",
      startedAt: undefined,
      verdict: "missing",
      says: "has no container",
    };
  const digest = runningDigest(container, expected);
  if (digest !== expected) return describe(container, expected, "drift", `runs ${digest ?? "an image without digest"}`);
  if (container.state !== "running")
    return describe(container, expected, "unhealthy", `is ${container.state} (exit code ${container.exitCode})`);
  if (container.health !== "healthy" && container.health !== "none")
    return describe(container, expected, "unhealthy", `is ${container.health}`);
  if (own.length > 1) return describe(container, expected, "unexpected", `has ${own.length} containers`);
  return describe(container, expected, "ok", "");
}

function describe(
  container: HostContainer,
  expected: string | undefined,
  verdict: ServiceStatus["verdict"],
  says: string,
): ServiceStatus {
  const { service, state, health, startedAt } = container;
  return { service, digest: runningDigest(container, expected), expected, state, health, startedAt, verdict, says };
}

/** Whether the host runs exactly this release, all of it well, and has it on record as its own. */
export function runsRelease(summary: HostSummary, expectation: Expectation): boolean {
  return (
    !summary.busy &&
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
