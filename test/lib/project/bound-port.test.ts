import { describe, expect, it } from "vitest";
import { boundPort } from "../../../src/lib/project/bound-port.ts";
import { readComposeFile } from "../../../src/lib/project/compose-file.ts";

const of = (...ports: unknown[]) =>
  boundPort(
    readComposeFile("compose.yml", JSON.stringify({ services: { web: { image: "w", ports } } })).services,
    8000,
  );

describe("only programs on the host reach", () => {
  it.each([
    ["127.0.0.1:8000:80", "127.0.0.1:8000:80"],
    ["127.0.0.2:8000:80/tcp", "127.0.0.2:8000:80"],
    ["localhost:8000:80", "localhost:8000:80"],
    ["[::1]:8000:80", "[::1]:8000:80"],
    ["10.0.0.7:8000:80", "10.0.0.7:8000:80"],
    ["127.0.0.1:7999-8001:79-81", "127.0.0.1:7999-8001:79-81"],
    ["127.0.0.1:${HTTP_PORT:-80}:80", "127.0.0.1:${HTTP_PORT:-80}:80"],
    ["${BIND:-127.0.0.1}:8000:80", "${BIND:-127.0.0.1}:8000:80"],
    [{ target: 80, published: "8000", host_ip: "127.0.0.1" }, "127.0.0.1:8000:80"],
    [{ target: 80, published: 8000, host_ip: "::1" }, "[::1]:8000:80"],
  ])("%j", (port, written) => {
    expect(of(port)).toEqual({ service: "web", written });
  });

  it("a port of which the open one is another, or takes UDP", () => {
    expect(of("127.0.0.1:8000:80", "9000:90", "8000:80/udp")).toMatchObject({ written: "127.0.0.1:8000:80" });
  });
});

describe("others reach, as far as is known", () => {
  it.each([
    "8000:80",
    "0.0.0.0:8000:80",
    "[::]:8000:80",
    "7999-8001:79-81",
    "${BIND}:8000:80",
    "127.0.0.1:9000:80",
    "127.0.0.1:8000:80/udp",
    "8000",
    "127.0.0.1::80",
    { target: 80, published: "8000" },
    { target: 80, published: "8000", host_ip: "0.0.0.0" },
    { target: 80, published: "8000", host_ip: "127.0.0.1", protocol: "udp" },
  ])("%j", (port) => {
    expect(of(port)).toBeUndefined();
  });

  it("what another mapping opens, and what nobody publishes", () => {
    expect(of("127.0.0.1:8000:80", "${HTTP_PORT:-80}:80")).toBeUndefined();
    expect(of()).toBeUndefined();
  });
});
