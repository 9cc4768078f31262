import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deploy } from "../../../../src/lib/actions/deploy/run.ts";
import type { StatusResult } from "../../../../src/lib/fleet/status-result.ts";
import { status, type StatusPorts } from "../../../../src/lib/actions/status/run.ts";
import { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import { plainPaint } from "../../../../src/lib/output/paint.ts";
import { statusRenderer } from "../../../../src/lib/output/render/status.ts";
import { anEnvironment } from "../../../fakes/config.ts";
import { Fleet, rewired, sha } from "../../../fakes/fleet.ts";
import { onEcs } from "../../ecs/world.ts";

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open(2);
  for (const word of ["one", "two"]) fleet.publish(word);
});
afterEach(() => fleet.close());

const put = (word: string) =>
  deploy({ environment: "prod", release: sha(word), dryRun: false, force: false, supersede: undefined }, fleet.ports());
const look = (environment: string | undefined = "prod"): Promise<StatusResult> =>
  status({ environment }, fleet.ports());
const text = (result: StatusResult): string => statusRenderer({})(result, plainPaint).join("\n");

test("an environment without deployments is as it should be", async () => {
  const result = await look();
  expect(result).toMatchObject({ outcome: "as-deployed", environments: [{ release: null, problems: [] }] });
  expect(text(result)).toContain("nothing was ever deployed");
});

test("the address of an environment stands below what runs in it", async () => {
  await put("one");
  const lines = statusRenderer({ prod: "https://shop.example" })(await look(), plainPaint);
  expect(lines.filter((line) => line.includes("answers at"))).toEqual(["  prod answers at https://shop.example"]);
});

test("all well: every service of every host by digest, one command for all hosts", async () => {
  await put("one");
  const before = fleet.ssm.count("SendCommand");
  const result = await look();
  expect(fleet.ssm.count("SendCommand")).toBe(before + 1);
  expect(result.outcome).toBe("as-deployed");
  const [prod] = result.environments;
  expect(prod?.release).toMatchObject({ number: 1, revision: sha("one"), by: { user: "ada" } });
  expect(prod?.hosts[0]?.services.map((one) => [one.service, one.verdict])).toEqual([
    ["web", "ok"],
    ["celery", "ok"],
    ["celery-beat", "ok"],
    ["nginx", "ok"],
  ]);
  expect(prod?.hosts[0]?.services[0]?.digest).toBe(prod?.hosts[0]?.services[0]?.expected);
  expect(prod?.hosts[1]?.services.map((one) => one.service)).toEqual(["web", "celery", "nginx"]);
  expect(text(result)).toContain("as deployed");
});

test("a killed container is told, with its exit code", async () => {
  await put("one");
  fleet.hosts[1]!.containers.find((one) => one.service === "celery")!.state = "exited";
  const result = await look();
  expect(result.outcome).toBe("not-as-deployed");
  expect(result.environments[0]?.problems).toEqual(["i-00000000000000002: celery is exited (exit code 137)"]);
  expect(text(result)).toContain("! i-00000000000000002: celery is exited (exit code 137)");
  expect(result.environments[0]?.next[0]).toBe(`threads deploy -e prod ${sha("one")} --force`);
});

test.each([
  ["removed", () => fleet.hosts[0]!.containers.shift(), "web has no container"],
  ["of another image", () => (fleet.hosts[0]!.containers[0]!.digest = `sha256:${"9".repeat(64)}`), "web runs sha256:9"],
  ["unhealthy", () => (fleet.hosts[0]!.containers[0]!.health = "unhealthy"), "web is unhealthy"],
  [
    "one too many",
    () =>
      fleet.hosts[1]!.containers.push({
        service: "celery-beat",
        digest: `sha256:${"8".repeat(64)}`,
        state: "running",
        health: "none",
      }),
    "celery-beat runs here and should not",
  ],
])("a container %s is told", async (_, harm, says) => {
  await put("one");
  harm();
  const result = await look();
  expect(result.outcome).toBe("not-as-deployed");
  expect(result.environments[0]?.problems.join("\n")).toContain(says);
});

