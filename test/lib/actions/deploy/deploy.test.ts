import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deploy, type DeployOptions } from "../../../../src/lib/actions/deploy/run.ts";
import { rollback } from "../../../../src/lib/actions/rollback/run.ts";
import type { RolloutResult } from "../../../../src/lib/fleet/result.ts";
import { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import type { Deployment } from "../../../../src/lib/ledger/ledger.ts";
import { layouts, repoAt } from "../../../fakes/ecr-repo.ts";
import { Fleet, sha } from "../../../fakes/fleet.ts";

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open();
  fleet.publish("one");
  fleet.publish("two");
});
afterEach(() => fleet.close());

const options = { environment: "prod", release: undefined, dryRun: false, force: false, supersede: undefined };
const run = (change: Partial<DeployOptions> = {}): Promise<RolloutResult> =>
  deploy({ ...options, ...change }, fleet.ports());
const records = async (): Promise<readonly Deployment[]> =>
  (await fleet.ports().ledger.deploymentLog("prod", Infinity)).deployments;
const sends = (): number => fleet.ssm.count("SendCommand");

describe("from one repository for all services", () => {
  beforeEach(() => {
    fleet.manifests.clear();
    fleet.repo = repoAt("127.0.0.1:5000", layouts.single);
    fleet.publish("one");
    fleet.publish("two");
    fleet.publish("three", false);
  });

  test("every service gets its own digest, and so it stays: again is no deployment, back is one", async () => {
    const notes: string[] = [];
    const progress = { ...fleet.progress, detail: (text: string) => void notes.push(text) };
    const result = await deploy(options, fleet.ports({ progress }));
    expect(result).toMatchObject({ outcome: "deployed", release: { revision: sha("one") } });
    expect(notes).toContain(fleet.repo.explanation);
    const [record] = await records();
    for (const [service, digest] of Object.entries(result.release.images)) {
      expect(record?.intent.images[service]).toEqual({ repository: "threads", digest });
      const running = fleet.hosts.flatMap(({ containers }) => containers.filter((one) => one.service === service));
      expect(new Set(running.map((one) => one.digest))).toEqual(new Set([digest]));
    }
    expect(new Set(Object.values(result.release.images)).size).toBe(4);
    expect(await run()).toMatchObject({ outcome: "already-running" });
    await run({ release: sha("two") });
    await rollback({ environment: "prod", dryRun: false, supersede: undefined }, fleet.ports());
    expect(fleet.revisions("one", "two")).toEqual(["one", "one", "one"]);
  });

  test("what was not promoted is refused: its bundle lacks the tag with its name", async () => {
    await expect(run({ release: sha("three") })).rejects.toMatchObject({ code: "NOT_PROMOTED", exitCode: 3 });
  });
});

test("hosts are told the application's own name, where it answers to no other", async () => {
  const { remote } = fleet.ports();
  const told = new Set<unknown>();
  const send: typeof remote.send = (order) => {
    const { assignments } = order.script;
    if ("HEALTH_HOST" in assignments) told.add(assignments["HEALTH_HOST"]);
    return remote.send(order);
  };
  const config = fleet.config();
  const named = { ...config, runtime: { ...config.runtime, host: "www.example.com" } };
  await deploy(options, fleet.ports({ remote: { ...remote, send }, config: named }));
  expect(told).toEqual(new Set(["www.example.com"]));
});

