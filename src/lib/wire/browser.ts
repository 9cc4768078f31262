import type { World } from "./world.ts";

/** Shows an address to whoever sits at this machine. @returns whether a browser has started, as far as can be seen */
export async function openBrowser({
  env,
  clock,
}: Pick<World, "env" | "clock">): Promise<(url: string) => Promise<boolean>> {
  const { browserCommand, startBrowser } = await import("../process/browser.ts");
  return async (url) => {
    const command = browserCommand(url, { platform: process.platform, env });
    return command !== undefined && (await startBrowser(command, clock));
  };
}
