import { afterEach, beforeEach, expect, test } from "vitest";
import { deploy } from "../../../../src/lib/actions/deploy/run.ts";
import { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import { Fleet, rewired, sha } from "../../../fakes/fleet.ts";

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open(1);
  fleet.publish("one");
});
afterEach(() => fleet.close());

const options = { environment: "prod", release: sha("one"), dryRun: false, force: false, supersede: undefined };

test("the wrong account is told whatever else is wrong, and before anything is sent to a host", async () => {
  const wrong = new ThreadsError("WRONG_ACCOUNT", {
    message: "wrong",
    next: ["aws sts get-caller-identity"],
  });
  const ports = fleet.ports({ checkAccount: () => Promise.reject(wrong) });
  await expect(deploy(options, ports)).rejects.toBe(wrong);
  await expect(deploy({ ...options, release: sha("never published") }, ports)).rejects.toBe(wrong);
  expect(fleet.ssm.count("SendCommand")).toBe(0);
});

test("nothing waits for the check of the account: everything else is asked meanwhile", async () => {
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const ports = fleet.ports();
  const hosts: typeof ports.remote.hosts = (tag) => {
    resolve();
    return ports.remote.hosts(tag);
  };
  const slow = rewired(ports, { remote: { hosts }, checkAccount: () => asked });
  expect(await deploy({ ...options, dryRun: true }, slow)).toMatchObject({ outcome: "planned" });
});
