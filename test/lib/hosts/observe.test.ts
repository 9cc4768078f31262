import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deploy } from "../../../src/lib/actions/deploy/run.ts";
import { status } from "../../../src/lib/actions/status/run.ts";
import type { ThreadsError } from "../../../src/lib/errors/threads-error.ts";
import { Fleet, rewired, sha } from "../../fakes/fleet.ts";

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open(2);
  fleet.publish("one");
});
afterEach(() => fleet.close());

const put = (dryRun: boolean): Promise<unknown> =>
  deploy({ environment: "prod", release: sha("one"), dryRun, force: false, supersede: undefined }, fleet.ports());
const looks: [string, () => Promise<unknown>][] = [
  ["status", () => status({ environment: "prod" }, fleet.ports())],
  ["deploy --dry-run", () => put(true)],
  ["the look before a deploy", () => put(false)],
];
const refusal = (run: Promise<unknown>): Promise<ThreadsError> =>
  run.then(
    () => Promise.reject(new Error("nothing was refused")),
    (error: unknown) => error as ThreadsError,
  );

describe.each(looks)("%s, when its answer cannot be seen", (_, run) => {
  test.each(["SendCommand", "ListCommandInvocations", "GetCommandInvocation"])(
    "is refused, with the action that is missing: ssm:%s",
    async (operation) => {
      const message = `User: arn:aws:sts::000000000000:assumed-role/ops/ada is not authorized to perform: ssm:${operation}`;
      // What SSM's list cannot show whole is read by itself.
      for (const host of fleet.hosts) host.change = () => ({ padding: "x".repeat(2_500) });
      fleet.ssm.fail(operation, ...Array.from({ length: 4 }, () => ({ type: "AccessDeniedException", message })));
      const error = await refusal(run());
      expect(error).toMatchObject({
        outcome: "refused",
        code: "ACCESS_DENIED",
        next: ["threads policy iam", "aws sts get-caller-identity"],
        message: expect.stringContaining(`ssm:${operation}`) as string,
      });
      expect(error.message).not.toContain("go on without us");
      expect(fleet.hosts.flatMap(({ containers }) => containers)).toEqual([]);
    },
  );

  test("is refused where AWS does not answer at all", async () => {
    fleet.ssm.fail("SendCommand", ...Array.from({ length: 100 }, () => "drop" as const));
    const error = await refusal(run());
    expect(error).toMatchObject({ outcome: "refused", code: "AWS_UNREACHABLE" });
    expect(error.next.filter((command) => /^threads (?:status|deploy)/.test(command))).toEqual([]);
  });
});

test("a host that SSM has just lost is silent by itself: the others still answer", async () => {
  await put(false);
  const ports = fleet.ports();
  const hosts: typeof ports.remote.hosts = async (tag) => {
    const found = await ports.remote.hosts(tag);
    fleet.ssm.hosts.delete("i-00000000000000002");
    return found;
  };
  const result = await status({ environment: "prod" }, rewired(ports, { remote: { hosts } }));
  expect(result.environments[0]?.hosts).toMatchObject([
    { id: "i-00000000000000001", verdict: "ok" },
    { id: "i-00000000000000002", verdict: "silent", says: "no answer: SSM no longer knows the host" },
  ]);
});

test("losing sight of a host at work stays an unknown outcome, also when it cannot be asked afterwards", async () => {
  const expired = { type: "ExpiredTokenException" };
  // SSM does not know how the script ended, and the look at the host that follows is refused.
  fleet.hosts[0]!.behaviours.push({ status: "Execution Timed Out", got: "half way" });
  fleet.hosts[0]!.onDeploy = () => fleet.ssm.fail("SendCommand", expired);
  expect(await refusal(put(false))).toMatchObject({ outcome: "unknown", exitCode: 7, code: "CREDENTIALS_EXPIRED" });
});
