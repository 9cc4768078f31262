import type { Clock } from "../clock/clock.ts";

type Deserialize = <Args, Output extends { response: unknown }>(
  next: (args: Args) => Promise<Output>,
) => (args: Args) => Promise<Output>;

/** Reads the Date header of the very replies that are looked at; of several the latest. */
export function serverClock(clock: Clock): { readonly listen: Deserialize; now(): number } {
  let heard: number | undefined;
  return {
    listen: (next) => async (args) => {
      const output = await next(args);
      const { headers } = output.response as { headers?: Readonly<Record<string, string>> };
      const time = Date.parse(headers?.["date"] ?? "");
      if (!Number.isNaN(time)) heard = Math.max(heard ?? time, time);
      return output;
    },
    now: () => heard ?? clock.now(),
  };
}
