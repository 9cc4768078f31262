import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deploy } from "../../../../src/lib/actions/deploy/run.ts";
import { rollback } from "../../../../src/lib/actions/rollback/run.ts";
import { status } from "../../../../src/lib/actions/status/run.ts";
import type { WrittenGates } from "../../../../src/lib/config/gates-words.ts";
import { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import { plainPaint } from "../../../../src/lib/output/paint.ts";
import { rolloutRenderer } from "../../../../src/lib/output/render/rollout.ts";
import { statusRenderer } from "../../../../src/lib/output/render/status.ts";
import type { Lineage } from "../../../../src/lib/source/lineage.ts";
import { Fleet, rewired, sha } from "../../../fakes/fleet.ts";

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open(2);
  for (const word of ["one", "two", "three"]) fleet.publish(word);
});
afterEach(() => fleet.close());

const put = (word: string, force = false) =>
  deploy({ environment: "prod", release: sha(word), dryRun: false, force, supersede: undefined }, fleet.ports());
const back = (dryRun = false) => rollback({ environment: "prod", dryRun, supersede: undefined }, fleet.ports());

test("goes to the release before, as a new record, without migrating and without the registry", async () => {
  await put("one");
  await put("two");
  fleet.manifests.clear();
  const result = await back();
  expect(result).toMatchObject({
    outcome: "deployed",
    kind: "rollback",
    number: 3,
    rollbackOf: 2,
    release: { revision: sha("one") },
  });
  expect(result.undo).toBe(`threads deploy -e prod ${sha("two")} --lift-hold 3`);
  expect(fleet.revisions("one", "two")).toEqual(["one", "one"]);
  expect(fleet.hosts[0]!.seen.at(-1)).toBe("deploy 3");
  expect((await fleet.ports().ledger.deploymentLog("prod", Infinity)).deployments[0]).toMatchObject({
    intent: { kind: "rollback", rollbackOf: 2 },
  });
});

test("a plan that takes over what is under way is carried out with the same flag", async () => {
  await put("one");
  await put("two");
  const { ledger, clock } = fleet.ports();
  const [newest] = (await ledger.deploymentLog("prod", Infinity)).deployments;
  const deadline = new Date(clock.now() + 600_000).toISOString();
  await ledger.begin("prod", 3, { ...newest!.intent, deadline });
  const planned = await rollback({ environment: "prod", dryRun: true, supersede: 3 }, fleet.ports());
  expect(planned.next).toEqual(["threads rollback -e prod --supersede 3"]);
});

test("the account is checked beside the first questions, and a wrong one is told before anything is sent", async () => {
  await put("one");
  await put("two");
  const sent = fleet.ssm.count("SendCommand");
  const wrong = new ThreadsError("WRONG_ACCOUNT", {
    message: "wrong",
    next: ["aws sts get-caller-identity"],
  });
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const ports = fleet.ports();
  const hosts: typeof ports.remote.hosts = (tag) => {
    resolve();
    return ports.remote.hosts(tag);
  };
  const checkAccount = (): Promise<void> => asked.then(() => Promise.reject(wrong));
  const options = { environment: "prod", dryRun: false, supersede: undefined };
  await expect(rollback(options, rewired(ports, { remote: { hosts }, checkAccount }))).rejects.toBe(wrong);
  expect(fleet.ssm.count("SendCommand")).toBe(sent);
});

test("to a release from before a service was added: today's threads.yml does not judge it", async () => {
  await put("one");
  await put("two");
  const known = fleet.config();
  const config = fleet.config({ services: [...known.services, "flower"] });
  const result = await rollback({ environment: "prod", dryRun: false, supersede: undefined }, fleet.ports({ config }));
  expect(result).toMatchObject({ outcome: "deployed", release: { revision: sha("one") } });
  const { environments } = await status({ environment: "prod" }, fleet.ports({ config }));
  expect(environments[0]?.problems).toEqual([]);
});

test("a second one goes further back, never forward to what the first one left", async () => {
  for (const word of ["one", "two", "three"]) await put(word);
  await back();
  await back();
  expect(fleet.revisions("one", "two", "three")).toEqual(["one", "one"]);
  await expect(back()).rejects.toMatchObject({ code: "NOTHING_TO_ROLL_BACK", exitCode: 3 });
});

test("the same release deployed twice counts once", async () => {
  await put("one");
  await put("two");
  await put("two", true);
  await back();
  expect(fleet.revisions("one", "two")).toEqual(["one", "one"]);
});

test("after an interrupted deployment back means to the last that succeeded", async () => {
  await put("one");
  await put("two");
  fleet.hosts[0]!.onDeploy = () => fleet.press();
  await expect(put("three")).rejects.toMatchObject({ code: "INTERRUPTED" });
  expect(fleet.revisions("two", "three")).toEqual(["three", "two"]);
  fleet.hosts[0]!.onDeploy = undefined;
  const calm = { signal: new AbortController().signal };
  const result = await rollback(
    { environment: "prod", dryRun: false, supersede: undefined },
    { ...fleet.ports(), ...calm },
  );
  expect(result).toMatchObject({ rollbackOf: 3, release: { revision: sha("two") } });
  expect(fleet.revisions("two", "three")).toEqual(["two", "two"]);
});

