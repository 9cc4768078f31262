import type { Ask } from "../actions/init/ask.ts";
import type { InitPorts } from "../actions/init/run.ts";
import { lookAtProject } from "../project/look.ts";
import { remoteUrl } from "../source/remote-url.ts";
import type { World } from "./world.ts";

/** The ports of `threads init`: no configuration is there yet. */
export function openInit(
  { processes, runtime }: Pick<World, "processes" | "runtime">,
  { root, ask }: { readonly root: string; readonly ask: Ask | undefined },
): InitPorts {
  return {
    root,
    version: runtime.threads,
    look: () => lookAtProject(root),
    remote: () => remoteUrl(root, processes),
    ask,
  };
}
