import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { demultiplex } from "../../../../../src/lib/sandbox/server/ssm/attached.ts";
import { dockerEngine } from "../../../../../src/lib/sandbox/server/ssm/docker-engine.ts";
import { dockerHosts } from "../../../../../src/lib/sandbox/server/ssm/docker-hosts.ts";
import { readText } from "./harness.ts";

const id = "i-0aaaaaaaaaaaaaaa1";

function frame(stream: number, text: string): Buffer {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
}

describe("the engine's attach stream", () => {
  it("is split into stdout and stderr, whatever the frames cut", () => {
    const umlaut = Buffer.from("ü");
    const half = (part: Buffer) => Buffer.concat([Buffer.from([1, 0, 0, 0, 0, 0, 0, 1]), part]);
    const raw = Buffer.concat([
      frame(1, "a"),
      frame(2, "e1"),
      half(umlaut.subarray(0, 1)),
      half(umlaut.subarray(1)),
      frame(2, "e2"),
    ]);
    expect(demultiplex(raw)).toEqual({ stdout: "aü", stderr: "e1e2" });
    expect(demultiplex(raw.subarray(0, raw.length - 1))).toEqual({ stdout: "aü", stderr: "e1e" });
    expect(demultiplex(Buffer.alloc(0))).toEqual({ stdout: "", stderr: "" });
  });
});

describe("hosts of the Docker engine", () => {
  let server: Server;
  let directory: string;
  let state: string;
  let exitCode: number | null;
  let connected: boolean;
  let removed: boolean;
  let asked: { path: string; body: unknown }[];

  const answers = (path: string): [number, unknown] => {
    if (path.startsWith("/containers/json")) return [200, [container()]];
    if (path === "/containers/c1/json") return removed ? [404, {}] : [200, { Config: { Hostname: "ip-10-0-0-1" } }];
    if (path === "/containers/c1/exec")
      return state === "running" ? [201, { Id: "e1" }] : [409, { message: "is paused" }];
    if (path === "/exec/e1/start") return [200, Buffer.concat([frame(1, "out"), frame(2, "err")])];
    if (path === "/exec/e1/json") return [200, { ExitCode: exitCode }];
    return path.startsWith("/containers/c1/restart") ? [204, ""] : [404, {}];
  };
  const container = () => ({
    Id: "c1",
    State: state,
    Created: 5,
    Labels: { "threads.host": id, "threads.tag.threads-env": "prod", "threads.registered-at": "2026-11-22T00:00:00Z" },
    NetworkSettings: { Networks: connected ? { n: { IPAddress: state === "running" ? "10.0.0.1" : "" } } : {} },
  });

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), "threads-docker-"));
    state = "running";
    exitCode = 3;
    connected = true;
    removed = false;
    asked = [];
    server = createServer((request, response) => {
      void readText(request).then((text) => {
        asked.push({ path: decodeURIComponent(request.url ?? ""), body: text === "" ? undefined : JSON.parse(text) });
        const [status, body] = answers(request.url ?? "");
        response.writeHead(status).end(Buffer.isBuffer(body) || status === 204 ? body : JSON.stringify(body));
        return status;
      });
    });
    await new Promise<void>((resolve) => {
      server.listen(join(directory, "docker.sock"), resolve);
    });
  });
  afterEach(() => {
    server.close();
    rmSync(directory, { recursive: true });
  });
  const hosts = () => dockerHosts(dockerEngine(join(directory, "docker.sock")), "box");

  it("are the sandbox's labelled containers", async () => {
    const fleet = hosts();
    expect(await fleet.hosts()).toEqual([
      {
        instanceId: id,
        reference: "c1",
        running: true,
        computerName: "ip-10-0-0-1",
        ipAddress: "10.0.0.1",
        registeredAt: Date.parse("2026-11-22T00:00:00Z") / 1000,
        tags: { "threads-env": "prod" },
        agentDirectory: `/var/lib/amazon/ssm/${id}`,
      },
    ]);
    expect(asked[0]?.path).toContain('{"label":["threads.sandbox=box","threads.host"]}');
    for (state of ["exited", "paused", "created"]) {
      expect(await fleet.hosts()).toMatchObject([{ running: false, ipAddress: "10.0.0.1" }]);
    }
  });

  it("have lost their connection when they are cut off from the network, and are skipped when just removed", async () => {
    connected = false;
    expect(await hosts().hosts()).toMatchObject([{ instanceId: id, running: false }]);
    removed = true;
    expect(await hosts().hosts()).toEqual([]);
  });

  it("run programs, and say when they cannot", async () => {
    const fleet = hosts();
    const [host] = await fleet.hosts();
    if (host === undefined) throw new Error("no host");
    const shell = { program: "exit 3", words: ["a b"] };
    expect(await fleet.run(host, shell)).toEqual({ exitCode: 3, stdout: "out", stderr: "err" });
    expect(asked.find((one) => one.path === "/containers/c1/exec")?.body).toMatchObject({
      Cmd: ["/bin/sh", "-c", "exit 3", "ssm-agent", "a b"],
      AttachStdin: false,
      Tty: false,
    });
    exitCode = null;
    await expect(fleet.run(host, shell)).rejects.toThrow("went away");
    state = "paused";
    await expect(fleet.run(host, shell)).rejects.toThrow("is paused");
    await fleet.restart(host);
    expect(asked.at(-1)?.path).toBe("/containers/c1/restart?t=10");
  });
});
