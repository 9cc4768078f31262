import { expect, it } from "vitest";
import { dockerFailure } from "../../../src/lib/docker/failure.ts";
import { withPortOwner } from "../../../src/lib/docker/port-owner.ts";
import { fullyTold } from "../../../src/lib/docker/run.ts";
import type { Listener } from "../../../src/lib/process/listener.ts";
import { failed, type Reply, scriptedDocker } from "./scripted-docker.ts";

const says = "Error response from daemon: Bind for 127.0.0.1:8080 failed: port is already allocated";
const taken = dockerFailure(failed({ file: "docker", args: ["run"] }, { exitCode: 125, stderr: says }), ["threads x"]);
const told = (reply: (args: readonly string[]) => Reply, listener?: Listener) =>
  withPortOwner(taken, { processes: scriptedDocker(reply), listener: () => listener });
const room = "stop it, or give one of the two another port";

it("a container is named with its compose project, and what stops that", async () => {
  expect(await told(() => "shop-web-1|shop\n")).toMatchObject({
    code: "PORT_TAKEN",
    message: "port 127.0.0.1:8080 is taken by the container shop-web-1 of the compose project shop",
    next: ["docker compose -p shop stop", "threads x"],
    advice: [room],
    details: [says],
  });
});

it("one that no compose file knows, by itself", async () => {
  expect(await told(() => "lonely|\n")).toMatchObject({
    message: "port 127.0.0.1:8080 is taken by the container lonely",
    next: ["docker stop lonely", "threads x"],
  });
});

const program = { pid: 4711, name: "postgres", containers: [] };

it("a program is named with its number", async () => {
  expect(await told(() => "", program)).toMatchObject({
    message: "port 127.0.0.1:8080 is taken by postgres (process 4711)",
    next: ["ps -fp 4711", "threads x"],
    advice: [room],
  });
});

it("one inside a container of the machine's own network is that container's; where this machine is one, it is not", async () => {
  const id = "a".repeat(64);
  const inside = { ...program, containers: [id] };
  const known = (args: readonly string[]): Reply => (args.includes(id) ? "/host-net-1|shop\n" : "");
  expect((await told(known, inside)).message).toContain("the container host-net-1 of the compose project shop");
  const unknown = (args: readonly string[]): Reply =>
    args.includes(id) ? { exitCode: 1, stderr: "No such container" } : "";
  expect((await told(unknown, inside)).message).toContain("postgres (process 4711)");
});

it("where nobody can be named, it stays another program, with what shows it", async () => {
  expect(await told(() => "")).toBe(taken);
  expect(taken.next.slice(0, 1)).toEqual(["ss -ltunp"]);
});

it.each([
  "listen udp4 0.0.0.0:53: bind: address already in use",
  "failed to bind host port 0.0.0.0:53/udp: address already in use",
])("whoever has the same number for TCP is not accused of having a port for UDP: %s", async (stderr) => {
  const udp = dockerFailure(failed({ file: "docker", args: ["run"] }, { exitCode: 125, stderr }), []);
  const processes = scriptedDocker(() => "shop-web-1|shop\n");
  expect(await withPortOwner(udp, { processes, listener: () => program })).toBe(udp);
  expect(udp.message).toBe("port 0.0.0.0:53/udp is taken by another program");
});

it("no other failure costs a question", async () => {
  const processes = scriptedDocker(() => "");
  const full = dockerFailure(failed({ file: "docker", args: [] }, { exitCode: 1, stderr: "no space left on device" }));
  expect(await fullyTold(full, processes)).toBe(full);
  const bug = new TypeError("bug");
  expect(await fullyTold(bug, processes)).toBe(bug);
  expect(processes.asked).toEqual([]);
  expect(
    await fullyTold(
      taken,
      scriptedDocker(() => "lonely|"),
    ),
  ).toMatchObject({
    message: expect.stringContaining("the container lonely") as string,
  });
});

it("a docker that does not answer a second time hides nothing of the failure", async () => {
  expect(await told(() => ({ exitCode: 1, stderr: "down" }))).toBe(taken);
});
