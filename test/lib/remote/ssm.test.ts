import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Remote, RemoteScript } from "../../../src/lib/remote/remote.ts";
import { ssmRemote } from "../../../src/lib/remote/ssm.ts";
import { statusScript } from "../../../src/lib/script/host-scripts.ts";
import { FakeSsm } from "../../fakes/ssm.ts";
import type { FakeHost } from "../../fakes/ssm-protocol.ts";
import { hurriedClock } from "../../fakes/hurried-clock.ts";

let ssm: FakeSsm;
let remote: Remote;
let clock: ReturnType<typeof hurriedClock>;
beforeEach(async () => {
  ssm = new FakeSsm();
  await ssm.open();
  clock = hurriedClock();
  remote = ssmRemote({ aws: ssm.clients(), clock });
});
afterEach(() => ssm.close());

const one = "i-00000000000000001";
const two = "i-00000000000000002";
function host(id: string, run: FakeHost["run"] = async () => ({ stdout: "ok" })): FakeHost {
  const added = { id, tags: { "threads-env": "prod" }, run };
  ssm.addHost(added);
  return added;
}
const script = (...hosts: string[]): RemoteScript => ({
  script: statusScript({ app: "threads", nonce: "n" }),
  environment: "prod",
  hosts,
  label: "threads prod #1",
  executionMs: 10_000,
});
/** So many failures, one for each call. */
const often = <T>(fault: T, times: number): T[] => Array.from({ length: times }, () => fault);

const forEver = (_: string, kill: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => kill.addEventListener("abort", reject));

describe("hosts", () => {
  test("are read page by page, by tag, sorted, with their ping", async () => {
    ssm.pageSize = 2;
    for (const n of [3, 1, 2]) host(`i-0000000000000000${n}`);
    host("i-00000000000000009").online = false;
    ssm.addHost({ id: "i-0000000000000000f", tags: { "threads-env": "staging" }, run: forEver });
    const hosts = await remote.hosts({ tag: "threads-env", value: "prod" });
    expect(hosts.map((each) => [each.id.at(-1), each.online])).toEqual([
      ["1", true],
      ["2", true],
      ["3", true],
      ["9", false],
    ]);
  });

  test("are in the order of their names as people count", async () => {
    for (const [id, name] of [
      ["i-00000000000000001", "prod-10"],
      ["i-00000000000000002", "prod-2"],
      ["i-00000000000000003", "prod-1"],
    ] as const)
      ssm.addHost({ id, name, tags: { "threads-env": "prod" }, run: forEver });
    const hosts = await remote.hosts({ tag: "threads-env", value: "prod" });
    expect(hosts.map((each) => each.name)).toEqual(["prod-1", "prod-2", "prod-10"]);
  });

  test("none is an empty list and not a success of something", async () => {
    expect(await remote.hosts({ tag: "threads-env", value: "prod" })).toEqual([]);
  });
});

