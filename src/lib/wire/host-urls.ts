import { isSandbox } from "../aws/early/sandbox.ts";
import type { Config } from "../config/config.ts";
import type { SandboxState } from "../sandbox/state.ts";
import type { World } from "./world.ts";

/** Where a host of the sandbox answers. */
export interface HostUrl {
  readonly id: string;
  readonly name: string;
  readonly environment: string;
  /** Null where only programs on the host reach it. */
  readonly url: string | null;
}

/**
 * Where hosts answer, by id: only the sandbox knows that of its own. What cannot be read says nothing, since an address is
 * only told beside what was done.
 */
export async function hostUrls(
  config: Pick<Config, "root" | "runtime">,
  world: Pick<World, "env">,
): Promise<ReadonlyMap<string, string>> {
  const known = (await sandboxHosts(config, world)) ?? [];
  return new Map(known.flatMap(({ id, url }) => (url === null ? [] : [[id, url]])));
}

/** @returns undefined where AWS is not the sandbox of this folder */
export async function sandboxHosts(
  { root, runtime }: Pick<Config, "root" | "runtime">,
  { env }: Pick<World, "env">,
): Promise<readonly HostUrl[] | undefined> {
  try {
    const state = await ownState(root, env);
    if (state === undefined) return undefined;
    const [{ hostUrl }, { boundPortOf }] = await Promise.all([
      import("../sandbox/containers.ts"),
      import("./bound-port.ts"),
    ]);
    const isBound = (await boundPortOf({ runtime })) !== undefined;
    return state.hosts.map((host) => ({
      id: host.id,
      name: host.name,
      environment: host.env,
      url: isBound ? null : hostUrl(host),
    }));
  } catch {
    return undefined;
  }
}

/** Where services of ECS answer that threads.yml has a target group for; none where AWS is not the sandbox of this folder. */
export async function sandboxServices(
  { root }: Pick<Config, "root">,
  { env }: Pick<World, "env">,
): Promise<readonly { readonly environment: string; readonly url: string }[]> {
  try {
    const state = await ownState(root, env);
    if (state === undefined) return [];
    const { servicesIn } = await import("../sandbox/target-groups.ts");
    const all = servicesIn(
      state.targetGroups.map((one) => one.environment),
      state,
    );
    return all.map(({ env: environment, url }) => ({ environment, url }));
  } catch {
    return [];
  }
}

/** Of the sandbox that this shell's AWS is. */
async function ownState(root: string, env: World["env"]): Promise<SandboxState | undefined> {
  const endpoint = env["AWS_ENDPOINT_URL"];
  if (endpoint === undefined || !isSandbox({ AWS_ENDPOINT_URL: endpoint })) return undefined;
  const { readState } = await import("../sandbox/state.ts");
  const state = readState(root);
  return state !== undefined && endpoint.endsWith(`:${state.port}`) ? state : undefined;
}
