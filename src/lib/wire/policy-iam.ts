import type { IamPorts } from "../actions/policy/iam.ts";
import { remoteUrl } from "../source/remote-url.ts";
import type { World } from "./world.ts";

/** The ports of `threads policy iam`. AWS is not asked. */
export async function openPolicyIam(world: Pick<World, "config" | "env" | "processes">): Promise<IamPorts> {
  const { env, processes } = world;
  const config = await world.config();
  return {
    config,
    region: env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"],
    remote: () => remoteUrl(config.root, processes),
  };
}
