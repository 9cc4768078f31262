import type { OpenPorts } from "../actions/open/run.ts";
import { openBrowser } from "./browser.ts";
import { sandboxHosts, sandboxServices } from "./host-urls.ts";
import type { World } from "./world.ts";

/** The ports of `threads open`. @param what.isSeen whether somebody is there to see a browser */
export async function openOpen(
  { isSeen }: { readonly isSeen: boolean },
  world: Pick<World, "config" | "clock" | "env">,
): Promise<OpenPorts> {
  const config = await world.config();
  const [places, services, browse] = await Promise.all([
    sandboxHosts(config, world),
    sandboxServices(config, world),
    openBrowser(world),
  ]);
  return { config, places, services, browse: isSeen ? browse : undefined };
}
