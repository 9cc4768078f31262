import { once } from "node:events";
import { mkdirSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { basename, join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DeployScript } from "../../src/lib/script/host-scripts.ts";
import { digestOf, revisions, said, StubHost } from "./host.ts";

// What a host says of a release before its images are pulled: the environment that it wants, its ports, its neighbours.

const host = new StubHost();
beforeAll(() => host.open());
beforeEach(() => host.reset());
afterAll(() => host.close());

const { old, next } = revisions;
const deploy = async (number: number, revision: string, change: Partial<DeployScript> = {}) =>
  said(await host.run(host.deployScript(number, revision, change)));

/** No image of the release was pulled, and nothing was begun. */
function expectUntouched(): void {
  expect(host.read("calls")).not.toMatch(/^pull .*app\/web@| up -d| up --no-start| run --rm --no-deps/m);
}

describe("the environment file", () => {
  const file = (): string => join(host.home, "threads.env");
  const refusedWith = async (text: string, required = ""): Promise<unknown> => {
    writeFileSync(file(), text);
    const script = host.deployScript(1, old);
    host.withModel({ required });
    const summary = said(await host.run(script));
    expect(summary).toMatchObject({ code: 10, now: "old" });
    expectUntouched();
    return summary["message"];
  };

  test("a folder in its place", async () => {
    rmSync(file());
    mkdirSync(file());
    expect(await deploy(1, old)).toMatchObject({
      code: 10,
      message: `${file()} is a folder, and the environment file should be there: docker makes one where a file is mounted that does not exist`,
    });
    expectUntouched();
  });

  test("keys that are missing, and keys that are there without a value, by name", async () => {
    expect(await refusedWith("A=1\nB=\nC=3\n", "A\nB\nD\n")).toBe(`keys missing in ${file()}: D`);
    host.reset();
    expect(await refusedWith("A=1\nB=\nC=''\n", "A\nB\nC\n")).toBe(`keys without a value in ${file()}: B C`);
  });

  test("an empty value that nothing requires is fine", async () => {
    writeFileSync(file(), "A=1\nB=\n");
    const script = host.deployScript(1, old);
    host.withModel({ required: "A\n" });
    expect(said(await host.run(script))).toMatchObject({ ok: true, warnings: [] });
  });

  test("a $ that begins a variable which is not set: the key is named, and no piece of its value", async () => {
    const message = await refusedWith("PASSWORD=abc$Secret\nOTHER=fine\nPLAIN='abc$Other'\nTOKEN=x$Second\n");
    expect(message).toBe(
      `in ${file()} a piece of these values gets lost, since a $ begins a variable that is not set: put them in single quotes: PASSWORD TOKEN`,
    );
  });

  test.each([
    [
      'failed to read: line 7: unexpected character "!" in variable name "PW hunter22"',
      "compose cannot read line 7 of",
    ],
    ['line 4: unterminated quoted value "hunter22', "compose cannot read line 4 of"],
    ['Invalid template: "hunter22${x"', "a value has a ${ that does not end; put that value in single quotes"],
    ["required variable BASE is missing a value: hunter22", "a value wants the variable BASE, which is not set there"],
    ["hunter22", "compose cannot read the environment file"],
  ])("what compose cannot read, without its words, which quote it: %s", async (words, says) => {
    host.set("bad-environment", `${words}\n`);
    const ran = await host.run(host.deployScript(1, old));
    expect(said(ran)).toMatchObject({ code: 10, now: "old", message: expect.stringContaining(says) });
    expect(ran.stdout + ran.stderr).not.toContain("hunter22");
    expectUntouched();
  });
});

describe("ports", () => {
  const other = (owner: string): void => host.set("port-owner", owner);

  test("one that a stack has which somebody started by hand: whose, and what to do", async () => {
    other("backend-web-1|backend\n");
    expect(await deploy(1, old)).toMatchObject({
      code: 10,
      now: "old",
      message: `port ${host.port} is taken by the container backend-web-1 of the compose project backend, which threads did not start: docker compose -p backend down`,
    });
    expectUntouched();
  });

  test("where compose does not tell what they are bound to, nothing is begun", async () => {
    host.inSlots = true;
    host.program("timeout", `[[ "$*" != *" -p app-fronts "* ]] || exit 1; exec /usr/bin/timeout "$@"`);
    expect(await deploy(1, old)).toMatchObject({ code: 10, now: "old" });
    expectUntouched();
  });

  test("one that a container has which belongs to no project", async () => {
    other("lonely|\n");
    expect((await deploy(1, old))["message"]).toBe(
      `port ${host.port} is taken by the container lonely, which threads did not start: docker rm -f lonely`,
    );
  });

  test("one that a program has: its name and process", async () => {
    other("");
    const program = basename(realpathSync(process.execPath));
    expect((await deploy(1, old))["message"]).toMatch(
      new RegExp(`^port ${host.port} is taken by ${program} \\(process ${process.pid}\\): stop it`),
    );
  });

  /** A container in the host's own network has it. */
  const inTheHostsNetwork = (row: string): void => {
    other("");
    host.program("grep", `[[ $* != *cgroup* ]] || { echo ${"c".repeat(64)}; exit; }; exec /usr/bin/grep "$@"`);
    host.set("network-host", row);
  };

  test.each([
    ["another application's", "/other-edge-1|\n", "the container other-edge-1, which"],
    ["another project's", "/proxy|infra\n", "the container proxy of the compose project infra, which"],
  ])("one that a container in the host's own network has: %s", async (_, row, says) => {
    inTheHostsNetwork(row);
    expect((await deploy(1, old))["message"]).toContain(says);
  });

  test.each([
    ["its own edge", "/app-edge-0123456789ab|\n"],
    ["its own slot", "/app-green-web-1|app-green\n"],
  ])("but not one that is the application's, in the host's own network: %s", async (_, row) => {
    inTheHostsNetwork(row);
    expect(await deploy(1, old)).toMatchObject({ ok: true, warnings: [] });
  });

  test("on an address of its own, what listens on another one is no matter", async () => {
    other("backend-web-1|backend\n");
    host.inSlots = true;
    const script = host.deployScript(1, old, { frontsFrom: 1 });
    host.set("port", `10.0.0.1:${host.port}`);
    const message = said(await host.run(script))["message"];
    expect(message).not.toContain("is taken");
    host.reset();
    host.inSlots = true;
    other("backend-web-1|backend\n");
    const same = host.deployScript(1, old, { frontsFrom: 1 });
    host.set("port", `127.0.0.1:${host.port}`);
    expect(said(await host.run(same))["message"]).toContain(`port 127.0.0.1:${host.port} is taken by the container`);
  });

  test("the one on loopback at which a slot is to answer", async () => {
    other("backend-web-1|backend\n");
    host.inSlots = true;
    const script = host.deployScript(1, old);
    host.set("port", "10.0.0.1:1");
    expect(said(await host.run(script))).toMatchObject({
      code: 10,
      message: expect.stringMatching(/^port 127\.0\.0\.1:\d+ is taken by the container backend-web-1/),
    });
    expectUntouched();
  });

  /** A server, and what the deployment says that wants its port, or another one of the same number. */
  async function beside(address: string, work: (port: number) => Promise<Record<string, unknown>>): Promise<unknown> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, address, resolve));
    const { port } = server.address() as { port: number };
    other("backend-web-1|backend\n");
    const { message } = await work(port);
    await new Promise((resolve) => server.close(resolve));
    return String(message).replaceAll(String(port), "PORT");
  }
  const inSlotsWanting = async (address: string): Promise<Record<string, unknown>> => {
    host.inSlots = true;
    const script = host.deployScript(1, old, { frontsFrom: 1 });
    host.set("port", address);
    return said(await host.run(script));
  };

  test("one that is open for all addresses, or for the same by its other name", async () => {
    const taken = expect.stringMatching(/^port (127\.0\.0\.1:)?PORT is taken by/);
    expect(await beside("0.0.0.0", (port) => inSlotsWanting(`127.0.0.1:${port}`))).toEqual(taken);
    host.reset();
    expect(await beside("127.0.0.1", (port) => inSlotsWanting(`0.0.0.0:${port}`))).toEqual(
      expect.stringMatching(/^port (0\.0\.0\.0:)?PORT is taken by/),
    );
    host.reset();
    expect(await beside("::ffff:127.0.0.1", (port) => inSlotsWanting(`127.0.0.1:${port}`))).toEqual(taken);
    host.reset();
    expect(await beside("127.0.0.2", (port) => inSlotsWanting(`127.0.0.1:${port}`))).not.toContain("is taken");
  });

  test("where nobody listens, it is free: a connection from there, or the same number of UDP, is no matter", async () => {
    const client = connect({ port: host.port, host: "127.0.0.1" });
    await once(client, "connect");
    other("backend-web-1|backend\n");
    host.set("udp-port", String(host.port));
    const wanted = { variables: { REVISION: old, HTTP_PORT: String(client.localPort) } };
    expect(await deploy(1, old, wanted)).toMatchObject({ ok: true, warnings: [] });
    client.destroy();
  });
});

