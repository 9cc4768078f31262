import type { LogsPorts } from "../actions/logs/run.ts";
import { openRemote } from "./remote.ts";
import { openMemberLogs } from "./member-logs.ts";
import { openSight } from "./targets.ts";
import type { World } from "./world.ts";

/** Who gets lines as they come. */
type Writer = { readonly [Key in "show" | "closed"]: NonNullable<LogsPorts[Key]> } & Pick<LogsPorts, "missing">;

/** The ports of `threads logs`: the ledger is not asked. */
export async function openLogs(
  world: Pick<World, "config" | "aws" | "clock" | "progress" | "signal">,
  writer: Writer | undefined,
): Promise<LogsPorts> {
  const { clock, progress, signal } = world;
  const [config, aws] = await Promise.all([world.config(), world.aws()]);
  const remote = openRemote(config, { aws, clock, signal });
  return {
    config,
    targetOf: openSight(config, remote, { aws, clock, signal }),
    logsOf: openMemberLogs({
      config,
      remote,
      world: { aws, clock, signal },
      logGroup: async () => (await import("../remote/log-group.ts")).logGroup({ aws, clock, signal }),
    }),
    progress,
    clock,
    signal,
    show: writer?.show,
    missing: writer?.missing,
    closed: writer?.closed,
  };
}
