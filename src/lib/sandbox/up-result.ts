import type { Config } from "../config/config.ts";
import { secretOf } from "../config/secret-of.ts";
import type { Next } from "../errors/next.ts";
import { environmentsOnEcs } from "./clusters.ts";
import { hostUrl } from "./containers.ts";
import type { HostCount } from "./layout.ts";
import type { UpPlan } from "./plan.ts";
import type { SandboxPorts } from "./sandbox.ts";
import type { SandboxState } from "./state.ts";
import { servicesIn } from "./target-groups.ts";

export interface UpResult extends Next {
  readonly outcome: "started" | "already-up" | "planned";
  readonly id: string;
  /** `http://127.0.0.1:PORT`. */
  readonly endpoint: string;
  /** ECR_REPO of this sandbox. */
  readonly repository: string;
  readonly hosts: readonly {
    readonly id: string;
    readonly env: string;
    readonly name: string;
    /** Null where the compose file shows the port to the host alone. */
    readonly url: string | null;
  }[];
  /** Of ECS, that environments of threads.yml name; their services come with the first deployment. */
  readonly clusters: readonly {
    readonly name: string;
    readonly environments: readonly string[];
    /** Of the machine on which its tasks run. */
    readonly id: string;
    /** Behind the load balancer, by the ECS services that threads.yml has a target group for. */
    readonly services: readonly { readonly name: string; readonly env: string; readonly url: string }[];
  }[];
  /** Containers that had to be started, of a plan those that would be; none when it was up already. */
  readonly started: readonly string[];
}

/** Where everything is, and what to type next. */
export async function resultOf(state: SandboxState, plan: UpPlan, { config, bound }: SandboxPorts): Promise<UpResult> {
  const why = await bound();
  const started = plan.start.map(({ part }) => part);
  return {
    outcome: started.length === 0 ? "already-up" : "started",
    id: state.id,
    endpoint: `http://127.0.0.1:${state.port}`,
    repository: `127.0.0.1:${state.port}/${config.app}/`,
    hosts: state.hosts.map((host) => ({
      id: host.id,
      env: host.env,
      name: host.name,
      url: why === undefined ? hostUrl(host) : null,
    })),
    clusters: state.machines.map(({ cluster, environments, id }) => ({
      name: cluster,
      environments,
      id,
      services: servicesIn(environments, state),
    })),
    started,
    next: ['eval "$(threads sandbox env)"', "threads smoke", "threads publish", ...firstRelease(state)],
    advice: [...(why === undefined ? [] : [boundAdvice(why)]), ...secretsOf(config)],
  };
}

/** What is not up already, but may be nothing more than what hosts or the registry are told anew. */
export function planned(done: UpResult, hosts: readonly HostCount[] | undefined): UpResult {
  const counts = hosts === undefined ? "" : ` --hosts ${hosts.map(({ env, count }) => `${env}=${count}`).join(",")}`;
  return { ...done, outcome: "planned", next: [`threads sandbox up${counts}`] };
}

/** @param why what shows the port to the host alone */
function boundAdvice(why: string): string {
  return `${why}: only programs on a host reach that; publish the port without an address to see it from this machine`;
}

/** What only whoever names it can make: a secret holds all values at once. */
function secretsOf(config: Config): string[] {
  return environmentsOnEcs(config).flatMap(({ name, envFrom = config.runtime.envFrom }) => {
    const secret = envFrom === undefined ? undefined : secretOf(envFrom);
    return secret === undefined ? [] : [`${name} takes its settings from the secret ${secret}: put it there first`];
  });
}

/** To the environment of the first host, or of the first cluster: which there are is threads.yml's business. */
function firstRelease({ hosts, machines }: SandboxState): string[] {
  const all = [...hosts.map(({ env }) => env), ...machines.flatMap(({ environments }) => environments)];
  return all.slice(0, 1).map((env) => `threads deploy -e ${env} HEAD`);
}
