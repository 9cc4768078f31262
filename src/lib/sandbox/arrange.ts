import { type HostCount, defaultHosts, firstPort, hostId } from "./layout.ts";
import { type EnvironmentState, type HostState, newEnvironment, type SandboxState } from "./state.ts";

/** The hosts that a state has, as counts; the default where it has none yet. */
export function countsOf(state: SandboxState): readonly HostCount[] {
  const counts = new Map<string, number>();
  for (const { env } of state.hosts) counts.set(env, (counts.get(env) ?? 0) + 1);
  return counts.size === 0 ? defaultHosts : [...counts].map(([env, count]) => ({ env, count }));
}

export interface ArrangeOptions {
  readonly counts: readonly HostCount[];
  /** A free port from `start` upwards that is not among `taken`. */
  readonly freePort: (start: number, taken: ReadonlySet<number>) => Promise<number>;
  /** Whether a host's kept port may be used: it is free, or held by that host itself. */
  readonly usable: (host: HostState) => Promise<boolean>;
  /** ISO date for hosts that are new. */
  readonly now: string;
}

export interface Arranged {
  readonly state: SandboxState;
  /** Hosts whose kept port was taken by somebody else, with the port they lost. */
  readonly moved: readonly { readonly name: string; readonly from: number; readonly to: number }[];
}

/** Hosts and environments for the counts: those that are known keep their names, ports and secrets. */
export async function arrange(state: SandboxState, options: ArrangeOptions): Promise<Arranged> {
  const known = new Map(state.hosts.map((host) => [host.name, host]));
  const wanted = options.counts.flatMap(({ env, count }) =>
    Array.from({ length: count }, (_, at) => ({ env, name: `${env}-${at + 1}` })),
  );
  const taken = new Set([state.port, ...state.hosts.map(({ httpPort }) => httpPort)]);
  const moved: { name: string; from: number; to: number }[] = [];
  const hosts: HostState[] = [];
  for (const { env, name } of wanted) {
    const old = known.get(name);
    if (old !== undefined && (await options.usable(old))) {
      hosts.push(old);
      continue;
    }
    const httpPort = await options.freePort(firstPort(state.id) + 1, taken);
    taken.add(httpPort);
    if (old !== undefined) moved.push({ name, from: old.httpPort, to: httpPort });
    hosts.push({ ...(old ?? { id: hostId(state.id, name), env, name, registeredAt: options.now }), httpPort });
  }
  return { state: { ...state, hosts, environments: withEnvironments(state, options.counts) }, moved };
}

/** Environments are never forgotten: their databases stay until the purge. */
function withEnvironments(state: SandboxState, counts: readonly HostCount[]): Record<string, EnvironmentState> {
  const environments = { ...state.environments };
  for (const { env } of counts) environments[env] ??= newEnvironment(Object.keys(environments).length);
  return environments;
}
