import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deploy } from "../../../../src/lib/actions/deploy/run.ts";
import type { VerifyResult } from "../../../../src/lib/actions/verify/result.ts";
import { verify, type VerifyPorts } from "../../../../src/lib/actions/verify/run.ts";
import { openWays } from "../../../../src/lib/wire/ways.ts";
import { aConfig } from "../../../fakes/config.ts";
import { Fleet, sha } from "../../../fakes/fleet.ts";
import { asPrinted } from "../../../fakes/results.ts";

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open(2);
  fleet.publish("one");
  fleet.publish("two");
  await deployed("one");
  for (const host of fleet.hosts) host.seen.length = 0;
});
afterEach(() => fleet.close());

async function deployed(word: string): Promise<void> {
  const options = { environment: "prod", release: sha(word), dryRun: false, force: false, supersede: undefined };
  await deploy(options, fleet.freshPorts());
}

type Smoke = Parameters<typeof aConfig>[0];
const checks = [{ path: "/healthz" }, { path: "/", contains: "hello" }];
const smoke = (own: readonly object[] = checks): Smoke => ({ checks: own as typeof checks });

function ports(change: { readonly smoke?: Smoke; readonly runtime?: object } = {}): VerifyPorts {
  const own = fleet.config();
  const config = {
    ...own,
    checks: aConfig(change.smoke ?? smoke()).checks,
    runtime: { ...own.runtime, ...change.runtime },
  };
  const all = fleet.ports();
  return { ...all, config, waysTo: openWays(config, { ...all, env: {} }), version: "1.0.0" };
}
const run = async (of: VerifyPorts = ports()): Promise<VerifyResult> =>
  asPrinted("verify", await verify({ environment: "prod", dryRun: false }, of));
const [first, last] = [() => fleet.hosts[0]!, () => fleet.hosts[1]!];
const recorded = (): unknown[] =>
  [...fleet.ssm.parameters.store].flatMap(([name, text]) =>
    name.includes("/evidence/") ? [[name, JSON.parse(text)]] : [],
  );
const well = (path: string): { body: string } => ({ body: path === "/" ? "hello" : "ok" });

describe("what was deployed", () => {
  test("is asked on each host, and what it shows is on record under the release's digest", async () => {
    for (const host of fleet.hosts) host.onAsk = well;
    const result = await run();
    const { digest } = fleet.bundle(sha("one"));
    expect(result).toMatchObject({
      outcome: "passed",
      environment: "prod",
      deployment: 1,
      revision: sha("one"),
      bundle: digest,
      recorded: true,
      hosts: [first(), last()].map(({ id }) => ({
        id,
        verdict: "passed",
        says: "",
        checks: [
          { path: "/healthz", status: 200, ok: true, detail: "release matches" },
          { path: "/", status: 200, ok: true },
        ],
      })),
    });
    expect(recorded()).toMatchObject([
      [
        `/threads/evidence/${sha("one")}/${digest.slice("sha256:".length)}/verify/prod`,
        {
          kind: "verify",
          environment: "prod",
          checks: [
            { path: "/healthz", ok: true },
            { path: "/", ok: true },
          ],
        },
      ],
    ]);
    // A look, and all requests of a host with one command.
    expect(fleet.hosts.map(({ seen }) => seen)).toEqual([
      ["status", "ask"],
      ["status", "ask"],
    ]);
  });

  test("is asked by the name and the scheme that hosts are asked by, unless a check says otherwise", async () => {
    const asked: object[] = [];
    first().onAsk = (path, { host, "x-forwarded-proto": proto }) => {
      asked.push({ path, host, proto });
      return {};
    };
    const own = smoke([{ path: "/a" }, { path: "/b", host: "other.example" }]);
    await run(ports({ smoke: own, runtime: { host: "www.example.com", forwardedProto: "https", port: 8000 } }));
    expect(asked).toEqual([
      { path: "/a", host: "www.example.com", proto: "https" },
      { path: "/b", host: "other.example", proto: "https" },
    ]);
  });

  test("is asked for nothing that changes it, and a warning says how much that is", async () => {
    const asked: string[] = [];
    for (const host of fleet.hosts)
      host.onAsk = (path) => {
        asked.push(path);
        return {};
      };
    const own = smoke([
      { path: "/a" },
      { path: "/posts", method: "POST", body: { text: "x" } },
      { service: "web", command: "x" },
    ]);
    const warnings: string[] = [];
    const given = ports({ smoke: own });
    const progress = { ...given.progress, warn: (text: string) => void warnings.push(text) };
    expect((await run({ ...given, progress })).outcome).toBe("passed");
    expect(asked).toEqual(["/a", "/a"]);
    expect(warnings).toEqual([
      "2 checks of threads.yml would change something, or run a command: a verification does not ask for that",
    ]);
  });

  test("may be larger than what SSM hands on at once", async () => {
    const body = `hello ${randomBytes(60_000).toString("base64")}`;
    for (const host of fleet.hosts) host.onAsk = () => ({ body });
    expect((await run()).outcome).toBe("passed");
    expect(first().seen.filter((action) => action === "ask").length).toBeGreaterThan(2);
  });
});

