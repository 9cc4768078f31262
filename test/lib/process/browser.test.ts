import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { systemClock } from "../../../src/lib/clock/clock.ts";
import { browserCommand, startBrowser } from "../../../src/lib/process/browser.ts";

const folder = mkdtempSync(join(tmpdir(), "threads-browser-"));
afterAll(() => rmSync(folder, { recursive: true }));

const address = "https://example.com/?a=1&b=$(reboot)";
const never = { sleep: () => new Promise<never>(() => undefined) };

function program(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o755);
  return file;
}

test.each([
  ["darwin", {}, "open"],
  ["darwin", { SSH_CONNECTION: "1.2.3.4" }, undefined],
  ["linux", { DISPLAY: ":0" }, "xdg-open"],
  ["linux", { WAYLAND_DISPLAY: "wayland-0" }, "xdg-open"],
  ["linux", {}, undefined],
  ["linux", { DISPLAY: "" }, undefined],
  ["freebsd", { DISPLAY: ":0" }, undefined],
] as const)("on %s with %j a browser is started by %s", (platform, env, file) => {
  expect(browserCommand(address, { platform, env })).toEqual(file && { file, args: [address] });
});

test("a browser gets the address as it is, and lives on", async () => {
  const file = program("stays", `echo "$1" >${folder}/got; exec sleep 60 & echo $! >${folder}/pid; wait`);
  // The time is over as soon as it has started, whenever that is.
  const clock = {
    sleep: async (): Promise<void> => {
      while (!existsSync(join(folder, "pid"))) await systemClock.sleep(10);
    },
  };
  expect(await startBrowser({ file, args: [address] }, clock)).toBe(true);
  expect(readFileSync(join(folder, "got"), "utf8")).toBe(`${address}\n`);
  process.kill(Number(readFileSync(join(folder, "pid"), "utf8")), "SIGKILL");
});

test("one that fails, and one that there is not, are no browser", async () => {
  expect(await startBrowser({ file: program("fails", "exit 3"), args: [address] }, never)).toBe(false);
  expect(await startBrowser({ file: join(folder, "nosuch"), args: [address] }, never)).toBe(false);
  expect(await startBrowser({ file: program("ends", "exit 0"), args: [address] }, never)).toBe(true);
});