test("a host that is offline, gone or new is named", async () => {
  await put("one");
  fleet.hosts[0]!.online = false;
  fleet.ssm.hosts.delete(fleet.hosts[1]!.id);
  fleet.addHost("i-00000000000000009", "prod");
  const [prod] = (await look()).environments;
  expect(prod?.hosts.map((host) => [host.id.at(-1), host.verdict])).toEqual([
    ["1", "offline"],
    ["9", "wrong"],
    ["2", "gone"],
  ]);
  expect(prod?.problems).toContain("i-00000000000000009: nothing was ever deployed here");
});

test("a deployment that was interrupted leaves hosts that differ, and says so", async () => {
  await put("one");
  fleet.hosts[0]!.onDeploy = () => fleet.press();
  await expect(put("two")).rejects.toMatchObject({ code: "INTERRUPTED" });
  const result = await status({ environment: "prod" }, { ...fleet.ports(), signal: new AbortController().signal });
  expect(result.environments[0]).toMatchObject({
    outcome: "not-as-deployed",
    release: { number: 1 },
    latest: { number: 2, result: "interrupted" },
  });
  expect(result.environments[0]?.problems[0]).toBe("deployment 2 by ada on laptop was left interrupted");
  expect(result.environments[0]?.next).toContain("threads rollback -e prod");
});

test("without an environment: all that have hosts", async () => {
  fleet.addHost("i-0000000000000000a", "staging");
  expect((await status({ environment: undefined }, fleet.ports())).environments.map((one) => one.environment)).toEqual([
    "staging",
    "prod",
  ]);
});

test("a host whose script says nothing useful is silent, not well", async () => {
  await put("one");
  fleet.hosts[0]!.run = async () => ({ exitCode: 127, stderr: "bash: not found" });
  const [prod] = (await look()).environments;
  expect(prod?.hosts[0]).toMatchObject({ verdict: "silent", says: expect.stringContaining("bash: not found") });
});

test("a freeze is told with who, why, since when and until when, and is no fault", async () => {
  await put("one");
  expect((await look()).environments[0]?.freeze).toBeNull();
  const { ledger } = fleet.ports();
  const ada = { user: "ada", host: "laptop" };
  await ledger.freeze("prod", { reason: "black friday", by: ada, at: "2026-11-22T10:00:00Z" });
  const result = await look();
  expect(result).toMatchObject({
    outcome: "as-deployed",
    environments: [
      {
        freeze: {
          reason: "black friday",
          by: { ...ada, runUrl: null, principal: null },
          frozenAt: expect.any(String),
          lift: "threads freeze -e prod --lift",
        },
      },
    ],
  });
  expect(text(result)).toMatch(
    /^ {2}frozen just now by ada on laptop: black friday\n {6}→ threads freeze -e prod --lift$/m,
  );
  await ledger.lift("prod", ada, "2026-11-22T10:00:00Z");
  expect(text(await look())).not.toContain("frozen");
});

test.each([
  [
    { changedFiles: ["compose.yml", "files/nginx.conf"] },
    "compose.yml and files/nginx.conf are not as the release was published: changed on the host",
  ],
  [
    { environmentChanged: true },
    "its environment file was changed since its containers were made: they have other values",
  ],
])("what was changed by hand on a host is told: %j", async (change, says) => {
  await put("one");
  Object.assign(fleet.hosts[1]!, change);
  const [prod] = (await look()).environments;
  expect(prod?.hosts.map(({ verdict }) => verdict)).toEqual(["ok", "wrong"]);
  expect(prod?.problems).toEqual([`i-00000000000000002: ${says}`]);
  expect(prod?.next[0]).toBe(`threads deploy -e prod ${sha("one")} --force`);
});