describe("a deployment", () => {
  test("goes host by host; the first migrates and alone runs the singletons", async () => {
    const result = await run();
    expect(result).toMatchObject({ outcome: "deployed", number: 1, release: { revision: sha("one") }, undo: null });
    expect(fleet.revisions("one")).toEqual(["one", "one", "one"]);
    expect(fleet.hosts.map((host) => host.seen.at(-1))).toEqual([
      "deploy 1 migrate",
      "deploy 1 without celery-beat",
      "deploy 1 without celery-beat",
    ]);
    const [record] = await records();
    expect(record).toMatchObject({
      intent: { kind: "deploy", number: 1, by: { user: "ada" }, hosts: fleet.hosts.map((host) => host.id) },
      outcome: { result: "succeeded", hosts: [{ state: "new" }, { state: "new" }, { state: "new" }] },
    });
  });

  test("names the command that undoes it", async () => {
    await run();
    expect((await run({ release: sha("two") })).undo).toBe("threads rollback -e prod");
  });

  test("of what runs everywhere already is no deployment, unless forced", async () => {
    await run();
    expect(await run()).toMatchObject({ outcome: "already-running", number: null });
    expect(await records()).toHaveLength(1);
    expect(await run({ force: true })).toMatchObject({ outcome: "deployed", number: 2 });
  });

  test("is done again where a container of it has died", async () => {
    await run();
    fleet.hosts[1]!.containers[0]!.state = "exited";
    expect(await run()).toMatchObject({ outcome: "deployed", number: 2 });
  });

  test("dry: the plan says what each host runs, and nothing is written or switched", async () => {
    await run();
    const planned = await run({ release: sha("two"), dryRun: true });
    const ships = { from: { revision: sha("one"), number: 1 }, commits: 2, migrations: ["migrations/0002.py"] };
    expect(planned).toMatchObject({ outcome: "planned", number: null, ships });
    expect(planned.hosts.map((host) => host.before)).toEqual([sha("one"), sha("one"), sha("one")]);
    expect(planned.steps[0]).toBe(
      `i-00000000000000001: pull ${sha("two").slice(0, 12)}, migrate, run celery-beat, switch, check the health, record`,
    );
    expect(await records()).toHaveLength(1);
    expect(fleet.revisions("one")).toEqual(["one", "one", "one"]);
  });

  test("dry: what comes next is typed with the flag without which nothing would happen", async () => {
    await run();
    const deploy = `threads deploy -e prod ${sha("one")}`;
    expect((await run({ dryRun: true })).next).toEqual([`${deploy} --force`]);
    expect((await run({ dryRun: true, force: true })).next).toEqual([`${deploy} --force`]);
    expect((await run({ release: sha("two"), dryRun: true })).next).toEqual([`threads deploy -e prod ${sha("two")}`]);
  });

  test("after a merge that changed nothing is of the commit that was merged", async () => {
    fleet.head = "merge";
    fleet.publish("two", true, "merge");
    fleet.ancestors = [{ revision: sha("two"), tree: sha("tree merge"), parents: [] }];
    const result = await run();
    expect(result.release.revision).toBe(sha("two"));
  });

  test("leaves the singletons on the host that has them, whatever hosts come", async () => {
    await run();
    fleet.addHost("i-00000000000000000", "prod");
    const result = await run({ release: sha("two") });
    expect(result.hosts[0]?.id).toBe("i-00000000000000001");
    expect(fleet.hosts[3]?.seen.at(-1)).toBe("deploy 2 without celery-beat");
  });
});

