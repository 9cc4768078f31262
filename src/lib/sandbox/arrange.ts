import { type HostCount, firstPort, hostId } from "./layout.ts";
import { type EnvironmentState, type HostState, newEnvironment, type SandboxState } from "./state.ts";

/**
 * The hosts that a state has, as counts; an environment that it has never seen gets what threads.yml asks for.
 * @param asked environments of threads.yml that have hosts; others have none here
 */
export function countsOf(state: SandboxState, asked: readonly HostCount[]): readonly HostCount[] {
  return asked
    .map(({ env, count }) => {
      const running = state.hosts.filter((host) => host.env === env).length;
      return { env, count: state.environments[env] === undefined ? count : running };
    })
    .filter(({ count }) => count > 0);
}

export interface ArrangeOptions {
  readonly counts: readonly HostCount[];
  /** Environments of threads.yml that have hosts, or run on ECS: each is known from now on, with secrets of its own. */
  readonly environments: readonly string[];
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
  const kept = [...state.hosts.map(({ httpPort }) => httpPort), ...state.targetGroups.map(({ port }) => port)];
  const taken = new Set([state.port, ...kept]);
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
  return { state: { ...state, hosts, environments: withEnvironments(state, options.environments) }, moved };
}

/** Environments are never forgotten: their databases stay until the purge. */
function withEnvironments(state: SandboxState, names: readonly string[]): Record<string, EnvironmentState> {
  const environments = { ...state.environments };
  for (const env of names) environments[env] ??= newEnvironment(Object.keys(environments).length);
  return environments;
}