test("an edge without perl is told before its slot is begun, and asked only where it is new", async () => {
  host.inSlots = true;
  host.set("no-perl", "");
  const summary = await deploy(1, old);
  expect(summary).toMatchObject({
    code: 10,
    now: "old",
    message: expect.stringMatching(/^the image of the edge has no perl, by which it is switched: exec: "perl"/),
  });
  expect(host.read("calls")).not.toContain(" up --no-start");
  expect(host.read("calls")).toMatch(
    /^run --rm --label threads.scratch=1 --network none --entrypoint perl \S+\/app\/edge@\S+ -MIO::Socket::UNIX -e 1$/m,
  );
  host.unset("no-perl");
  expect(await deploy(2, old)).toMatchObject({ ok: true });
  host.set("no-perl", "");
  expect(await deploy(3, next)).toMatchObject({ ok: true });
});

test("whatever an `up` will remove that threads did not start is told before it, also where it does not come to that", async () => {
  await host.withOldRelease();
  const row = `cache|False|c9|/app-cache-1|r|id-r|running|0|none|0|2026-11-22T10:00:00Z`;
  writeFileSync(join(host.state, "containers", "c9"), `${row}\n`);
  host.set("fail-pull", "127.0.0.1:5000/app/web\n");
  expect(await deploy(2, next)).toMatchObject({
    code: 13,
    warnings: ["the container app-cache-1 of the compose project app was not deployed by threads: it is removed"],
  });
  expect(readdirSync(join(host.state, "containers"))).toContain("c9");
});

