/** The one line of JSON that a host script prints: its own word about what it did and what runs. */
export interface HostSummary {
  readonly action: "deploy" | "restore" | "status";
  /** Of the deployment that was carried out, or (status) of the last one that the host has accepted. */
  readonly number: number;
  readonly nonce: string;
  readonly ok: boolean;
  /** 0, or why it failed: the codes of `hostFailures`. */
  readonly code: number;
  readonly step: string;
  readonly message: string;
  readonly rolledBack: boolean;
  /** Whether another release than before was being brought up. */
  readonly changed: boolean;
  /** Status only: the daemon answers; a deployment is at work. */
  readonly docker: boolean;
  readonly busy: boolean;
  /** The release that the host has on record as current. */
  readonly current: HostRelease | undefined;
  readonly containers: readonly HostContainer[];
}

export interface HostRelease {
  readonly number: number;
  readonly revision: string;
  /** Digest of its bundle. */
  readonly bundle: string;
  /** When the host recorded it, ISO 8601. */
  readonly at: string;
}

export interface HostContainer {
  readonly service: string;
  /** A `compose run` container, such as a migration. */
  readonly oneoff: boolean;
  readonly id: string;
  readonly name: string;
  /** The image as the container was created from it. */
  readonly reference: string;
  /** RepoDigests of the image that it really runs. */
  readonly digests: readonly string[];
  /** running, exited, restarting, created, paused, dead. */
  readonly state: string;
  readonly exitCode: number;
  /** healthy, unhealthy, starting, or none where the image has no check. */
  readonly health: string;
  readonly restarts: number;
  readonly startedAt: string;
}

/** What deploy.sh's exit codes say; `changed` is whether the host may serve something else than before. */
export const hostFailures: Readonly<Record<number, { readonly word: string; readonly changed: boolean }>> = {
  10: { word: "is not ready", changed: false },
  11: { word: "has seen a newer deployment", changed: false },
  12: { word: "is busy with another deployment", changed: false },
  13: { word: "could not fetch the release", changed: false },
  14: { word: "could not migrate the database", changed: false },
  15: { word: "failed and is back on the old release", changed: false },
  16: { word: "failed, and the old release did not come back", changed: true },
  18: { word: "was told to stop", changed: false },
  20: { word: "failed in the host script", changed: false },
};

/** @returns undefined where the output holds no whole summary: cut off, or the script never got that far. */
export function parseSummary(stdout: string): HostSummary | undefined {
  const line = stdout.split("\n").find((text) => text.startsWith('{"threads":1,'));
  if (line === undefined) return undefined;
  try {
    const raw = JSON.parse(line) as Partial<HostSummary> & { readonly current?: HostRelease | null };
    if (raw.action === undefined || raw.number === undefined || raw.nonce === undefined) return undefined;
    return {
      action: raw.action,
      number: raw.number,
      nonce: raw.nonce,
      ok: raw.ok === true,
      code: raw.code ?? 0,
      step: raw.step ?? "",
      message: raw.message ?? "",
      rolledBack: raw.rolledBack === true,
      changed: raw.changed === true,
      docker: raw.docker ?? true,
      busy: raw.busy === true,
      current: raw.current ?? undefined,
      containers: raw.containers ?? [],
    };
  } catch {
    return undefined;
  }
}

/**
 * The digest that a container really runs: of the image it runs, not of the tag it was asked for. An image may
 * carry several; the expected one counts when it is among them.
 */
export function runningDigest(container: HostContainer, expected?: string): string | undefined {
  const found = [...container.digests, container.reference]
    .map((reference) => reference.slice(reference.indexOf("@") + 1))
    .filter((digest) => /^sha256:[0-9a-f]{64}$/.test(digest));
  return expected !== undefined && found.includes(expected) ? expected : found[0];
}
