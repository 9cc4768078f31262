import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CancelCommandCommand, ListCommandsCommand } from "@aws-sdk/client-ssm";
import { afterEach, describe, expect, it } from "vitest";
import { eventually, movablePace, startHarness, type SsmHarness, staging, web1, web2 } from "./harness.ts";

const waitForGo = "d=$(dirname $0); echo run >>$d/runs; while [ ! -e $d/go ]; do sleep 0.05; done; echo went";

describe("delivery of commands", () => {
  let ssm: SsmHarness;
  afterEach(() => ssm.close());

  const parent = async (id: string) =>
    (await ssm.client.send(new ListCommandsCommand({ CommandId: id }))).Commands?.[0] ?? {};
  const settled = (id: string) =>
    eventually(async () => {
      const found = await parent(id);
      return ["Pending", "InProgress", "Cancelling"].includes(found.Status ?? "") ? undefined : found;
    });
  const inProgress = (id: string, instanceId = web1) =>
    eventually(async () => ((await ssm.invocation(id, instanceId)).Status === "InProgress" ? true : undefined));
  const begun = (id: string) =>
    eventually(async () => existsSync(join(ssm.hosts.orderDirectory(web1, id), "runs")) || undefined);
  const go = (id: string) => writeFileSync(join(ssm.hosts.orderDirectory(web1, id), "go"), "");

  it("waits for a host that is away and delivers when it is back", async () => {
    ssm = await startHarness();
    ssm.hosts.set(web1, { running: false });
    const id = await ssm.send(["echo hello"]);
    expect(await ssm.invocation(id)).toMatchObject({ Status: "Pending", ResponseCode: -1, ExecutionStartDateTime: "" });
    ssm.hosts.set(web1, { running: true });
    expect(await ssm.finished(id)).toMatchObject({ Status: "Success", StandardOutputContent: "hello\n" });
  });

  it("gives up after TimeoutSeconds: Undeliverable when the host was away from the start", async () => {
    const pace = movablePace();
    ssm = await startHarness({ pace });
    ssm.hosts.set(web1, { running: false });
    const id = await ssm.send(["echo hello"], { TimeoutSeconds: 30 });
    expect((await ssm.invocation(id)).Status).toBe("Pending");
    pace.skip(31_000);
    const found = await ssm.finished(id);
    expect(found).toMatchObject({ Status: "Failed", StatusDetails: "Undeliverable", ResponseCode: -1 });
    expect(await parent(id)).toMatchObject({ Status: "Failed", ErrorCount: 0, CompletedCount: 1 });
  });

  it("calls it DeliveryTimedOut when the host was there when the command was sent", async () => {
    const pace = movablePace();
    ssm = await startHarness({ pace });
    const busy = await Promise.all(Array.from({ length: 5 }, () => ssm.send([waitForGo])));
    for (const id of busy) await begun(id);
    const id = await ssm.send(["echo hello"], { TimeoutSeconds: 30 });
    ssm.hosts.powerOff(web1);
    for (const one of busy) await ssm.client.send(new CancelCommandCommand({ CommandId: one }));
    pace.skip(3600_000 * 3);
    expect((await ssm.finished(id)).StatusDetails).toBe("DeliveryTimedOut");
    expect(await parent(id)).toMatchObject({ Status: "TimedOut", DeliveryTimedOutCount: 1 });
  });

  it("calls one undeliverable host and one success a Success", async () => {
    const pace = movablePace();
    ssm = await startHarness({ pace });
    ssm.hosts.set(web2, { running: false });
    const id = await ssm.send(["echo hello"], { InstanceIds: [web1, web2], TimeoutSeconds: 30 });
    expect((await ssm.finished(id)).Status).toBe("Success");
    pace.skip(31_000);
    expect((await ssm.finished(id, web2)).StatusDetails).toBe("Undeliverable");
    expect(await settled(id)).toMatchObject({ Status: "Success", StatusDetails: "Success", CompletedCount: 2 });
  });

  it("stays in progress on a host that died in mid-command, until both clocks have run out", async () => {
    const pace = movablePace();
    ssm = await startHarness({ pace });
    const id = await ssm.send([waitForGo], {
      TimeoutSeconds: 90,
      Parameters: { commands: [waitForGo], executionTimeout: ["60"] },
    });
    await begun(id);
    ssm.hosts.powerOff(web1);
    pace.skip(91_000);
    expect((await ssm.invocation(id)).StatusDetails).toBe("InProgress");
    pace.skip(60_000);
    const found = await ssm.finished(id);
    expect(found).toMatchObject({ Status: "TimedOut", StatusDetails: "DeliveryTimedOut", ResponseCode: -1 });
    expect(await parent(id)).toMatchObject({ StatusDetails: "DeliveryTimedOut", DeliveryTimedOutCount: 1 });
  });

  it("runs the unfinished step again from its top when the host comes back", async () => {
    ssm = await startHarness();
    const id = await ssm.send([waitForGo]);
    await begun(id);
    ssm.hosts.powerOff(web1);
    go(id);
    ssm.hosts.set(web1, { running: true });
    expect(await ssm.finished(id)).toMatchObject({ Status: "Success", StandardOutputContent: "went\n" });
    expect(readFileSync(join(ssm.hosts.orderDirectory(web1, id), "runs"), "utf8")).toBe("run\nrun\n");
  });

  it("does not run it on another machine that took over the instance id", async () => {
    const pace = movablePace();
    ssm = await startHarness({ pace });
    const id = await ssm.send([waitForGo], {
      TimeoutSeconds: 60,
      Parameters: { commands: [waitForGo], executionTimeout: ["60"] },
    });
    await begun(id);
    ssm.hosts.powerOff(web1);
    ssm.hosts.set(web1, { running: true, reference: "another" });
    const other = await ssm.send(["sleep 0.3; echo the machine works"]);
    expect((await ssm.finished(other)).Status).toBe("Success");
    pace.skip(121_000);
    expect((await ssm.finished(id)).StatusDetails).toBe("DeliveryTimedOut");
    expect(readFileSync(join(ssm.hosts.orderDirectory(web1, id), "runs"), "utf8")).toBe("run\n");
  });

  it("delivers the result of a script that went on while the server was away", async () => {
    ssm = await startHarness();
    const running = await ssm.send([waitForGo]);
    const done = await ssm.send(["echo done"]);
    await ssm.finished(done);
    await begun(running);
    await ssm.restart();
    expect((await ssm.invocation(done)).StandardOutputContent).toBe("done\n");
    expect((await ssm.invocation(running)).Status).toBe("InProgress");
    go(running);
    expect(await ssm.finished(running)).toMatchObject({ Status: "Success", StandardOutputContent: "went\n" });
    expect(readFileSync(join(ssm.hosts.orderDirectory(web1, running), "runs"), "utf8")).toBe("run\n");
  });

  it("cancels what has not begun without running it", async () => {
    ssm = await startHarness();
    ssm.hosts.set(web1, { running: false });
    const id = await ssm.send(["touch $(dirname $0)/runs"]);
    await ssm.client.send(new CancelCommandCommand({ CommandId: id }));
    expect(await ssm.finished(id)).toMatchObject({ Status: "Cancelled", ResponseCode: -1 });
    expect(await parent(id)).toMatchObject({ Status: "Cancelled" });
    ssm.hosts.set(web1, { running: true });
    expect(existsSync(ssm.hosts.orderDirectory(web1, id))).toBe(false);
  });

  it("cancels on a host that is away as soon as it is back, and does not run the step again", async () => {
    ssm = await startHarness();
    const id = await ssm.send([waitForGo]);
    await begun(id);
    ssm.hosts.powerOff(web1);
    await ssm.client.send(new CancelCommandCommand({ CommandId: id }));
    expect((await ssm.invocation(id)).Status).toBe("Cancelling");
    ssm.hosts.set(web1, { running: true });
    expect((await ssm.finished(id)).Status).toBe("Cancelled");
    expect(readFileSync(join(ssm.hosts.orderDirectory(web1, id), "runs"), "utf8")).toBe("run\n");
  });

  it("stops sending when MaxErrors is exceeded: the rest is Terminated", async () => {
    ssm = await startHarness();
    const ids = [web1, web2, staging];
    const id = await ssm.send(["exit 1"], { InstanceIds: ids, MaxConcurrency: "1", MaxErrors: "1" });
    expect(await settled(id)).toMatchObject({ Status: "Failed", ErrorCount: 2, CompletedCount: 3, TargetCount: 3 });
    expect((await ssm.invocation(id, staging)).StatusDetails).toBe("Terminated");
  });

  it("keeps to MaxConcurrency", async () => {
    ssm = await startHarness();
    const id = await ssm.send([waitForGo], { InstanceIds: [web1, web2], MaxConcurrency: "50%" });
    await inProgress(id, web1);
    await begun(id);
    expect((await ssm.invocation(id, web2)).Status).toBe("Pending");
    go(id);
    await ssm.finished(id, web1);
    await inProgress(id, web2);
  });
});
