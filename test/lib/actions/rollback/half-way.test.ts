import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { converge } from "../../../../src/lib/actions/converge/run.ts";
import { deploy, type DeployOptions } from "../../../../src/lib/actions/deploy/run.ts";
import { rollback } from "../../../../src/lib/actions/rollback/run.ts";
import { status } from "../../../../src/lib/actions/status/run.ts";
import type { EnvironmentStatus } from "../../../../src/lib/fleet/status-result.ts";
import type { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import type { RolloutResult } from "../../../../src/lib/fleet/result.ts";
import { plainPaint } from "../../../../src/lib/output/paint.ts";
import { statusRenderer } from "../../../../src/lib/output/render/status.ts";
import { Fleet, sha } from "../../../fakes/fleet.ts";

// A rollback that has not come to its end: what deploys by itself afterwards must not take hosts forward again.

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open(2);
  for (const word of ["one", "two", "three"]) fleet.publish(word);
  await put("one");
  await put("two");
});
afterEach(() => fleet.close());

const put = (word: string, change: Partial<DeployOptions> = {}): Promise<RolloutResult> => {
  const options = { environment: "prod", release: sha(word), dryRun: false, force: false, supersede: undefined };
  return deploy({ ...options, ...change }, fleet.freshPorts());
};
const back = (release?: string, ports = fleet.freshPorts()): Promise<RolloutResult> =>
  rollback({ environment: "prod", release, dryRun: false, supersede: undefined, reason: "orders are lost" }, ports);
const bring = (): Promise<RolloutResult> =>
  converge({ environment: "prod", host: undefined, dryRun: false, supersede: undefined }, fleet.freshPorts());
const failed = (run: Promise<unknown>): Promise<ThreadsError> =>
  run.then(
    () => Promise.reject(new Error("it succeeded")),
    (error: ThreadsError) => error,
  );
const prod = async (): Promise<EnvironmentStatus> =>
  (await status({ environment: "prod" }, fleet.freshPorts())).environments[0]!;

/** Its second host neither gets there nor back. */
function stuck(): Promise<ThreadsError> {
  fleet.hosts[1]!.behaviours.push({ status: "TimedOut", got: "half way" }, { code: 16, serves: "unknown" });
  return failed(back());
}
/** Whoever goes back has to leave while the hosts are at work. */
async function left(): Promise<ThreadsError> {
  fleet.hosts[0]!.onDeploy = () => fleet.terminate();
  const error = await failed(back(undefined, fleet.ports()));
  fleet.hosts[0]!.onDeploy = undefined;
  await expect.poll(() => fleet.revisions("one", "two")).toEqual(["one", "one"]);
  return error;
}

const ends = [
  ["in which a host is stuck", "HOSTS_DIFFER", stuck],
  ["whose end nobody saw", "INTERRUPTED", left],
] as const;

describe.each(ends)("a rollback %s", (_, code, halfWay) => {
  test("says that it holds, and every other release is refused until it is lifted by its number", async () => {
    const error = await halfWay();
    expect(error).toMatchObject({ code });
    expect(error.advice).toContain("prod is held: no other release is deployed to it but with --lift-hold 3");
    for (const word of ["two", "three"])
      expect(await failed(put(word, { force: true }))).toMatchObject({
        code: "HELD",
        message: expect.stringMatching(/began to roll it back .* which has not come to every host: orders are lost$/),
        next: [`threads deploy -e prod ${sha(word)} --lift-hold 3`, "threads status -e prod"],
      });
    expect(await put("three", { liftHold: 3 })).toMatchObject({ outcome: "deployed", liftsHold: 3 });
    expect((await prod()).hold).toBeNull();
    expect(await put("two")).toMatchObject({ outcome: "deployed", liftsHold: null });
  });

  test("is finished by the command that status names first, and holds then as any other", async () => {
    await halfWay();
    const { next, hold } = await prod();
    expect(hold).toMatchObject({ number: 3, complete: false, on: sha("one"), from: sha("two") });
    expect(next).toEqual([
      `threads rollback -e prod ${sha("one")}`,
      `threads deploy -e prod ${sha("two")} --force --lift-hold 3`,
    ]);
    expect(await back(sha("one"))).toMatchObject({ outcome: "deployed", release: { revision: sha("one") } });
    expect((await prod()).hold).toMatchObject({ number: 4, complete: true });
    expect(await failed(put("two"))).toMatchObject({ code: "HELD" });
  });

  test("is not undone by converge, which knows the other release as that of every host", async () => {
    await halfWay();
    const runs = fleet.revisions("one", "two");
    expect(await failed(bring())).toMatchObject({
      code: "HELD",
      exitCode: 3,
      next: [
        `threads rollback -e prod ${sha("one")}`,
        `threads deploy -e prod ${sha("two")} --force --lift-hold 3`,
        "threads status -e prod",
      ],
    });
    expect(fleet.revisions("one", "two")).toEqual(runs);
  });
});

test("status shows that it has not come to every host", async () => {
  await stuck();
  const seen = await status({ environment: "prod" }, fleet.freshPorts());
  expect(statusRenderer({})(seen, plainPaint).join("\n")).toMatch(
    /held since a rollback from \w{12}, which has not come to every host, .* by ada on laptop \(#3\): orders are lost/,
  );
});

test("one that every host went forward from again holds nothing, and one that was refused neither", async () => {
  fleet.hosts[1]!.behaviours.push({ code: 15, serves: "old" });
  expect(await failed(back())).toMatchObject({ code: "ROLLED_BACK" });
  for (const host of fleet.hosts) host.behaviours.push({ code: 10, serves: "old" });
  expect(await failed(back())).toMatchObject({ advice: [] });
  expect((await prod()).hold).toBeNull();
  expect(await put("three")).toMatchObject({ outcome: "deployed", liftsHold: null });
});
