import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import type { RequestCheck } from "../../../src/lib/config/config.ts";
import { httpGet } from "../../../src/lib/probe/http-get.ts";
import { urlWay } from "../../../src/lib/tasks/url-way.ts";
import { aConfig } from "../../fakes/config.ts";
import { localhostCertificate } from "../../fakes/localhost-certificate.ts";

const { runtime, checks } = aConfig({
  checks: [{ path: "/" }],
  runtime: { compose: "compose.yml", host: "www.example.com", forwarded_proto: "https" },
});
const check = checks[0] as RequestCheck;
const options = { signal: new AbortController().signal, timeoutMs: 5_000 };

test("a check by https is asked as it is written, by http as whatever stands in front of it is asked", () => {
  const asked = (url: string): RequestCheck => urlWay(url, { runtime, get: httpGet }).asked(check);
  expect(asked("https://shop.example.com")).toEqual(check);
  expect(asked("http://shop.internal")).toEqual({ ...check, forwardedProto: "https" });
});

test("paths begin at the root of the address", () => {
  expect(urlWay("https://shop.example.com:8443/start?x=1", { runtime, get: httpGet }).base).toBe(
    "https://shop.example.com:8443",
  );
});

test("a certificate that is not good is wrong, and not a way that is missing", async () => {
  const server = createServer(localhostCertificate, (_, reply) => void reply.end("ok"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const way = urlWay(`https://127.0.0.1:${(server.address() as AddressInfo).port}`, { runtime, get: httpGet });
    await expect(way.get(`${way.base}/`, options)).rejects.toThrow(/certificate/);
    expect(way.silence()).toBeUndefined();
  } finally {
    server.close();
  }
});

test("a name that nobody knows is a way that is missing, until something answers", async () => {
  let knows = false;
  const get = async () => {
    if (knows) return { status: 200, headers: {}, body: "", length: 0 };
    throw Object.assign(new Error("getaddrinfo ENOTFOUND shop.internal"), { code: "ENOTFOUND" });
  };
  const way = urlWay("https://shop.internal", { runtime, get });
  expect(way.silence()).toBeUndefined();
  await expect(way.get("https://shop.internal/", options)).rejects.toThrow("ENOTFOUND");
  expect(way.silence()).toBe("https://shop.internal does not answer from here: getaddrinfo ENOTFOUND shop.internal");
  knows = true;
  await way.get("https://shop.internal/", options);
  expect(way.silence()).toBeUndefined();
});
