import { spawn } from "node:child_process";
import type { CommandLine } from "./processes.ts";

/** A browser that has not failed by then is taken to be open, in milliseconds. */
const failsWithinMs = 2_000;

interface Pauses {
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

interface Desk {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What opens an address on this machine; undefined where nobody sits in front of it, such as behind ssh. */
export function browserCommand(address: string, { platform, env }: Desk): CommandLine | undefined {
  if (platform === "darwin") return env["SSH_CONNECTION"] === undefined ? { file: "open", args: [address] } : undefined;
  const hasScreen = [env["DISPLAY"], env["WAYLAND_DISPLAY"]].some((screen) => screen !== undefined && screen !== "");
  return platform === "linux" && hasScreen ? { file: "xdg-open", args: [address] } : undefined;
}

/** Starts it and lets it live on without us. @returns whether it has started, as far as can be seen */
export function startBrowser({ file, args }: CommandLine, clock: Pauses): Promise<boolean> {
  const child = spawn(file, args, { detached: true, stdio: "ignore" });
  child.unref();
  const over = new AbortController();
  const ended = new Promise<boolean>((resolve) => {
    child.once("error", () => resolve(false));
    child.once("exit", (code) => resolve(code === 0));
  });
  const stays = clock.sleep(failsWithinMs, over.signal).then(
    () => true,
    () => true,
  );
  return Promise.race([ended, stays]).finally(() => over.abort());
}
