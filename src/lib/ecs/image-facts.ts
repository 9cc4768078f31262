/** What an image says of itself, as far as ECS has to be told: it reads none of this but the command itself. */
export interface ImageFacts {
  /** In docker's words: amd64, arm64. */
  readonly architecture: string;
  readonly entrypoint: readonly string[];
  readonly stopSignal: string | undefined;
  /** Whose its processes are; empty for root. */
  readonly user: string;
  /** Paths of its VOLUMEs. */
  readonly volumes: readonly string[];
  readonly health: ImageHealth | undefined;
}

/** A HEALTHCHECK; times in seconds, undefined where it does not say. */
export interface ImageHealth {
  readonly test: readonly string[];
  readonly interval: number | undefined;
  readonly timeout: number | undefined;
  readonly startPeriod: number | undefined;
  readonly startInterval: number | undefined;
  readonly retries: number | undefined;
}

/** The config of an image, in docker's words; OCI's image spec has the same keys, and leaves the health check to docker. */
interface ImageConfig {
  readonly architecture?: string;
  readonly config?: {
    readonly Entrypoint?: readonly string[] | null;
    readonly StopSignal?: string;
    readonly User?: string;
    readonly Volumes?: Readonly<Record<string, object>> | null;
    readonly Healthcheck?: {
      readonly Test?: readonly string[] | null;
      readonly Interval?: number;
      readonly Timeout?: number;
      readonly StartPeriod?: number;
      readonly StartInterval?: number;
      readonly Retries?: number;
    } | null;
  } | null;
}

/** @param text the image's config, as it lies in the registry */
export function parseImageFacts(text: string): ImageFacts {
  const { architecture = "", config } = JSON.parse(text) as ImageConfig;
  const { Entrypoint, StopSignal, User, Volumes, Healthcheck } = config ?? {};
  return {
    architecture,
    entrypoint: Entrypoint ?? [],
    stopSignal: StopSignal,
    user: User ?? "",
    volumes: Object.keys(Volumes ?? {}).map((path) => path.replace(/(?<=.)\/+$/, "")),
    health: healthOf(Healthcheck ?? undefined),
  };
}

function healthOf(check: NonNullable<ImageConfig["config"]>["Healthcheck"]): ImageHealth | undefined {
  const test = check?.Test ?? [];
  if (test.length === 0 || test[0] === "NONE") return undefined;
  return {
    test,
    interval: seconds(check?.Interval),
    timeout: seconds(check?.Timeout),
    startPeriod: seconds(check?.StartPeriod),
    startInterval: seconds(check?.StartInterval),
    retries: check?.Retries || undefined,
  };
}

/** Docker counts nanoseconds, and takes 0 for what is not said. */
function seconds(nanoseconds: number | undefined): number | undefined {
  return nanoseconds ? nanoseconds / 1e9 : undefined;
}
