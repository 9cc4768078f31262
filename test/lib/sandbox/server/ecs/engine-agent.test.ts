import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Duplex, duplexPair } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { engineAgent } from "../../../../../src/lib/sandbox/server/ecs/run/engine-agent.ts";
import { hostEngine } from "../../../../../src/lib/sandbox/server/ecs/run/engine.ts";
import { type DockerEngine, dockerEngine } from "../../../../../src/lib/sandbox/server/ssm/docker-engine.ts";

function frame(stream: number, said: string | Buffer): Buffer {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(Buffer.byteLength(said), 4);
  return Buffer.concat([header, Buffer.from(said)]);
}

describe("the engine of a machine", () => {
  let inner: Server;
  let dialled: Duplex[];
  let asked: string[];
  let content: Buffer;

  beforeEach(() => {
    [dialled, asked, content] = [[], [], Buffer.from("{}")];
    inner = createServer((request, response) => void answer(request, response));
  });

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    asked.push([request.method, request.url, await text(request)].join(" "));
    response.writeHead(request.url?.includes("gone") === true ? 404 : 200).end(content);
  };
  const docker: Partial<DockerEngine> = {
    dial: async (reference, argv) => {
      expect([reference, ...argv]).toEqual(["c1", "docker", "system", "dial-stdio"]);
      const [near, far] = duplexPair();
      inner.emit("connection", far);
      dialled.push(near);
      return near;
    },
  };
  const open = () => {
    const where = { id: "i-1", reference: "c1", address: undefined };
    return hostEngine(where, engineAgent("c1", docker as DockerEngine), docker as DockerEngine);
  };

  test("is asked on one connection, question after question", async () => {
    const engine = open();
    expect(await engine.api("GET", "/containers/json")).toEqual({ status: 200, body: "{}" });
    expect(await engine.api("POST", "/containers/create", { Env: ["A=ü"] })).toMatchObject({ status: 200 });
    expect(asked).toEqual(["GET /containers/json ", 'POST /containers/create {"Env":["A=ü"]}']);
    expect(dialled).toHaveLength(1);
  });

  test("is dialled anew where the connection has ended", async () => {
    const engine = open();
    await engine.api("GET", "/one");
    const [first] = dialled;
    const closed = new Promise((resolve) => first?.once("close", resolve));
    first?.destroy(new Error("the machine was switched off"));
    await closed;
    await engine.api("GET", "/two");
    expect(dialled).toHaveLength(2);
  });

  test("that cannot be reached is an error, and no answer", async () => {
    const refusing = { dial: () => Promise.reject(new Error("is not running")) } as Partial<DockerEngine>;
    const where = { id: "i-1", reference: "c1", address: undefined };
    const engine = hostEngine(where, engineAgent("c1", refusing as DockerEngine), refusing as DockerEngine);
    await expect(engine.api("GET", "/one")).rejects.toThrow("is not running");
  });

  test("tells what a container has said, from a line on, with a terminal and without", async () => {
    const engine = open();
    content = Buffer.concat([frame(1, "2026-11-28T08:00:00.5Z a\n"), frame(2, "2026-11-28T08:00:00.25Z b\n")]);
    expect(await engine.lines("web", undefined)).toEqual(["2026-11-28T08:00:00.5Z a", "2026-11-28T08:00:00.25Z b"]);
    content = Buffer.from("2026-11-28T08:00:00.5Z a\n");
    expect(await engine.lines("web", "2026-11-28T08:00:00.123456789Z")).toEqual(["2026-11-28T08:00:00.5Z a"]);
    content = Buffer.alloc(0);
    expect(await engine.lines("web", "2026-11-28T08:00:01Z")).toEqual([]);
    expect(await engine.lines("gone", undefined)).toBeUndefined();
    const path = "GET /containers/web/logs?stdout=1&stderr=1&timestamps=1";
    const from = ["", "&since=1795852800.123456789", "&since=1795852801.0"];
    expect(asked.slice(0, 3)).toEqual(from.map((since) => `${path}${since} `));
  });
});

describe("a process that docker is connected to", () => {
  let directory: string;
  let outer: Server;
  let answer: (socket: Duplex) => void;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), "threads-dial-"));
    outer = createServer((request, response) => {
      const isThere = request.url === "/containers/c1/exec";
      response.writeHead(isThere ? 201 : 409).end(JSON.stringify(isThere ? { Id: "e1" } : { message: "is paused" }));
    });
    outer.on("upgrade", (_, socket) => {
      socket.write("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
      answer(socket);
    });
    await new Promise<void>((resolve) => {
      outer.listen(join(directory, "docker.sock"), resolve);
    });
  });
  afterEach(async () => {
    await new Promise((resolve) => outer.close(resolve));
    rmSync(directory, { recursive: true });
  });

  const dial = (reference = "c1") => dockerEngine(join(directory, "docker.sock")).dial(reference, ["cat"]);

  test("is written to and read from, wherever its frames are cut", async () => {
    const whole = Buffer.concat([frame(1, "one"), frame(1, "ü"), frame(1, Buffer.alloc(200_000, 7))]);
    answer = (socket) => {
      socket.once("data", (chunk: Buffer) => {
        socket.write(frame(1, chunk));
        for (const at of [3, 9, 20]) socket.write(whole.subarray(at === 3 ? 0 : at === 9 ? 3 : 9, at));
        socket.end(whole.subarray(20));
      });
    };
    const stream = await dial();
    stream.write("ask");
    const expected = Buffer.concat([Buffer.from("askoneü"), Buffer.alloc(200_000, 7)]);
    expect((await buffer(stream)).equals(expected)).toBe(true);
  });

  test("ends as what it says of its error", async () => {
    answer = (socket) => socket.end(frame(2, "cannot connect to the daemon\n"));
    await expect(buffer(await dial())).rejects.toThrow("cannot connect to the daemon");
  });

  test("is none in a container that does not run", async () => {
    await expect(dial("c2")).rejects.toThrow("is paused");
  });
});
