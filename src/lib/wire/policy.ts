import type { PushPorts } from "../actions/policy/push.ts";
import type { ShowPorts } from "../actions/policy/show.ts";
import { author } from "../ledger/author.ts";
import { openPlace } from "../registry/open.ts";
import { openLedger } from "./ledger.ts";
import type { World } from "./world.ts";

/** The ports of `threads policy push` and `show`. The registry is not asked: only whose account it is. */
export async function openPolicy(
  world: Pick<World, "config" | "aws" | "clock" | "signal" | "progress" | "env" | "runtime">,
): Promise<PushPorts & ShowPorts> {
  const { clock, progress, signal } = world;
  const opened = await openLedger(world, signal);
  const { checkAccount } = await openPlace({ ...opened, clock, signal });
  return { ...opened, checkAccount, author: author(world.env), progress, clock };
}