describe("refused, and nothing changed:", () => {
  const refusals: readonly [string, string, number, Partial<DeployOptions>, () => void][] = [
    ["an unknown environment", "UNKNOWN_ENVIRONMENT", 2, { environment: "prdo" }, () => undefined],
    ["an environment without hosts", "ENVIRONMENT_WITHOUT_HOSTS", 3, { environment: "dev" }, () => undefined],
    ["no host registered", "NO_HOSTS", 3, {}, () => fleet.ssm.hosts.clear()],
    ["a release that was never published", "NOT_PUBLISHED", 3, { release: sha("nine") }, () => undefined],
    [
      "a release that was not promoted",
      "NOT_PROMOTED",
      3,
      { release: sha("three") },
      () => fleet.publish("three", false),
    ],
    [
      "a release that was tagged by hand",
      "NOT_PROMOTED",
      3,
      { release: sha("three") },
      () => fleet.tag(fleet.bundle(fleet.publish("three", false)), `prod-${sha("three")}`),
    ],
    ["an image that has expired", "IMAGE_GONE", 3, {}, () => dropImage()],
    ["a host offline", "HOST_OFFLINE", 3, {}, () => (fleet.hosts[2]!.online = false)],
    [
      "no access",
      "ACCESS_DENIED",
      3,
      {},
      () => fleet.ssm.fail("DescribeInstanceInformation", { type: "AccessDeniedException" }),
    ],
  ];
  function dropImage(): void {
    const key = [...fleet.manifests.keys()].find((name) => name.startsWith("threads/nginx"));
    fleet.manifests.delete(key!);
  }
  test.each(refusals)("%s", async (_, code, exitCode, change, harm) => {
    harm();
    const error = await run(change).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ThreadsError);
    expect(error).toMatchObject({
      code,
      exitCode,
      next: expect.arrayContaining([expect.stringMatching(/^(threads|aws|git) /)]),
    });
    expect(await records()).toEqual([]);
    expect(fleet.hosts.flatMap((host) => host.seen).filter((seen) => seen.startsWith("deploy"))).toEqual([]);
  });

  test("fewer hosts than there must be", async () => {
    const config = fleet.config();
    const prod = { ...config.environments["prod"]!, hosts: { tag: "threads-env", value: "prod", minimum: 4 } };
    const ports = fleet.ports({ config: fleet.config({ environments: { prod } }) });
    await expect(deploy(options, ports)).rejects.toMatchObject({ code: "TOO_FEW_HOSTS", exitCode: 3 });
  });

  test("somebody else's deployment under way; --supersede takes it over", async () => {
    const ports = fleet.ports();
    await run();
    const [first] = await records();
    const { schema, number, nonce, ...draft } = first!.intent;
    const deadline = new Date(fleet.clock.now() + 600_000).toISOString();
    await ports.ledger.begin("prod", number + 1, { ...draft, by: { user: "bob", host: "ci" }, deadline });
    expect([schema, nonce.length]).toEqual([1, 16]);
    await expect(run({ release: sha("two") })).rejects.toMatchObject({
      exitCode: 4,
      code: "DEPLOYMENT_UNDER_WAY",
      message: expect.stringMatching(
        /^bob on ci is deploying .* to prod \(deployment 2, just now\); its last sign of life was \d+ s ago$/,
      ),
      next: [`threads deploy -e prod ${sha("two")} --wait`, "threads status -e prod"],
      advice: [],
    });
    const planned = await run({ release: sha("two"), supersede: 2, dryRun: true });
    expect(planned.next).toEqual([`threads deploy -e prod ${sha("two")} --supersede 2`]);
    const result = await run({ release: sha("two"), supersede: 2 });
    expect(result.number).toBe(3);
    expect((await records())[0]?.intent.supersedes).toBe(2);
  });

  test("one that never ended stands in nobody's way after its deadline", async () => {
    const ports = fleet.ports();
    await run();
    const { schema, number, nonce, ...draft } = (await records())[0]!.intent;
    expect([schema, nonce.length]).toEqual([1, 16]);
    await ports.ledger.begin("prod", number + 1, draft);
    fleet.clock.advance(3_600_000);
    expect((await run({ release: sha("two") })).number).toBe(3);
  });
});

