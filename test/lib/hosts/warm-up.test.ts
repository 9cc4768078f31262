import { expect, it } from "vitest";
import { warmUpRequests } from "../../../src/lib/hosts/warm-up.ts";
import { aConfig } from "../../fakes/config.ts";

type File = Required<NonNullable<Parameters<typeof aConfig>[0]>>;
const requests = (checks: File["checks"], runtime: object = {}): string[] =>
  warmUpRequests(aConfig({ checks, runtime: { compose: "compose.yml", ...runtime } })).map(String);

it("asks for what the checks ask that only look, by the name and the scheme of hosts", () => {
  const checks: File["checks"] = [
    { path: "/", assets: true },
    { path: "/api/", host: "api.example.com", headers: { "X-Key": "1" } },
    { path: "/order", method: "POST" },
    { path: "/search?q=slow", for: ["warm-up"] },
    { path: "/quiet", for: ["smoke", "verify"] },
    { service: "web", command: "true" },
  ];
  expect(requests(checks, { host: "www.example.com", forwarded_proto: "https" })).toEqual([
    "GET / HTTP/1.1\r\nhost: www.example.com\r\naccept: text/html, */*\r\nuser-agent: threads\r\nx-forwarded-proto: https\r\nconnection: close\r\n\r\n",
    "GET /api/ HTTP/1.1\r\nhost: api.example.com\r\naccept: text/html, */*\r\nuser-agent: threads\r\nx-key: 1\r\nx-forwarded-proto: https\r\nconnection: close\r\n\r\n",
    "GET /search?q=slow HTTP/1.1\r\nhost: www.example.com\r\naccept: text/html, */*\r\nuser-agent: threads\r\nx-forwarded-proto: https\r\nconnection: close\r\n\r\n",
  ]);
  expect(requests([{ path: "/" }])[0]).toContain("\r\nhost: localhost\r\n");
});

it("asks for no more than an order has room for", () => {
  const many = Array.from({ length: 30 }, (_, n) => ({ path: `/${n}` }));
  expect(requests(many)).toHaveLength(20);
  const long = Array.from({ length: 3 }, (_, n) => ({ path: `/${n}${"x".repeat(2000)}` }));
  expect(requests(long)).toHaveLength(2);
});
