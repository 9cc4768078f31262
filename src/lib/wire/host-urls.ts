import type { Config } from "../config/config.ts";
import type { World } from "./world.ts";

/**
 * Where hosts answer, by id: only the sandbox knows that of its own. What cannot be read says nothing, since an address is
 * only told beside what was done.
 */
export async function hostUrls(
  { root }: Pick<Config, "root">,
  { env }: Pick<World, "env">,
): Promise<ReadonlyMap<string, string>> {
  const endpoint = env["AWS_ENDPOINT_URL"];
  if (endpoint === undefined || !/^http:\/\/(?:127\.0\.0\.1|localhost):/.test(endpoint)) return new Map();
  const [{ readState }, { hostUrl }] = await Promise.all([
    import("../sandbox/state.ts"),
    import("../sandbox/containers.ts"),
  ]);
  try {
    const state = readState(root);
    if (state === undefined || !endpoint.endsWith(`:${state.port}`)) return new Map();
    return new Map(state.hosts.map((host) => [host.id, hostUrl(host)]));
  } catch {
    return new Map();
  }
}
