import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { DeleteParametersCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RolloutResult } from "../../src/lib/fleet/result.ts";
import type { UpResult } from "../../src/lib/sandbox/up-result.ts";
import { journey } from "./journey.ts";
import { onHost as runOnHost } from "./on-host.ts";
import { type SteadyLoad, startLoad } from "../load/steady-load.ts";
import { type Ended, makeSlotsProject, type TrainProject } from "./train-project.ts";

// Two slots behind an edge on a real host, under a load that never stops: what a release, a broken one and a rollback cost
// those who are asking meanwhile.

let project: TrainProject;
let env: Readonly<Record<string, string>> = {};
let world: UpResult;
let load: SteadyLoad;
const threads = (line: string): Promise<Ended> => project.threads(line.split(" "), env);
const json = async (line: string): Promise<Record<string, unknown>> => {
  const ended = await threads(`${line} --json`);
  if (ended.code !== 0) throw new Error(`threads ${line}: exit ${String(ended.code)}\n${ended.stderr}`);
  return JSON.parse(ended.stdout) as Record<string, unknown>;
};
const docker = (...args: string[]): string => execFileSync("docker", args, { encoding: "utf8" }).trim();
const onHost = (...args: string[]): string => runOnHost(world.hosts[0]?.id ?? "", ...args);
const url = (): string => world.hosts[0]?.url ?? "";
const answer = async (): Promise<string> => (await fetch(url())).text();

/** Asks, four times a second, for what takes four seconds. @returns who answered each */
function startSlow(): { stop(): Promise<string[]> } {
  const asked: Promise<string>[] = [];
  const timer = setInterval(() => asked.push(fetch(`${url()}/slow`).then((reply) => reply.text())), 250);
  return {
    stop: () => {
      clearInterval(timer);
      return Promise.all(asked);
    },
  };
}

/** Reads the page again and again, and what it names a little later, as a browser does. @returns what was not found */
function startReading(): { stop(): Promise<string[]> } {
  const missing: string[] = [];
  const ending = new AbortController();
  const read = async (): Promise<void> => {
    const asset = `/assets/app.${await answer()}hashed.js`;
    await new Promise((resolve) => setTimeout(resolve, 400));
    const { status } = await fetch(`${url()}${asset}`);
    if (status !== 200) missing.push(`${asset} ${status}`);
  };
  const all = Array.from({ length: 8 }, async () => {
    while (!ending.signal.aborted) await read();
  });
  return {
    stop: async () => {
      ending.abort();
      await Promise.all(all);
      return missing;
    },
  };
}

/** Lets the next deployment replace the edge: another port of the host is wanted from it. */
function wantPort(extra: number): void {
  onHost("sh", "-c", `echo EXTRA=${extra} >>/etc/threads/threads.env`);
}
const edges = new Set<string>();
const noteEdge = (): void => void edges.add(onHost("docker", "ps", "--filter", "name=edge", "--format", "{{.Names}}"));

/** Publishes what smoke has passed. */
async function release(change: string): Promise<void> {
  writeFileSync(join(project.root, "change"), `${change}\n`);
  project.git("commit", "-qam", change);
  await json("smoke");
  await json("publish");
}

beforeAll(async () => {
  project = makeSlotsProject();
  world = (await json("sandbox up")) as unknown as UpResult;
  env = (await json("sandbox env"))["variables"] as Record<string, string>;
  await json("smoke");
  await json("publish");
});
afterAll(async () => {
  await load?.stop();
  await project.remove();
});
journey();

test("the first release: the edge answers, and status knows each container", async () => {
  expect(await json("deploy -e staging")).toMatchObject({ outcome: "deployed" });
  expect(await answer()).toBe("first");
  expect(await json("status -e staging")).toMatchObject({ outcome: "as-deployed" });
  load = startLoad(url(), 80);
});

