import type { EnvironmentConfig, GatesConfig } from "../../../src/lib/config/config.ts";
import { digestOf } from "../../../src/lib/image/digest.ts";
import type { Evidence } from "../../../src/lib/ledger/evidence.ts";
import type { Freeze } from "../../../src/lib/ledger/freeze.ts";
import type { Deployment, DeploymentResult, Intent } from "../../../src/lib/ledger/ledger.ts";
import type { PublishedRelease } from "../../../src/lib/release/release.ts";
import type { GateFacts } from "../../../src/lib/gates/gate-facts.ts";
import { anEnvironment, withGates } from "../../fakes/config.ts";

export const now = Date.parse("2026-11-22T12:00:00Z");
export const minute = 60_000;
const ada = { user: "ada", host: "laptop" };

/** The release of a word. @param bundle another word, where the same images were published once more */
export function releaseOf(word: string, { bundle = word, services = ["web", "nginx"] } = {}): PublishedRelease {
  const images = services.map((name) => [name, { repository: `threads/${name}`, digest: digestOf(`${name} ${word}`) }]);
  return {
    digest: digestOf(`bundle ${bundle}`),
    repository: "threads/bundle",
    release: {
      schema: 1,
      app: "threads",
      revision: digestOf(word).slice(7, 47),
      tree: "b".repeat(40),
      committedAt: "2026-11-22T08:00:00.000Z",
      images: Object.fromEntries(images),
    },
  };
}

export const one = releaseOf("one");
export const two = releaseOf("two");

const prod = anEnvironment("prod", { hosts: { tag: "threads-env=prod" }, gates: { smoke: false } });

/** The environment prod, with no gates but these. */
export function environment(gates: Partial<GatesConfig> = {}): EnvironmentConfig {
  return withGates(prod, gates);
}

/** A deployment `ago` milliseconds before now, by the server's clock; the people's clocks are years off. */
export function deployment(
  release: PublishedRelease,
  number: number,
  how: {
    readonly ago?: number;
    readonly result?: DeploymentResult | undefined;
    readonly intent?: Partial<Intent>;
  } = {},
): Deployment {
  const { result } = "result" in how ? how : { result: "succeeded" as const };
  const at = new Date(now - (how.ago ?? 0)).toISOString();
  const wrong = "2001-01-01T00:00:00.000Z";
  const { revision, tree, images } = release.release;
  const intent: Intent = {
    schema: 1,
    number,
    kind: "deploy",
    revision,
    tree,
    bundle: { repository: release.repository, digest: release.digest },
    images,
    hosts: [],
    by: ada,
    startedAt: wrong,
    deadline: wrong,
    nonce: String(number),
    ...how.intent,
  };
  const outcome =
    result === undefined
      ? undefined
      : ({ schema: 1, number, nonce: String(number), result, hosts: [], finishedAt: wrong } as const);
  return { intent, outcome, recordedAt: at, endedAt: outcome === undefined ? undefined : at };
}

export function evidence(change: Partial<Evidence> = {}): Evidence {
  const images = Object.fromEntries(
    Object.entries(one.release.images).map(([service, { digest }]) => [service, digest]),
  );
  const checks = [{ path: "/", status: 200, ok: true, ms: 1 }];
  const at = "2026-11-22T11:00:00.000Z";
  const base = { schema: 1, kind: "smoke", revision: one.release.revision, images, checks, moreChecks: 2 } as const;
  return { ...base, by: ada, at, version: "1.0.0", ...change };
}

export const freeze: Freeze = { reason: "black friday", by: ada, since: "2026-11-22T11:00:00.000Z", nonce: "n" };

export function facts(
  gates: Partial<GatesConfig> = {},
  change: Partial<Omit<GateFacts, "environment">> = {},
): GateFacts {
  return {
    environment: environment(gates),
    published: one,
    gone: [],
    provenance: { state: "same" },
    now,
    smokes: [],
    smokeChecks: [{ path: "/", status: 200 }],
    looks: [],
    hostChecks: [{ path: "/", status: 200 }],
    locksAreSeen: true,
    ...change,
  };
}