test("after one that failed and was rolled back it goes one below what runs", async () => {
  await put("one");
  await put("two");
  fleet.hosts[0]!.behaviours.push({ code: 15, serves: "old" });
  await expect(put("three")).rejects.toMatchObject({ code: "ROLLED_BACK" });
  expect((await back()).release.revision).toBe(sha("one"));
});

test("after an interrupted one and another that failed harmlessly back means to the last that succeeded, too", async () => {
  await put("one");
  await put("two");
  fleet.hosts[0]!.onDeploy = () => fleet.press();
  await put("three").catch(() => undefined);
  fleet.hosts[0]!.onDeploy = undefined;
  const calm = { ...fleet.ports(), signal: new AbortController().signal };
  fleet.hosts[0]!.behaviours.push({ code: 10, serves: "old" });
  fleet.publish("four");
  const four = { environment: "prod", release: sha("four"), dryRun: false, force: false, supersede: undefined };
  await expect(deploy(four, calm)).rejects.toMatchObject({ code: "HOST_NOT_READY" });
  const { environments } = await status({ environment: "prod" }, calm);
  expect(environments[0]?.problems[0]).toBe("deployment 3 by ada on laptop was left interrupted");
  expect(environments[0]?.latest).toMatchObject({ number: 4, result: "failed" });
  const result = await rollback({ environment: "prod", dryRun: false, supersede: undefined }, calm);
  expect(result).toMatchObject({ rollbackOf: 3, release: { revision: sha("two") } });
  expect(fleet.revisions("two", "three")).toEqual(["two", "two"]);
});

test("dry: says where it would go", async () => {
  await put("one");
  await put("two");
  expect(await back(true)).toMatchObject({ outcome: "planned", release: { revision: sha("one") }, rollbackOf: 2 });
  expect(fleet.revisions("two")).toEqual(["two", "two"]);
});

describe("a deployment record is no authorisation:", () => {
  /** What somebody who may only write deployments puts below the release that runs. */
  const forge = async (word: string, environment = "prod"): Promise<void> => {
    fleet.publish(word, false);
    const { ledger } = fleet.ports();
    const bundle = { repository: "threads/bundle", digest: fleet.bundle(sha(word)).digest };
    const [newest] = (await ledger.deploymentLog(environment, Infinity)).deployments;
    const number = (newest?.intent.number ?? 0) + 1;
    const { nonce } = await ledger.begin(environment, number, {
      kind: "deploy",
      revision: sha(word),
      tree: sha(`tree ${word}`),
      bundle,
      images: {},
      hosts: [],
      by: { user: "eve", host: "desk" },
      startedAt: "2026-11-22T10:00:00.000Z",
      deadline: "2026-11-22T10:15:00.000Z",
    });
    const finishedAt = "2026-11-22T10:05:00.000Z";
    await ledger.finish(environment, { schema: 1, number, nonce, result: "succeeded", hosts: [], finishedAt });
  };

  test("where gates are, back goes only to what was promoted", async () => {
    await forge("evil");
    await put("one");
    const seen = fleet.hosts.map((host) => host.seen.length);
    const records = fleet.ssm.parameters.store.size;
    for (const dryRun of [true, false])
      await expect(back(dryRun)).rejects.toMatchObject({
        code: "NOT_PROMOTED",
        exitCode: 3,
        message: expect.stringContaining(`deployment 1 of ${sha("evil").slice(0, 12)}`),
        next: [`threads promote ${sha("evil")} -e prod`, "threads history -e prod"],
      });
    expect(fleet.revisions("one")).toEqual(["one", "one"]);
    expect(fleet.hosts.map((host) => host.seen.slice(seen[0]).filter((what) => what !== "status"))).toEqual([[], []]);
    expect(fleet.ssm.parameters.store.size).toBe(records);
  });

  test("nor does one that names a promoted revision with another bundle", async () => {
    await forge("evil");
    fleet.recordPromotion("prod", { revision: sha("evil"), bundle: fleet.bundle(sha("two")).digest });
    await put("one");
    await expect(back()).rejects.toMatchObject({ code: "NOT_PROMOTED" });
  });

  test("what the refusal asks for opens it", async () => {
    await put("one");
    fleet.ssm.parameters.store.delete(`/threads/prod/promotions/${fleet.bundle(sha("one")).digest.slice(7)}`);
    await put("two");
    await expect(back()).rejects.toMatchObject({ code: "NOT_PROMOTED" });
    fleet.recordPromotion("prod", { revision: sha("one"), bundle: fleet.bundle(sha("one")).digest });
    expect((await back()).release.revision).toBe(sha("one"));
  });

  test("where none are, nothing changes", async () => {
    for (const id of ["i-0000000000000000a", "i-0000000000000000b"]) fleet.addHost(id, "staging");
    const options = { environment: "staging", dryRun: false, supersede: undefined };
    for (const word of ["four", "five"]) {
      fleet.publish(word, false);
      await deploy({ ...options, release: sha(word), force: false }, fleet.ports());
    }
    expect((await rollback(options, fleet.ports())).release.revision).toBe(sha("four"));
  });

  describe("where only a policy has them,", () => {
    const policy = "/threads/prod/policy";
    const bare = () => {
      const ports = fleet.ports();
      const prod = { ...ports.config.environments["prod"]!, requiresPromotion: false };
      return { ...ports, config: { ...ports.config, environments: { ...ports.config.environments, prod } } };
    };
    const tryBack = () => rollback({ environment: "prod", dryRun: true, supersede: undefined }, bare());
    const push = (gates: WrittenGates | null) =>
      bare().ledger.pushPolicy({
        environment: "prod",
        gates,
        by: { user: "ada", host: "laptop" },
        at: "2026-11-22T10:00:00.000Z",
      });

    test("back goes only to what was promoted, whatever the policy asks for besides", async () => {
      await forge("evil");
      await put("one");
      expect((await tryBack()).release.revision).toBe(sha("evil"));
      await push({ approvals: { count: 2 } });
      await expect(tryBack()).rejects.toMatchObject({ code: "NOT_PROMOTED" });
      fleet.recordPromotion("prod", { revision: sha("evil"), bundle: fleet.bundle(sha("evil")).digest });
      expect((await tryBack()).release.revision).toBe(sha("evil"));
      await push(null);
      expect((await tryBack()).release.revision).toBe(sha("evil"));
    });

    test.each(["x", `{"schema":7}`])(
      "one that nobody can read (%s) closes no way back, and opens none",
      async (text) => {
        await put("one");
        await put("two");
        fleet.ssm.parameters.store.set(policy, text);
        expect((await tryBack()).release.revision).toBe(sha("one"));
        fleet.ssm.parameters.store.delete(`/threads/prod/promotions/${fleet.bundle(sha("one")).digest.slice(7)}`);
        await expect(tryBack()).rejects.toMatchObject({ code: "NOT_PROMOTED" });
        await expect(put("three")).rejects.toMatchObject({ exitCode: 3, message: expect.stringContaining(policy) });
      },
    );
  });
});