test("what has served here and is whole is not refused: each objection is a warning", async () => {
  await host.withNextRelease();
  host.set("port-owner", "backend-web-1|backend\n");
  host.set("compose-version", "2.1.0");
  host.set("docker-version", "19.03.1");
  writeFileSync(join(host.home, "threads.env"), "SECRET_KEY=a$Piece\r\n");
  const summary = await deploy(3, old, { sentAt: 0 });
  expect(summary).toMatchObject({ ok: true, now: "new" });
  expect(summary["warnings"]).toEqual([
    expect.stringContaining("Docker is 19.03.1 here"),
    expect.stringContaining("Docker Compose is 2.1.0 here"),
    expect.stringContaining("Windows line ends"),
    expect.stringContaining("put them in single quotes: SECRET_KEY"),
    expect.stringContaining("is taken by the container backend-web-1"),
  ]);
});

test("one that has not served yet is refused again, although its images are here by now", async () => {
  await host.withOldRelease();
  host.set("unhealthy", `web ${next}\n`);
  expect(await deploy(2, next, { pause: 0.2 })).toMatchObject({ code: 15 });
  expect(host.read("images")).toContain(digestOf("webb"));
  host.set("port-owner", "backend-web-1|backend\n");
  expect(await deploy(3, next)).toMatchObject({ code: 10, now: "old" });
});
