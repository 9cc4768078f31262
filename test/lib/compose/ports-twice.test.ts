import { expect, it } from "vitest";
import { portsTwice } from "../../../src/lib/compose/ports-twice.ts";
import type { OpenService } from "../../../src/lib/compose/raw-model.ts";

const saysOf = (services: Record<string, OpenService["ports"]>): string[] =>
  portsTwice(Object.fromEntries(Object.entries(services).map(([name, ports]) => [name, { ports } as OpenService]))).map(
    ({ service, says }) => `${service} ${says}`,
  );

it("a port that two merged files publish on different addresses is named, with what replaces the list", () => {
  expect(saysOf({ db: ["127.0.0.1:5432:5432", "5432:5432"] })).toEqual([
    "db publishes 5432 twice, on 127.0.0.1 and on every address: take one of them out; where a later compose file is to replace the list, write `ports: !override` there",
  ]);
  const long = { target: 5432, published: "${PORT:-5432}" };
  expect(saysOf({ db: [{ ...long, host_ip: "0.0.0.0" }, "10.0.0.1:5432:5432"] })).toHaveLength(1);
});

it("so is one that two services want", () => {
  expect(saysOf({ web: ["80:8080"], front: ["80:80"] })).toEqual([
    "front publishes 80, as web does: give one of them another port",
  ]);
});

it.each([
  ["two ports", ["80:80", "443:443"]],
  ["addresses of their own", ["127.0.0.1:80:80", "10.0.0.1:80:80"]],
  ["every address of each family", ["0.0.0.0:80:80", "[::]:80:80"]],
  ["another protocol", ["53:53", "53:53/udp"]],
  ["a number that docker or a host chooses", ["8080", "8080", "${A}:80", "${A}:81"]],
  ["ranges, which are another's matter", ["80-81:80-81", "80:80"]],
] as const)("nothing is said of %s", (_, ports) => {
  expect(saysOf({ web: [...ports] })).toEqual([]);
});