describe("a host fails:", () => {
  beforeEach(() => run());
  const failed = async (): Promise<ThreadsError> =>
    (await run({ release: sha("two") }).catch((error: unknown) => error)) as ThreadsError;

  test("it is back by itself, and those before it are brought back", async () => {
    fleet.hosts[1]!.behaviours.push({ code: 15, serves: "old", message: "celery is unhealthy" });
    const error = await failed();
    expect(error).toMatchObject({
      exitCode: 5,
      code: "ROLLED_BACK",
      message: expect.stringContaining("celery is unhealthy"),
    });
    expect(error.details).toContain("says why");
    expect(fleet.hosts[0]!.seen.at(-1)).toBe("restore 2");
    expect(fleet.hosts[2]!.seen).not.toContain("deploy 2 without celery-beat");
    expect(fleet.revisions("one", "two")).toEqual(["one", "one", "one"]);
    expect((await records())[0]?.outcome).toMatchObject({
      result: "rolled-back",
      hosts: [{ state: "old" }, { state: "old" }, { state: "untouched" }],
    });
  });

  test("and where its health check is to blame, not the service, that is the advice", async () => {
    const log = "-- its health check said:\ncelery | 127 /bin/sh: 1: curl: not found\nthen: back on 0123456789ab";
    fleet.hosts[1]!.behaviours.push({ code: 15, serves: "old", message: "celery is unhealthy", log });
    const advice = "curl is not in the image: the health check is broken, and not celery";
    expect((await failed()).advice).toEqual([advice]);
  });

  test("one that cannot be brought back leaves a partial deployment, host by host", async () => {
    fleet.hosts[1]!.behaviours.push({ code: 15, serves: "old" });
    fleet.hosts[0]!.behaviours.push({}, { code: 16, serves: "unknown" });
    const error = await failed();
    expect(error).toMatchObject({
      exitCode: 6,
      code: "HOSTS_DIFFER",
      next: expect.arrayContaining(["threads rollback -e prod"]),
    });
    expect(error.details[0]).toBe("i-00000000000000001  is in an unknown state");
    expect((await records())[0]?.outcome?.result).toBe("partial");
  });

  test.each([
    [10, 3, "HOST_NOT_READY", "failed"],
    [13, 3, "HOST_NOT_READY", "failed"],
    [14, 5, "MIGRATION_FAILED", "failed"],
  ] as const)(
    "the first one, before its switch (%i): nothing else is touched",
    async (code, exitCode, word, result) => {
      fleet.hosts[0]!.behaviours.push({ code, serves: "old" });
      expect(await failed()).toMatchObject({ exitCode, code: word });
      expect((await records())[0]?.outcome?.result).toBe(result);
      expect(fleet.revisions("one", "two")).toEqual(["one", "one", "one"]);
      expect(fleet.hosts.flatMap(({ seen }) => seen)).not.toContain("restore 2");
    },
  );

  test("SSM's time-out is no verdict: the host is asked, and has done it", async () => {
    fleet.hosts[0]!.behaviours.push({ status: "Execution Timed Out", got: "done" });
    expect(await run({ release: sha("two") })).toMatchObject({ outcome: "deployed" });
  });

  test("SSM's time-out and the host is not on the release: it is brought back", async () => {
    fleet.hosts[1]!.behaviours.push({ status: "Execution Timed Out", got: "half way" });
    expect(await failed()).toMatchObject({ exitCode: 5, message: expect.stringContaining("executiontimedout") });
    expect(fleet.hosts[1]!.seen.at(-1)).toBe("restore 2 without celery-beat");
  });

  test("SSM's Success without the host's own word is none: the host is asked", async () => {
    fleet.hosts[0]!.behaviours.push({ garbage: "all good" });
    expect(await run({ release: sha("two") })).toMatchObject({ outcome: "deployed" });
    expect(fleet.hosts[0]!.seen.at(-1)).toBe("status");
  });

  test("undeliverable: certainly nothing happened there", async () => {
    fleet.hosts[0]!.onDeploy = () => (fleet.hosts[1]!.online = false);
    expect(await failed()).toMatchObject({ exitCode: 5, message: expect.stringContaining("undeliverable") });
    expect(fleet.revisions("one", "two")).toEqual(["one", "one", "one"]);
  });

  test("a newer deployment has been there: stop, and leave the hosts to it", async () => {
    fleet.hosts[1]!.behaviours.push({ code: 11, serves: "unknown" });
    expect(await failed()).toMatchObject({ exitCode: 4, code: "SUPERSEDED" });
    expect(fleet.hosts[0]!.seen).not.toContain("restore 2");
  });
});

describe("AWS fails in the middle:", () => {
  beforeEach(() => run());

  test("a script that could not be sent to the second host brings the first one back", async () => {
    fleet.hosts[0]!.onDeploy = () => fleet.ssm.fail("SendCommand", { type: "ExpiredTokenException" });
    await expect(run({ release: sha("two") })).rejects.toMatchObject({ exitCode: 5, code: "ROLLED_BACK" });
    expect(fleet.revisions("one", "two")).toEqual(["one", "one", "one"]);
  });

  test("where the way back cannot be sent either, each host's state is told", async () => {
    const expired = { type: "ExpiredTokenException" };
    fleet.hosts[0]!.onDeploy = () => fleet.ssm.fail("SendCommand", expired, expired);
    const error = (await run({ release: sha("two") }).catch((caught: unknown) => caught)) as ThreadsError;
    expect(error).toMatchObject({ exitCode: 6, code: "HOSTS_DIFFER" });
    expect(error.details.slice(0, 2)).toEqual([
      "i-00000000000000001  runs the new release",
      "i-00000000000000002  runs what it ran before",
    ]);
  });
});

