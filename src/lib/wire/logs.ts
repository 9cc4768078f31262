import type { LogsPorts } from "../actions/logs/run.ts";
import { openRemote } from "./remote.ts";
import type { World } from "./world.ts";

/** Who gets lines as they come. */
type Writer = { readonly [Key in "show" | "closed"]: NonNullable<LogsPorts[Key]> };

/** The ports of `threads logs`: the ledger is not asked. */
export async function openLogs(
  world: Pick<World, "config" | "aws" | "clock" | "progress" | "signal">,
  writer: Writer | undefined,
): Promise<LogsPorts> {
  const { clock, progress, signal } = world;
  const [config, aws] = await Promise.all([world.config(), world.aws()]);
  return {
    config,
    remote: openRemote(config, { aws, clock, signal }),
    logGroup: async () => (await import("../remote/log-group.ts")).logGroup({ aws, clock, signal }),
    progress,
    clock,
    signal,
    show: writer?.show,
    closed: writer?.closed,
  };
}
