import { request } from "node:http";
import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type LocalServer,
  openLocalServer,
  refusal,
  type Tell,
  type Visit,
} from "../../../src/lib/process/local-server.ts";

let server: LocalServer;
let visits: Visit[] = [];
let onVisit: (visit: Visit) => void;
beforeEach(async () => {
  visits = [];
  onVisit = (visit) => visit.answer("html", "hello");
  server = await openLocalServer(undefined, (visit) => {
    visits.push(visit);
    onVisit(visit);
  });
});
afterEach(() => server.close());

interface Asked {
  readonly method?: string;
  readonly host?: string;
}

const ask = (path: string, { method = "GET", host }: Asked = {}) =>
  new Promise<{ status: number; headers: Record<string, unknown>; text: string }>((resolve, reject) => {
    const headers = host === undefined ? {} : { host };
    request(new URL(path, server.url), { method, headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (piece: string) => (text += piece));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    })
      .on("error", reject)
      .end();
  });

describe("a server for this machine", () => {
  test("answers whoever has its key, under both names of this machine", async () => {
    const { port } = new URL(server.url);
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`]) {
      const { status, text, headers } = await ask("a/b?x=1", { host });
      expect({ status, text }).toEqual({ status: 200, text: "hello" });
      expect(headers).toMatchObject({
        "content-type": "text/html; charset=utf-8",
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "content-security-policy": expect.stringContaining("default-src 'none'"),
      });
    }
    expect(visits.map(({ path, words }) => [path, words.get("x")])).toEqual([
      ["a/b", "1"],
      ["a/b", "1"],
    ]);
  });

  test("takes another's name that leads here for none of its own", async () => {
    const { port } = new URL(server.url);
    for (const host of ["board.example", `board.example:${port}`, "127.0.0.1", `127.0.0.1:1`, `[::1]:${port}`])
      expect(await ask("", { host })).toMatchObject({ status: 421, text: "421\n" });
    expect(visits).toEqual([]);
  });

  test("of port 80 a browser does not speak, and is answered", () => {
    const key = "0".repeat(32);
    const asks = (host: string, port: number) =>
      refusal({ method: "GET", url: `/${key}/`, headers: { host } }, { key, port });
    for (const host of ["127.0.0.1", "localhost", "localhost:80"]) expect(asks(host, 80)).toBeUndefined();
    expect([asks("board.example", 80), asks("localhost", 8100)]).toEqual([421, 421]);
  });

  test("lets go of whoever reads nothing of what is told", async () => {
    let tell: Tell = () => undefined;
    onVisit = (visit) => (tell = visit.stream());
    const { port, pathname } = new URL(server.url);
    const reader = connect(Number(port), "127.0.0.1").pause();
    reader.write(`GET ${pathname}looks HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`);
    await expect.poll(() => visits.length).toBe(1);
    const text = "x".repeat(1_000_000);
    await expect
      .poll(() => {
        tell("board", text);
        return visits[0]?.gone.aborted;
      })
      .toBe(true);
    reader.destroy();
  });

  test("answers 500 where an answer goes wrong, and tells what did", async () => {
    onVisit = () => {
      throw new TypeError("x is undefined");
    };
    expect(await ask("")).toMatchObject({ status: 500, text: "500\n" });
    await expect(server.broken).rejects.toThrow(TypeError);
  });

  test("answers nothing without its key, and nothing but GET", async () => {
    const [, key = ""] = new URL(server.url).pathname.split("/");
    const others = ["/", "/board", `/${key.slice(1)}/`, `/${key}0/`, `/${key.replace(/./, "g")}/`, `/x/${key}/`];
    for (const path of others) expect(await ask(path)).toMatchObject({ status: 404 });
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"])
      expect(await ask("", { method })).toMatchObject({ status: 405 });
    expect(visits).toEqual([]);
  });

  test("has another key and, unless told otherwise, a free port each time", async () => {
    const other = await openLocalServer(undefined, () => undefined);
    await other.close();
    const [one, two] = [new URL(server.url), new URL(other.url)];
    expect(one.pathname).toMatch(/^\/[0-9a-f]{32}\/$/);
    expect(two.pathname).not.toBe(one.pathname);
    expect(two.port).not.toBe(one.port);
  });

  test("goes on telling, line by line, until whoever asked has gone", async () => {
    let tell: Tell = () => undefined;
    onVisit = (visit) => (tell = visit.stream());
    const stop = new AbortController();
    const { body } = await fetch(new URL("looks", server.url), { signal: stop.signal });
    tell("board", "one\ntwo\r\n");
    const read = await body!.getReader().read();
    expect(new TextDecoder().decode(read.value)).toBe("event: board\ndata: one\ndata: two\ndata: \n\n");
    expect(visits[0]?.gone.aborted).toBe(false);
    stop.abort();
    await expect.poll(() => visits[0]?.gone.aborted).toBe(true);
    expect(() => tell("board", "nobody")).not.toThrow();
  });

  test("ends with all that it is still telling", async () => {
    onVisit = (visit) => void visit.stream();
    const { body } = await fetch(new URL("looks", server.url));
    await server.close();
    await expect(body!.getReader().read()).rejects.toThrow("terminated");
  });

  test("says who has its port", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as AddressInfo;
    await expect(openLocalServer(port, () => undefined)).rejects.toMatchObject({
      code: "PORT_TAKEN",
      message: expect.stringMatching(new RegExp(`^port ${port} is taken by .*\\(process ${process.pid}\\)$`)),
      next: [`ps -fp ${process.pid}`],
    });
    await new Promise((resolve) => taken.close(resolve));
  });
});