describe("Ctrl-C:", () => {
  beforeEach(() => run());
  const stopped = async (): Promise<ThreadsError> =>
    (await run({ release: sha("two") }).catch((error: unknown) => error)) as ThreadsError;

  test("the running host finishes, no further one begins, and each host's state is told", async () => {
    fleet.hosts[1]!.onDeploy = () => fleet.press();
    const error = await stopped();
    expect(error).toMatchObject({
      exitCode: 130,
      code: "INTERRUPTED",
      next: [`threads deploy -e prod ${sha("two")}`, "threads rollback -e prod", "threads status -e prod"],
    });
    expect(error.details.slice(0, 3)).toEqual([
      "i-00000000000000001  runs the new release",
      "i-00000000000000002  runs the new release",
      "i-00000000000000003  was not touched",
    ]);
    expect(fleet.warnings[0]).toContain("no further host");
    expect(fleet.revisions("one", "two")).toEqual(["two", "two", "one"]);
    expect((await records())[0]?.outcome?.result).toBe("interrupted");
  });

  test("the next run finishes what was interrupted", async () => {
    fleet.hosts[0]!.onDeploy = () => fleet.press();
    await stopped();
    fleet.hosts[0]!.onDeploy = undefined;
    await deploy({ ...options, release: sha("two") }, fleet.freshPorts());
    expect(fleet.revisions("one", "two")).toEqual(["two", "two", "two"]);
  });

  test("a second one cancels the running host, which is then brought back", async () => {
    fleet.hosts[1]!.behaviours.push({ until: new Promise(() => undefined) });
    fleet.hosts[1]!.onDeploy = () => {
      fleet.press();
      fleet.press();
    };
    const error = await stopped();
    expect(error).toMatchObject({ exitCode: 130, message: expect.stringContaining("was cancelled and is back") });
    expect(fleet.ssm.count("CancelCommand")).toBe(1);
    expect(fleet.hosts[1]!.seen.at(-1)).toBe("restore 2 without celery-beat");
    expect(fleet.revisions("one", "two")).toEqual(["two", "one", "one"]);
    expect((await records())[0]?.outcome).toMatchObject({
      result: "interrupted",
      hosts: [{ state: "new" }, { state: "old" }, { state: "untouched" }],
    });
  });

  test("where the first host is back, too, no rollback is offered: it would go one release too far", async () => {
    fleet.hosts[0]!.behaviours.push({ until: new Promise(() => undefined) });
    fleet.hosts[0]!.onDeploy = () => {
      fleet.press();
      fleet.press();
    };
    expect((await stopped()).next).toEqual([`threads deploy -e prod ${sha("two")}`, "threads status -e prod"]);
    expect(fleet.revisions("one", "two")).toEqual(["one", "one", "one"]);
  });

  test("before the first host: nothing is written", async () => {
    const before = sends();
    fleet.press();
    expect(await stopped()).toMatchObject({ exitCode: 130 });
    expect(await records()).toHaveLength(1);
    expect(sends()).toBe(before);
  });

  test("on the last host: it finishes, and that is a success", async () => {
    fleet.hosts[2]!.onDeploy = () => fleet.press();
    expect(await run({ release: sha("two") })).toMatchObject({ outcome: "deployed" });
  });
});

describe("a freeze", () => {
  const draft = { reason: "black friday", by: { user: "bob", host: "desk" }, at: "2026-11-22T10:00:00.000Z" };

  test("refuses before anything is touched, says by whom and why, and lets go when it is lifted", async () => {
    await fleet.ports().ledger.freeze("prod", draft);
    await expect(run()).rejects.toMatchObject({
      code: "FROZEN",
      exitCode: 3,
      message: expect.stringMatching(/^prod is frozen by bob on desk since .*: black friday$/),
      // There is nothing to go back to.
      next: ["threads freeze -e prod --lift"],
      advice: [],
    });
    await expect(run({ dryRun: true })).rejects.toThrow(/^it would be refused: prod is frozen by bob on desk/);
    expect(await records()).toEqual([]);
    await fleet.ports().ledger.lift("prod", draft.by, draft.at);
    expect((await run()).outcome).toBe("deployed");
  });

  test("does not concern what runs already, nor the way back", async () => {
    await run();
    await run({ release: sha("two") });
    await fleet.ports().ledger.freeze("prod", draft);
    expect((await run({ release: sha("two") })).outcome).toBe("already-running");
    const back = { environment: "prod", dryRun: false, supersede: undefined };
    expect(await rollback(back, fleet.ports())).toMatchObject({ kind: "rollback", release: { revision: sha("one") } });
  });
});