test("another release, and another: the broker stays, and one slot is stopped", async () => {
  const broker = (): string =>
    onHost("docker", "inspect", "--format", "{{.Id}} {{.State.StartedAt}}", "ticker-base-broker-1");
  const before = broker();
  const reading = startReading();
  for (const change of ["second", "third"]) {
    await release(change);
    noteEdge();
    wantPort(change === "second" ? 8101 : 8102);
    const deployed = await json("deploy -e staging");
    expect(deployed).toMatchObject({ outcome: "deployed", hosts: [{ traffic: { failed: 0 } }] });
    expect((deployed as unknown as RolloutResult).hosts[0]?.traffic?.requests).toBeGreaterThan(0);
    expect(await answer()).toBe(change);
  }
  expect(await reading.stop()).toEqual([]);
  expect(broker()).toBe(before);
  const running = onHost("docker", "ps", "--format", "{{.Names}}").split("\n");
  expect(running.filter((name) => name.includes("-web-"))).toEqual(["ticker-blue-web-1"]);
  expect(await json("status -e staging")).toMatchObject({ outcome: "as-deployed" });
});

test("what is under way ends in its slot; what does not end is cut off, and counted", async () => {
  const line = async (socket: Socket): Promise<string> => String((await once(socket, "data"))[0]).trim();
  const tcp = connect(8200, onHost("hostname", "-i").split(" ")[0] ?? "");
  tcp.write("hello\n");
  expect(await line(tcp)).toBe("third hello");
  const web = connect(Number(new URL(url()).port), new URL(url()).hostname);
  web.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: lines\r\n\r\n");
  expect(await line(web)).toContain("101 Switching Protocols");
  // Cut off may mean reset, which is an end like another.
  const ends = [tcp, web].map(
    async (socket) => new Promise((resolve) => socket.on("error", resolve).on("close", resolve)),
  );
  const slow = startSlow();
  await release("slow");
  const { stderr, code } = await threads("deploy -e staging");
  expect({ code, stderr }).toMatchObject({
    code: 0,
    stderr: expect.stringContaining("requests that were cut off after 8 s: 2"),
  });
  await Promise.all(ends);
  // Some of them were asked while the slot changed, and each was answered by the one that it came to.
  expect(new Set(await slow.stop())).toEqual(new Set(["third", "slow"]));
});

test("going back is a switch to the slot that was stopped", async () => {
  noteEdge();
  wantPort(8103);
  expect(await json("rollback -e staging")).toMatchObject({
    kind: "rollback",
    hosts: [{ state: "new", traffic: { requests: expect.any(Number), failed: 0 } }],
  });
  expect(await answer()).toBe("third");
});

test("and again, where nothing has changed since: everything of the slot is started as it is", async () => {
  const made = (): string =>
    onHost("docker", "ps", "-aq", "--no-trunc", "--filter", "label=com.docker.compose.project=ticker-green");
  expect(await json("rollback -e staging 4")).toMatchObject({ kind: "rollback" });
  expect(await answer()).toBe("slow");
  const before = made();
  const back = (await json("rollback -e staging 3")) as unknown as RolloutResult;
  expect(back.hosts).toMatchObject([{ state: "new", traffic: { failed: 0 } }]);
  expect([await answer(), made()]).toEqual(["third", before]);
  expect(back.timings.map(({ step }) => step)).toEqual(["start", "switch", "singletons", "record", "retire", "prune"]);
});

test("a release that does not come up: nobody who asks has noticed", async () => {
  onHost("sh", "-c", "echo FAILS=fourth >>/etc/threads/threads.env");
  await release("fourth");
  const { code, stderr } = await threads("deploy -e staging --lift-hold 7");
  expect({ code, stderr }).toMatchObject({ code: 5, stderr: expect.stringContaining("back on what it ran before") });
  expect(await answer()).toBe("third");
});

