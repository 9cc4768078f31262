import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Running, revisions, said, StubHost } from "./host.ts";

// Nothing that a script has begun beside itself keeps the host from its next deployment once the script has ended: docker may
// hang for as long as that deployment would have had.

const host = new StubHost();
beforeAll(() => host.open());
beforeEach(async () => {
  host.reset();
  host.inSlots = true;
  await host.withOldRelease();
  host.set("calls", "");
});
afterAll(() => host.close());

/** A call of docker's that hangs, as in the kernel, until the test ends the script's group. */
const hangs = (call: string): string =>
  `[[ "$*" != *"${call}"* ]] || { echo hangs >>"${host.state}/hangs"; trap "" TERM; exec sleep 600; }`;
/** What fails may be quicker than what hangs is begun. */
const hung = `for ((i = 0; i < 400; i++)); do [[ ! -e ${host.state}/hangs ]] || break; sleep 0.05; done`;
const fails = (call: string): string => `[[ "$*" != *"${call}"* ]] || { ${hung}; exit 1; }`;
const wrap = (...lines: readonly string[]): void =>
  host.program("timeout", [...lines, 'exec /usr/bin/timeout "$@"'].join("\n"));

/** Has the script end, and looks whether the host is free although what it began is not over. */
async function isBusyAfter({ child, ended }: Running, code: number): Promise<unknown> {
  try {
    expect(said(await ended)).toMatchObject({ code });
    expect(host.read("hangs")).not.toBe("");
    wrap();
    return said(await host.run(host.statusScript()))["busy"];
  } finally {
    process.kill(-child.pid!, "SIGKILL");
  }
}

test("Compose that hangs where the daemon does not answer", async () => {
  wrap(hangs("docker compose version"), fails("docker version"));
  expect(await isBusyAfter(host.start(host.deployScript(2, revisions.next)), 10)).toBe(false);
});

test.each(["app-fronts", "app-base"])("a file that is read beside another one, of %s", async (project) => {
  wrap(hangs(`-p ${project} `), fails("-p app-green "));
  expect(await isBusyAfter(host.start(host.deployScript(2, revisions.next)), 10)).toBe(false);
});

test("a container that does not start, where the script is told to stop: nor does it keep the agent waiting", async () => {
  wrap(hangs("docker start green-1"));
  const running = host.start(host.deployScript(2, revisions.next));
  await expect.poll(() => host.read("hangs")).not.toBe("");
  process.kill(-running.child.pid!, "SIGTERM");
  expect(await isBusyAfter(running, 15)).toBe(false);
});
