import type { Ask } from "../actions/init/ask.ts";
import { choosePaint } from "../output/paint.ts";
import { describeTerminal } from "../output/terminal.ts";
import type { World } from "../wire/world.ts";

type Streams = Pick<NodeJS.Process, "stdin" | "stdout" | "stderr">;

/** Who answers questions: the person at the terminal, or undefined where input or talk is none, or this is CI. */
export async function asker(
  streams: Streams,
  { env, signal }: Pick<World, "env" | "signal">,
): Promise<Ask | undefined> {
  const terminal = describeTerminal(streams, env);
  if (!streams.stdin.isTTY || !terminal.live) return undefined;
  const { askOn } = await import("../output/ask.ts");
  const paint = await choosePaint(terminal.colourErr);
  return askOn({ input: streams.stdin, output: streams.stderr }, { paint, signal });
}

/** The same person, for a question with yes or no. */
export async function confirmer(
  streams: Streams,
  world: Pick<World, "env" | "signal">,
): Promise<((what: string) => Promise<boolean>) | undefined> {
  const ask = await asker(streams, world);
  return ask && (async (what) => (await ask({ what, first: "yes", choices: ["yes", "no"] })) === "yes");
}