test("a host that is started anew serves from the same slot, from its files alone", async () => {
  await load.reached(10_000);
  const seen = await load.stop();
  const host = docker("ps", "-q", "--filter", `label=threads.host=${world.hosts[0]?.id ?? ""}`);
  docker("restart", "-t", "1", host);
  await expect.poll(() => answer().catch(() => ""), { timeout: 60_000 }).toBe("third");
  expect(onHost("docker", "ps", "--format", "{{.Names}}")).not.toContain("ticker-green-web-1");
  expect({ failures: seen.firstFailures, answers: Object.keys(seen.answers).toSorted() }).toEqual({
    failures: [],
    answers: ["first", "second", "slow", "third"],
  });
  noteEdge();
  // Each deployment and the way back had one of their own, which took the sockets of the one before it.
  expect([...edges]).toHaveLength(4);
});

test("one beat at a time, all along", () => {
  const files = onHost("docker", "exec", "ticker-blue-beat-1", "ls", "/beats").split("\n");
  expect(files).toContain("beats");
  expect(files).not.toContain("doubled");
});

test("an environment from Parameter Store: exactly what is there, and a way back has what it had, whatever became of that", async () => {
  const credentials = {
    accessKeyId: env["AWS_ACCESS_KEY_ID"] ?? "",
    secretAccessKey: env["AWS_SECRET_ACCESS_KEY"] ?? "",
  };
  const ssm = new SSMClient({ region: env["AWS_REGION"] ?? "", endpoint: env["AWS_ENDPOINT_URL"] ?? "", credentials });
  const put = (name: string, Value: string) =>
    ssm.send(
      new PutParameterCommand({ Name: `/ticker/staging/${name}`, Value, Type: "SecureString", Overwrite: true }),
    );
  const given = (): unknown => {
    const web = onHost("docker", "ps", "--filter", "name=-web-", "--format", "{{.Names}}");
    const variables = JSON.parse(onHost("docker", "inspect", "--format", "{{json .Config.Env}}", web)) as string[];
    return variables.find((one) => one.startsWith("FAILS="))?.slice("FAILS=".length);
  };
  const file = join(project.root, "threads.yml");
  const text = readFileSync(file, "utf8");
  writeFileSync(file, text.replace("threads-env=staging }", "threads-env=staging }, env_from: /ticker/staging/"));
  // Which gives the role of its hosts the right to read them.
  await json("sandbox up");
  const [fourth, third] = ["HEAD", "HEAD~2"].map((name) => project.git("rev-parse", name).trim());
  const value = "no 'body' # $HOME ${X}\n\\ é";
  await put("EXTRA", "8104");
  await put("FAILS", value);
  const environmentMade = { from: "/ticker/staging/", versions: { EXTRA: "1", FAILS: "1" } };
  expect(await json(`deploy -e staging ${fourth} --lift-hold 7`)).toMatchObject({
    outcome: "deployed",
    environmentMade,
  });
  expect([await answer(), given()]).toEqual(["fourth", value]);
  await put("FAILS", "nobody else");
  await put("MORE", "x");
  expect(await json(`deploy -e staging ${third} --allow-older`)).toMatchObject({
    environmentMade: { versions: { FAILS: "2" } },
  });
  expect([await answer(), given()]).toEqual(["third", "nobody else"]);
  const Names = ["EXTRA", "FAILS", "MORE"].map((name) => `/ticker/staging/${name}`);
  await ssm.send(new DeleteParametersCommand({ Names }));
  const environmentSince = { changed: ["FAILS"], added: ["MORE"], removed: [] };
  const undo = `deploy -e staging ${third} --lift-hold 11 --allow-older`;
  expect(await json("rollback -e staging")).toMatchObject({
    kind: "rollback",
    environmentMade,
    environmentSince,
    undo: `threads ${undo}`,
  });
  expect([await answer(), given()]).toEqual(["fourth", value]);
  const { code, stderr } = await threads(undo);
  expect({ code, stderr }).toMatchObject({
    code: 0,
    stderr: expect.stringContaining("is no parameter directly below"),
  });
  ssm.destroy();
});
