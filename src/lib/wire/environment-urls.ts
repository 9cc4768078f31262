import { isSandbox } from "../aws/early/sandbox.ts";
import type { World } from "./world.ts";

/** Where people reach environments, as threads.yml says. In a sandbox that is another world: its hosts have addresses of their own. */
export async function environmentUrls({
  config,
  env,
}: Pick<World, "config" | "env">): Promise<Readonly<Record<string, string>>> {
  if (isSandbox(env)) return {};
  const { environments } = await config();
  return Object.fromEntries(
    Object.values(environments).flatMap(({ name, url }) => (url === undefined ? [] : [[name, url] as const])),
  );
}
