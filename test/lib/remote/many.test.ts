import { afterEach, beforeEach, expect, test } from "vitest";
import type { Remote, SentCommand } from "../../../src/lib/remote/remote.ts";
import { ssmRemote } from "../../../src/lib/remote/ssm.ts";
import { statusScript } from "../../../src/lib/script/host-scripts.ts";
import { hurriedClock } from "../../fakes/hurried-clock.ts";
import { FakeSsm } from "../../fakes/ssm.ts";
import type { HostReply } from "../../fakes/ssm-protocol.ts";

// Several commands that are waited for at once.

const each = 50;
let ssm: FakeSsm;
let remote: Remote;
let clock: ReturnType<typeof hurriedClock>;
/** Ends hosts by their number. */
let end: Map<number, (reply: HostReply) => void>;
beforeEach(async () => {
  ssm = new FakeSsm();
  await ssm.open();
  ssm.invisibleLooks = 0;
  clock = hurriedClock(Date.now());
  ssm.now = () => clock.now();
  end = new Map();
  remote = ssmRemote({ aws: ssm.clients(), clock });
});
afterEach(() => ssm.close());

const id = (n: number): string => `i-${String(n).padStart(17, "0")}`;

/** So many commands to fifty hosts each, of which none ends by itself. */
function sent(commands: number): Promise<SentCommand[]> {
  const numbers = Array.from({ length: commands * each }, (_, n) => n);
  for (const n of numbers)
    ssm.addHost({ id: id(n), tags: {}, run: () => new Promise((resolve) => end.set(n, resolve)) });
  const look = statusScript({ app: "threads", nonce: "n" });
  const script = { script: look, environment: "prod", label: "label", executionMs: 600_000 };
  const all = Array.from({ length: commands }, (_, n) => numbers.slice(n * each, (n + 1) * each).map(id));
  return Promise.all(all.map((hosts) => remote.send({ ...script, hosts })));
}
const endAll = (reply: HostReply = { stdout: "ok" }): void => {
  for (const one of end.values()) one(reply);
};
const looks = (count: number): Promise<void> => until(() => ssm.count("ListCommands") >= count);
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 1));
}

test("the first that fails is known while the others are at work, and how many have ended", async () => {
  const [one, other] = await sent(2);
  const [failed, counts]: [string[], string[]] = [[], []];
  const waits = [one!, other!].map((command) =>
    remote.wait(command, {
      onChange: (host, status) => void (status === "failed" && failed.push(host)),
      onCount: (ended, of) => void counts.push(`${ended} of ${of}`),
    }),
  );
  end.get(1)?.({ stdout: "ok" });
  await until(() => counts.includes("1 of 50"));
  expect(ssm.count("ListCommandInvocations")).toBe(0);
  end.get(70)?.({ exitCode: 14 });
  await until(() => failed.length > 0);
  expect(failed).toEqual([id(70)]);
  const before = ssm.count("ListCommandInvocations");
  await looks(ssm.count("ListCommands") + 5);
  expect(ssm.count("ListCommandInvocations")).toBe(before);
  endAll();
  const [, second] = await Promise.all(waits);
  expect(second?.[20]).toMatchObject({ host: id(70), end: "failed", exitCode: 14 });
});

test("hosts of one command that are waited for one by one are looked at together", async () => {
  const [command] = await sent(1);
  const waits = Promise.all(command!.hosts.map((host) => remote.wait({ ...command!, hosts: [host] })));
  endAll();
  expect((await waits).flat().map(({ host }) => host)).toEqual(command!.hosts);
  expect(ssm.count("ListCommandInvocations")).toBeLessThanOrEqual(3);
});

test.each(["is not allowed to list commands", "does not find them in the list"])(
  "whoever %s looks at the hosts of each",
  async (what) => {
    const commands = await sent(2);
    if (what.includes("allowed"))
      ssm.fail("ListCommands", ...Array.from({ length: 100 }, () => ({ type: "AccessDeniedException" })));
    // None that is listed was sent since then.
    const sentAt = what.includes("allowed") ? clock.now() : clock.now() + 3_600_000;
    const waits = Promise.all(commands.map((command) => remote.wait({ ...command, sentAt })));
    endAll();
    expect((await waits).flat().every((run) => run.end === "succeeded")).toBe(true);
  },
);

test("a count that is wrong decides nothing: each host's own end does", async () => {
  const commands = await sent(2);
  const waits = Promise.all(commands.map((command) => remote.wait(command)));
  // One of its hosts was never reached: for SSM's count it is over like any other.
  for (const [n, one] of end) one(n === 3 ? { status: "Undeliverable" } : { stdout: "ok" });
  const runs = (await waits).flat();
  expect(runs.filter((run) => run.end !== "succeeded").map(({ host, end: how }) => [host, how])).toEqual([
    [id(3), "never-ran"],
  ]);
});

test("who stops waiting leaves the others, and the last one the looks", async () => {
  const [one, other] = await sent(2);
  const stop = new AbortController();
  const stopped = remote.wait(one!, { signal: stop.signal });
  const stays = remote.wait(other!);
  await looks(2);
  stop.abort(new Error("enough"));
  await expect(stopped).rejects.toThrow("enough");
  endAll();
  expect((await stays).every((run) => run.end === "succeeded")).toBe(true);
  const { length } = ssm.calls;
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(ssm.calls).toHaveLength(length);
});

test("a list that AWS refuses for good ends every wait as unknown", async () => {
  const commands = await sent(2);
  ssm.fail("ListCommands", { type: "ExpiredTokenException" });
  for (const end of await Promise.allSettled(commands.map((command) => remote.wait(command))))
    expect(end).toMatchObject({ reason: { outcome: "unknown", code: "CREDENTIALS_EXPIRED" } });
});
