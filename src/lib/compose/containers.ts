/** A container as `docker container inspect` tells it, reduced to what decides whether it is well. */
export interface Container {
  readonly id: string;
  readonly name: string;
  readonly service: string;
  /** The reference that it was started from. */
  readonly image: string;
  /** `sha256:…` of the image configuration that really runs. */
  readonly imageId: string;
  readonly status: "created" | "running" | "paused" | "restarting" | "removing" | "exited" | "dead";
  /** `none` where neither image nor compose file has a health check. */
  readonly health: "none" | "starting" | "healthy" | "unhealthy";
  readonly exitCode: number;
  readonly oomKilled: boolean;
  readonly restarts: number;
  /** The engine's own words where it could not start it. */
  readonly error: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** ISO 8601; the year 1 while it runs. */
  readonly finishedAt: string;
  /** Its image's and the compose file's together, as docker has merged them; undefined where there is none. */
  readonly healthCheck: HealthCheck | undefined;
  /** What the last health checks printed, oldest first. */
  readonly healthLog: readonly string[];
  /** `8080/tcp` → published port. */
  readonly ports: Readonly<Record<string, number>>;
  /** It has no network of its own: its ports are the machine's (network_mode: host). */
  readonly onHostNetwork: boolean;
}

/** The rhythm of a health check; 0 where nobody has set it. */
export interface HealthCheck {
  readonly intervalMs: number;
  readonly retries: number;
  readonly startPeriodMs: number;
  readonly startIntervalMs: number;
}

interface RawHealthCheck {
  readonly Test?: readonly string[] | null;
  /** Nanoseconds, as all of its durations. */
  readonly Interval?: number;
  readonly StartPeriod?: number;
  readonly StartInterval?: number;
  readonly Retries?: number;
}

interface Raw {
  readonly Id: string;
  readonly Name: string;
  readonly Image: string;
  readonly RestartCount: number;
  readonly Config: {
    readonly Image: string;
    readonly Labels: Readonly<Record<string, string>> | null;
    readonly Healthcheck?: RawHealthCheck | null;
  };
  readonly State: {
    readonly Status: Container["status"];
    readonly ExitCode: number;
    readonly OOMKilled: boolean;
    readonly Error: string;
    readonly StartedAt: string;
    readonly FinishedAt: string;
    readonly Health?: {
      readonly Status: Container["health"];
      readonly Log?: readonly { readonly ExitCode: number; readonly Output: string }[] | null;
    } | null;
  };
  readonly HostConfig?: { readonly NetworkMode?: string };
  readonly NetworkSettings: {
    readonly Ports?: Readonly<Record<string, readonly { HostPort: string }[] | null>> | null;
  };
}

/** @param text what `docker container inspect` prints: a JSON array */
export function parseContainers(text: string): Container[] {
  return (JSON.parse(text) as Raw[]).map((raw) => ({
    id: raw.Id,
    name: raw.Name.replace(/^\//, ""),
    service: raw.Config.Labels?.["com.docker.compose.service"] ?? "",
    image: raw.Config.Image,
    imageId: raw.Image,
    status: raw.State.Status,
    health: raw.State.Health?.Status ?? "none",
    exitCode: raw.State.ExitCode,
    oomKilled: raw.State.OOMKilled,
    restarts: raw.RestartCount,
    error: raw.State.Error,
    startedAt: raw.State.StartedAt,
    finishedAt: raw.State.FinishedAt,
    healthCheck: healthCheckOf(raw.Config.Healthcheck),
    healthLog: (raw.State.Health?.Log ?? []).map((entry) => `exit ${entry.ExitCode}: ${entry.Output.trim()}`),
    ports: publishedPorts(raw.NetworkSettings.Ports ?? {}),
    onHostNetwork: raw.HostConfig?.NetworkMode === "host",
  }));
}

function healthCheckOf(raw: RawHealthCheck | null | undefined): HealthCheck | undefined {
  if (!raw?.Test || raw.Test.length === 0 || raw.Test[0] === "NONE") return undefined;
  const ms = (nanoseconds = 0): number => nanoseconds / 1e6;
  return {
    intervalMs: ms(raw.Interval),
    retries: raw.Retries ?? 0,
    startPeriodMs: ms(raw.StartPeriod),
    startIntervalMs: ms(raw.StartInterval),
  };
}

function publishedPorts(raw: NonNullable<Raw["NetworkSettings"]["Ports"]>): Record<string, number> {
  const published = Object.entries(raw).flatMap(([port, at]) =>
    at?.[0] === undefined ? [] : [[port, Number(at[0].HostPort)] as const],
  );
  return Object.fromEntries(published);
}