describe("send", () => {
  test("a lost reply is found by its comment and not sent again", async () => {
    host(one);
    ssm.fail("SendCommand", "lose-reply");
    const sent = await remote.send(script(one));
    expect(ssm.count("SendCommand")).toBe(1);
    expect(ssm.commands.sent.map((command) => command.id)).toEqual([sent.id]);
    expect((await remote.wait(sent))[0]).toMatchObject({ host: one, end: "succeeded", stdout: "ok" });
  });

  test("the comment is found on a later page, and not another command's", async () => {
    host(one);
    ssm.pageSize = 1;
    for (let n = 0; n < 3; n += 1) await remote.send(script(one));
    ssm.fail("SendCommand", "lose-reply");
    const sent = await remote.send(script(one));
    expect(sent.id).toBe(ssm.commands.sent.at(-1)?.id);
  });

  test("a request that vanished is looked for, and sent again once it is certain that SSM has not taken it", async () => {
    host(one);
    ssm.fail("SendCommand", "drop", "drop");
    const began = clock.now();
    const sent = await remote.send(script(one));
    expect(ssm.commands.sent.map((command) => command.id)).toEqual([sent.id]);
    // Looked for as long as SSM may be late, each time.
    expect(clock.now() - began).toBeGreaterThan(30_000);
    // SSM counts from the last try.
    expect(sent.deadline - clock.now()).toBeGreaterThan(60_000 + 10_000);
  });

  test.each([
    ["a reset", "drop"],
    ["500", { type: "InternalServerError", status: 500 }],
    ["a reply without an answer", { type: "ServiceUnavailable", status: 503 }],
  ] as const)(
    "%s for ever is an unknown outcome with the command that finds out, after two minutes",
    async (_, fault) => {
      host(one);
      ssm.fail("SendCommand", ...often(fault, 100));
      const began = clock.now();
      await expect(remote.send(script(one))).rejects.toMatchObject({
        outcome: "unknown",
        code: "SEND_UNKNOWN",
        next: ["threads status -e prod"],
      });
      expect(clock.now() - began).toBeGreaterThanOrEqual(120_000);
      expect(clock.now() - began).toBeLessThan(150_000);
    },
  );

  test("a 500 after which it runs all the same is found, and not sent again", async () => {
    host(one);
    ssm.fail("SendCommand", { type: "InternalServerError", status: 500, done: true });
    const sent = await remote.send(script(one));
    expect(ssm.commands.sent.map((command) => command.id)).toEqual([sent.id]);
    expect(ssm.count("SendCommand")).toBe(1);
  });

  test("a lost reply of which SSM does not tell anything is an unknown outcome, and nothing is sent twice", async () => {
    host(one);
    ssm.fail("SendCommand", "lose-reply");
    ssm.fail("ListCommands", { type: "AccessDeniedException" });
    await expect(remote.send(script(one))).rejects.toMatchObject({ outcome: "unknown", code: "SEND_UNKNOWN" });
    expect(ssm.count("SendCommand")).toBe(1);
  });

  test("a lost reply, and then a refusal, is not nothing", async () => {
    host(one);
    ssm.fail("SendCommand", "drop", { type: "AccessDeniedException" });
    await expect(remote.send(script(one))).rejects.toMatchObject({ outcome: "unknown", code: "SEND_UNKNOWN" });
    ssm.fail("SendCommand", "drop", { type: "InvalidInstanceId" });
    await expect(remote.send(script(one))).rejects.toMatchObject({ outcome: "unknown", code: "SEND_UNKNOWN" });
  });

  test("a host that does not take it within a minute never gets it", async () => {
    host(one);
    await remote.send(script(one));
    // Thirty is the least that SSM takes (SendCommand, API reference).
    expect(ssm.commands.sent[0]?.timeoutSeconds).toBeGreaterThanOrEqual(30);
    expect(ssm.commands.sent[0]?.timeoutSeconds).toBeLessThanOrEqual(60);
  });

  test("throttling is answered by trying again: it says that nothing was done", async () => {
    host(one);
    ssm.fail("SendCommand", ...often({ type: "ThrottlingException" }, 20));
    const sent = await remote.send(script(one));
    expect(ssm.count("SendCommand")).toBe(21);
    expect(ssm.commands.sent).toHaveLength(1);
    expect(ssm.count("ListCommands")).toBe(0);
    // SSM counts from the last try.
    expect(sent.deadline - clock.now()).toBe(60_000 + 10_000 + 60_000);
  });

  test("a refusal by AWS changes nothing and says so", async () => {
    host(one);
    ssm.fail("SendCommand", { type: "AccessDeniedException" });
    await expect(remote.send(script(one))).rejects.toMatchObject({ outcome: "refused", code: "ACCESS_DENIED" });
    await expect(remote.send(script("i-0000000000000dead"))).rejects.toMatchObject({ code: "HOST_GONE" });
  });
});

