import type { Config, EnvironmentConfig } from "../../config/config.ts";
import { isDeployable, deployableEnvironment } from "../../fleet/hosts.ts";
import type { BoardPorts } from "./ports.ts";
import type { BoardEnvironment, BoardResult } from "./result.ts";

type Environments = Pick<Config, "environments">;

/** Those where something can run. @throws ThreadsError UNKNOWN_ENVIRONMENT (usage), ENVIRONMENT_WITHOUT_HOSTS (refused) */
export function shownEnvironments(wanted: string | undefined, config: Environments): readonly string[] {
  const type = (name: string): string => `threads board -e ${name}`;
  if (wanted === undefined) return running(config).map(({ name }) => name);
  return [deployableEnvironment(config, wanted, type).name];
}

/** Where a release has to have been first: in the one that its gates name, or the one above it in threads.yml. */
export function environmentBefore(name: string, config: Environments): string | undefined {
  const all = running(config);
  const own = all.findIndex((one) => one.name === name);
  return all[own]?.gates.verified ?? all[own - 1]?.name;
}

function running({ environments }: Environments): readonly EnvironmentConfig[] {
  return Object.values(environments).filter(isDeployable);
}

/** One of which nothing was read yet. */
export function unseen(name: string, { config, urls }: Pick<BoardPorts, "config" | "urls">): BoardEnvironment {
  const nothing = { value: null, readAt: null, unread: null };
  const from = environmentBefore(name, config);
  return {
    environment: name,
    url: urls[name] ?? null,
    hosts: nothing,
    ledger: nothing,
    candidate: from === undefined ? null : { from, ...nothing },
  };
}

/** All of them as a result. */
export function boardOf(
  environments: readonly BoardEnvironment[],
  { config, clock }: Pick<BoardPorts, "config" | "clock">,
): BoardResult {
  const parts = environments.flatMap(({ hosts, ledger, candidate }) => [
    hosts,
    ledger,
    ...(candidate === null ? [] : [candidate]),
  ]);
  const unread = parts.flatMap((part) => part.unread ?? []);
  const isSeen = parts.every(({ readAt, unread: why }) => readAt !== null && why === null);
  const isUnseen = parts.every(({ readAt, unread: why }) => readAt === null || why !== null);
  return {
    outcome: isSeen ? "seen" : isUnseen ? "unseen" : "partly-seen",
    app: config.app,
    environments,
    observedAt: new Date(clock.now()).toISOString(),
    next: [...new Set(unread.flatMap(({ next }) => next))],
    advice: [...new Set(unread.flatMap(({ advice }) => advice))],
  };
}