test("where nothing was deployed there is nothing to go back to", async () => {
  await expect(back()).rejects.toMatchObject({
    code: "NOTHING_TO_ROLL_BACK",
    next: ["threads history -e prod", "threads status -e prod"],
  });
});

describe("the migrations of the release that goes", () => {
  const added = "posts/migrations/0002_likes.py";
  const rolled = (between: Lineage["between"], dryRun = false) =>
    rollback(
      { environment: "prod", dryRun, supersede: undefined },
      fleet.ports({ lineage: { ...fleet.ports().lineage, between } }),
    );

  test("are named, because they stay", async () => {
    await put("one");
    await put("two");
    const asked: unknown[] = [];
    const between: Lineage["between"] = async (...revisions) => {
      asked.push(revisions);
      return { commits: 1, log: [], dropped: 0, migrations: [added] };
    };
    const planned = await rolled(between, true);
    expect(rolloutRenderer({})(planned, plainPaint).join("\n")).toContain(
      `  1 migration of the newer release stays:\n    ${added}`,
    );
    const done = await rolled(between);
    expect(done.staying).toEqual([added]);
    expect(rolloutRenderer({})(done, plainPaint).join("\n")).toContain(added);
    expect(asked).toEqual([
      [sha("one"), sha("two")],
      [sha("one"), sha("two")],
    ]);
  });

  test("hold nobody up where git is missing, or hangs", async () => {
    await put("one");
    await put("two");
    await put("three");
    expect(await rolled(() => Promise.reject(new Error("no git")))).toMatchObject({ outcome: "deployed", staying: [] });
    expect(await rolled(() => new Promise(() => undefined))).toMatchObject({ outcome: "deployed", staying: [] });
  });
});

test("says where the hosts answer, where that is known", async () => {
  await put("one");
  await put("two");
  const urls = new Map([[fleet.hosts[0]!.id, "http://127.0.0.1:20010"]]);
  const done = await rollback({ environment: "prod", dryRun: false, supersede: undefined }, fleet.ports({ urls }));
  expect(done.hosts.map(({ url }) => url)).toEqual(["http://127.0.0.1:20010", null]);
  expect(rolloutRenderer({})(done, plainPaint).join("\n")).toContain("http://127.0.0.1:20010");
  const seen = await status({ environment: "prod" }, fleet.ports({ urls }));
  expect(seen.environments[0]?.hosts.map(({ url }) => url)).toEqual(["http://127.0.0.1:20010", null]);
  expect(statusRenderer({})(seen, plainPaint).join("\n")).toContain(
    "  i-00000000000000001 answers at http://127.0.0.1:20010",
  );
});