describe("wait", () => {
  test("an invocation that does not exist yet is waited for", async () => {
    host(one);
    ssm.invisibleLooks = 5;
    const runs = await remote.wait(await remote.send(script(one)));
    expect(runs).toMatchObject([{ end: "succeeded" }]);
  });

  test("one that never appears is unknown after a minute, not a success", async () => {
    host(one);
    ssm.invisibleLooks = Infinity;
    expect(await remote.wait(await remote.send(script(one)))).toMatchObject([
      { end: "unknown", status: "noinvocation" },
    ]);
  });

  test("an undeliverable host failed although the command as a whole says Success", async () => {
    host(one);
    host(two).online = false;
    const runs = await remote.wait(await remote.send(script(one, two)));
    expect(runs.map((run) => [run.host, run.end])).toEqual([
      [one, "succeeded"],
      [two, "never-ran"],
    ]);
  });

  test("one whose agent does not take it is told of once, after half a minute", async () => {
    host(one, forEver);
    host(two);
    const sent = await remote.send(script(one, two));
    ssm.commands.sent[0]!.invocations[0]!.details = "Pending";
    const began = clock.now();
    const late: [string, number][] = [];
    await remote.wait(sent, { onUnclaimed: (id) => void late.push([id, clock.now() - began]) });
    expect(late.map(([id]) => id)).toEqual([one]);
    expect(late[0]?.[1]).toBeGreaterThanOrEqual(30_000);
    expect(late[0]?.[1]).toBeLessThan(40_000);
  });

  test("every host is accounted for, over pages", async () => {
    ssm.pageSize = 2;
    const ids = [1, 2, 3, 4, 5].map((n) => `i-0000000000000000${n}`);
    for (const id of ids) host(id, async () => ({ stdout: id, exitCode: id === two ? 14 : 0 }));
    const runs = await remote.wait(await remote.send(script(...ids)));
    expect(runs.map((run) => run.stdout)).toEqual(ids);
    expect(runs[1]).toMatchObject({ end: "failed", exitCode: 14 });
  });

  test("output arrives whole, as far as SSM keeps it, and each stream by itself", async () => {
    host(one, async () => ({ stdout: "x".repeat(24_000), stderr: "y".repeat(8_000) }));
    const [run] = await remote.wait(await remote.send(script(one)));
    expect([run?.stdout, run?.stderr]).toEqual(["x".repeat(24_000), "y".repeat(8_000)]);
  });

  test("a script that was killed at its time limit leaves an unknown host", async () => {
    host(one, async () => ({ status: "Execution Timed Out", exitCode: 137 }));
    expect(await remote.wait(await remote.send(script(one)))).toMatchObject([
      { end: "unknown", status: "executiontimedout" },
    ]);
  });

  test("a command that SSM never ends is given up after both of its clocks", async () => {
    host(one, forEver);
    expect(await remote.wait(await remote.send(script(one)))).toMatchObject([{ end: "unknown", status: "inprogress" }]);
  });

  test.each(["AccessDenied", "Access Denied", "InvalidPlatform", "Terminated", "Undeliverable"])(
    "a host of which SSM says %s has not run it",
    async (status) => {
      host(one, async () => ({ status }));
      expect(await remote.wait(await remote.send(script(one)))).toMatchObject([{ end: "never-ran" }]);
    },
  );

  test.each([{ type: "ThrottlingException" }, "drop", { type: "InternalServerError", status: 500 }] as const)(
    "%j in the midst of it is waited out",
    async (fault) => {
      host(one, async () => ({ stdout: "ok", exitCode: 3 }));
      const sent = await remote.send(script(one));
      ssm.fail("ListCommandInvocations", ...often(fault, 20));
      ssm.fail("GetCommandInvocation", ...often(fault, 20));
      expect(await remote.wait(sent)).toMatchObject([{ end: "failed", stdout: "ok" }]);
      expect(ssm.count("GetCommandInvocation")).toBe(21);
    },
  );

  test("output that SSM never shows is not known", async () => {
    host(one, async () => ({ exitCode: 3 }));
    const sent = await remote.send(script(one));
    ssm.fail("GetCommandInvocation", ...often({ type: "InvocationDoesNotExist" }, 100));
    expect(await remote.wait(sent)).toMatchObject([{ end: "unknown", status: "failed", stdout: "" }]);
  });

  test("losing sight of a running command is an unknown outcome, never a refusal", async () => {
    host(one, forEver);
    const sent = await remote.send(script(one));
    ssm.fail("ListCommandInvocations", { type: "ExpiredTokenException" });
    await expect(remote.wait(sent)).rejects.toMatchObject({ outcome: "unknown", code: "CREDENTIALS_EXPIRED" });
  });

  test("cancelling is not over until it is cancelled", async () => {
    let stopped = (): void => undefined;
    host(one, async (_, kill) => {
      await new Promise<void>((resolve) => (stopped = resolve));
      return { exitCode: kill.aborted ? 137 : 0 };
    });
    const sent = await remote.send(script(one));
    await remote.cancel(sent);
    const seen: string[] = [];
    const runs = await remote.wait(sent, {
      onChange: (_, status) => {
        seen.push(status);
        if (status === "cancelling") stopped();
      },
    });
    expect(seen).toEqual(["cancelling", "cancelled"]);
    expect(runs).toMatchObject([{ end: "unknown", status: "cancelled" }]);
  });

  test("the waiting can be stopped without stopping the command", async () => {
    host(one, forEver);
    const stop = new AbortController();
    const sent = await remote.send(script(one));
    await expect(
      remote.wait(sent, { signal: stop.signal, onChange: () => stop.abort(new Error("enough")) }),
    ).rejects.toThrow("enough");
    expect(ssm.count("CancelCommand")).toBe(0);
  });
});