describe("nothing is on record where", () => {
  test("a check fails on one host: its words, the logs, and the way back", async () => {
    first().onAsk = well;
    last().onAsk = (path) => (path === "/" ? { status: 500, body: "hello" } : {});
    expect(await run()).toMatchObject({
      outcome: "failed",
      recorded: false,
      hosts: [
        { verdict: "passed" },
        {
          verdict: "failed",
          says: "",
          checks: [{ ok: true }, { status: 500, ok: false, detail: "status 500, expected 200" }],
        },
      ],
      next: ["threads logs -e prod --since 10m", "threads status -e prod", "threads rollback -e prod"],
    });
    expect(recorded()).toEqual([]);
  });

  test.each([
    ["refused", "no answer: nothing listens on port 80 of the host"],
    ["late", "no answer: no complete answer within 15 s"],
    ["long", "no answer: it answers with more than is read"],
    ["broken", "no answer: the connection broke off"],
  ] as const)("a host's application is %s, which is told at once", async (end, detail) => {
    first().onAsk = well;
    last().onAsk = () => ({ end });
    expect((await run()).hosts[1]).toMatchObject({ verdict: "failed", checks: [{ status: 0, detail }, { detail }] });
  });

  test("a host runs another image than was deployed", async () => {
    for (const host of fleet.hosts) host.onAsk = well;
    last().containers[0]!.digest = `sha256:${"f".repeat(64)}`;
    expect(await run()).toMatchObject({
      outcome: "failed",
      hosts: [{ verdict: "passed" }, { verdict: "failed", says: "web runs sha256:ffffffffffff" }],
      next: ["threads status -e prod"],
    });
    expect(recorded()).toEqual([]);
  });

  test("a host could not be asked: what is not known is neither right nor wrong", async () => {
    for (const host of fleet.hosts) host.onAsk = well;
    last().online = false;
    expect(await run()).toMatchObject({
      outcome: "unread",
      recorded: false,
      hosts: [{ verdict: "passed" }, { verdict: "unread", says: "offline: SSM has lost the connection", checks: [] }],
    });
    expect(recorded()).toEqual([]);
  });

  test("no check is one that hosts can be asked for: that shows nothing, and is said", async () => {
    const result = await run(ports({ smoke: smoke([{ path: "/", method: "POST" }]) }));
    expect(result).toMatchObject({ outcome: "passed", recorded: false, hosts: [{ checks: [] }, { checks: [] }] });
    expect(result.advice).toEqual(["nothing is on record: threads.yml has no check that a verification can ask for"]);
    expect(recorded()).toEqual([]);
  });

  test("somebody deployed meanwhile", async () => {
    let once = true;
    first().onAsk = (path) => {
      if (once) fleet.ssm.parameters.store.set("/threads/prod/deployments/000002", intentOf(2));
      once = false;
      return well(path);
    };
    last().onAsk = well;
    await expect(run()).rejects.toMatchObject({ code: "WORLD_CHANGED", next: ["threads verify -e prod"] });
    expect(recorded()).toEqual([]);
  });
});

const intentOf = (number: number): string => {
  const text = fleet.ssm.parameters.store.get("/threads/prod/deployments/000001") ?? "";
  return JSON.stringify({ ...JSON.parse(text), number, nonce: "another" });
};

test("a deployment that failed since, and was taken back, is in nobody's way", async () => {
  for (const host of fleet.hosts) host.onAsk = well;
  first().behaviours.push({ code: 15, serves: "old" });
  await expect(deployed("two")).rejects.toMatchObject({ outcome: "checks" });
  expect(await run()).toMatchObject({ outcome: "passed", deployment: 1, recorded: true });
});

test("where nothing was deployed, or somebody is at it, nothing is asked", async () => {
  fleet.ssm.parameters.store.set("/threads/prod/deployments/000002", intentOf(2));
  await expect(run()).rejects.toMatchObject({ code: "DEPLOYMENT_UNDER_WAY", next: ["threads status -e prod"] });
  for (const name of [...fleet.ssm.parameters.store.keys()].filter((one) => one.includes("/deployments/")))
    fleet.ssm.parameters.store.delete(name);
  await expect(run()).rejects.toMatchObject({ code: "NOTHING_DEPLOYED", next: ["threads deploy -e prod HEAD"] });
  expect(fleet.hosts.flatMap(({ seen }) => seen)).toEqual([]);
});

test("a dry run tells what would be asked, and asks no host", async () => {
  const plan = asPrinted("verify", await verify({ environment: "prod", dryRun: true }, ports()));
  expect(plan).toMatchObject({ outcome: "planned", checks: ["/healthz", "/"], next: ["threads verify -e prod"] });
  expect(fleet.hosts.flatMap(({ seen }) => seen)).toEqual([]);
});

test("what AWS does not allow is no failed check", async () => {
  // The look is let through.
  first().onStatus = () => fleet.ssm.fail("SendCommand", { type: "AccessDeniedException" });
  await expect(run()).rejects.toMatchObject({ code: "ACCESS_DENIED" });
});
