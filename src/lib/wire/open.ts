import type { OpenPorts } from "../actions/open/run.ts";
import { sandboxHosts } from "./host-urls.ts";
import type { World } from "./world.ts";

/** The ports of `threads open`. @param what.isSeen whether somebody is there to see a browser */
export async function openOpen(
  { isSeen }: { readonly isSeen: boolean },
  world: Pick<World, "config" | "clock" | "env">,
): Promise<OpenPorts> {
  const { env, clock } = world;
  const config = await world.config();
  const [places, { browserCommand, startBrowser }] = await Promise.all([
    sandboxHosts(config, world),
    import("../process/browser.ts"),
  ]);
  const browse = async (url: string): Promise<boolean> => {
    const command = browserCommand(url, { platform: process.platform, env });
    return command !== undefined && (await startBrowser(command, clock));
  };
  return { config, places, browse: isSeen ? browse : undefined };
}
