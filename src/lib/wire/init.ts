import { dirname, resolve } from "node:path";
import type { Ask } from "../actions/init/ask.ts";
import type { InitPorts } from "../actions/init/run.ts";
import { lookAtProject } from "../project/look.ts";
import { remoteUrl } from "../source/remote-url.ts";
import { uncommitted } from "../source/uncommitted.ts";
import type { World } from "./world.ts";

/** The ports of `threads init`: no configuration is there yet. */
export function openInit(
  { processes, runtime }: Pick<World, "processes" | "runtime">,
  { cwd, config, ask }: { readonly cwd: string; readonly config: string | undefined; readonly ask: Ask | undefined },
): InitPorts {
  const file = resolve(cwd, config ?? "threads.yml");
  const root = dirname(file);
  return {
    file,
    cwd,
    version: runtime.threads,
    look: () => lookAtProject(root),
    remote: () => remoteUrl(root, processes),
    uncommitted: () => uncommitted(root, processes),
    ask,
  };
}