test("an environment that is not the one that the ledger has recorded is told, by names", async () => {
  const runtime = { ...fleet.config().runtime, envFrom: "/app/prod/" };
  for (const host of fleet.hosts) host.store = { SECRET_KEY: "3", LOG_LEVEL: "1" };
  const ports = fleet.ports({ config: fleet.config({ runtime }) });
  await deploy({ environment: "prod", release: sha("one"), dryRun: false, force: false, supersede: undefined }, ports);
  expect((await look()).outcome).toBe("as-deployed");
  fleet.hosts[1]!.environment = { from: "/app/prod/", versions: { SECRET_KEY: "4", LOG_LEVEL: "1" } };
  expect((await look()).environments[0]?.problems).toEqual([
    "i-00000000000000002: has another environment than deployment 1 has recorded: SECRET_KEY",
  ]);
});

describe("a host of an earlier fleet that has no longer the tag", () => {
  const stray = async (): Promise<Fleet["hosts"][number]> => {
    await put("one");
    const [host] = fleet.hosts;
    Object.assign(host!, { tags: {} });
    fleet.hosts.shift();
    fleet.addHost("i-00000000000000003", "prod");
    await put("two");
    return host!;
  };

  test("and still runs the application is told, with how to get there", async () => {
    await stray();
    const result = await look();
    expect(result.environments[0]).toMatchObject({
      outcome: "not-as-deployed",
      problems: [
        expect.stringMatching(
          /^i-0+1: took part in deployment 1, no longer has the tag threads-env=prod, and still runs web, celery, celery-beat and nginx of [0-9a-f]{12}$/,
        ),
        expect.stringMatching(/^celery-beat runs on 2 hosts, i-0+2 and i-0+1: what it starts is done 2 times$/),
      ],
      next: ["aws ssm start-session --target i-00000000000000001"],
      advice: [expect.stringContaining("the tag of the environment again")],
    });
    expect(result.environments[0]?.hosts.map(({ id, verdict }) => [id.at(-1), verdict])).toEqual([
      ["2", "ok"],
      ["3", "ok"],
      ["1", "straggler"],
    ]);
    expect(text(result)).toContain("of an earlier fleet");
  });

  test.each([
    ["runs nothing any more", (host: Fleet["hosts"][number]) => (host.containers = [])],
    ["is offline", (host: Fleet["hosts"][number]) => (host.online = false)],
    ["is gone", (host: Fleet["hosts"][number]) => fleet.ssm.hosts.delete(host.id)],
  ])("and %s is nobody's business", async (_, change) => {
    change(await stray());
    expect(await look()).toMatchObject({ outcome: "as-deployed", environments: [{ hosts: [{}, {}] }] });
  });

  test("and may not be asked is told, and the environment is shown all the same", async () => {
    const host = await stray();
    host.onStatus = () => undefined;
    const remote = fleet.ports().remote;
    const denied = new ThreadsError("ACCESS_DENIED", { message: "not authorized to perform: ssm:SendCommand" });
    const send: typeof remote.send = (script) =>
      script.hosts.includes(host.id) ? Promise.reject(denied) : remote.send(script);
    const result = await status({ environment: "prod" }, rewired(fleet.ports(), { remote: { send } }));
    expect(result.outcome).toBe("as-deployed");
    expect(fleet.warnings).toEqual([
      expect.stringMatching(/^hosts of earlier deployments to prod cannot be asked .*ssm:SendCommand/),
    ]);
  });
});

describe("an environment on ECS", () => {
  const cloud = anEnvironment("cloud", onEcs());
  const among = (environments: StatusPorts["config"]["environments"]) => {
    const ports = fleet.ports();
    return status({ environment: undefined }, { ...ports, config: { ...ports.config, environments } });
  };

  test("is looked at with all others, and what cannot be seen there is not all well", async () => {
    const { environments } = fleet.ports().config;
    await expect(among({ ...environments, cloud })).rejects.toThrow("cloud runs on nothing that threads knows");
    // Where nothing runs at all, there is nothing to see.
    expect(await among({ dev: anEnvironment("dev") })).toMatchObject({ outcome: "as-deployed", advice: [] });
  });
});
