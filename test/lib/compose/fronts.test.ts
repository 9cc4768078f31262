import { expect, it } from "vitest";
import { frontsOf } from "../../../src/lib/compose/fronts.ts";
import type { OpenService } from "../../../src/lib/compose/raw-model.ts";

const look = (services: object, tcp: readonly number[] = []) => {
  const problems: string[] = [];
  const entry = { service: "nginx", port: 8080, tcp };
  const fronts = frontsOf(services as Readonly<Record<string, OpenService>>, entry, problems);
  return { problems, fronts: fronts.map((one) => [one.service, one.target, one.published, one.protocol]) };
};
const nginx = { image: "n", ports: ["80:8080"] };

it("begins with the port that a host is told, where the entry publishes none", () => {
  expect(look({ nginx: { image: "n" }, admin: { image: "a", ports: ["9000:9000"] } }).fronts).toEqual([
    ["nginx", 8080, "${HTTP_PORT}", "http"],
    ["admin", 9000, "9000", "http"],
  ]);
});

it("begins with another port of the entry's, where it has not this one", () => {
  expect(
    look({ admin: { image: "a", ports: ["9000:9000"] }, nginx: { image: "n", ports: ["81:81"] } }).fronts[0],
  ).toEqual(["nginx", 81, "81", "http"]);
});

it("begins with that of the service that has the entry's network", () => {
  const services = {
    gate: { image: "g", ports: ["80:8080"] },
    admin: { image: "a", ports: ["8080:8080"] },
    nginx: { image: "n", network_mode: "service:gate" },
  };
  expect(look(services).fronts[0]).toEqual(["gate", 8080, "80", "http"]);
});

it("begins with any, where hosts have no such service", () => {
  expect(look({ web: { image: "w", ports: ["80:3000"] } }).fronts).toEqual([["web", 3000, "80", "http"]]);
  expect(look({ web: { image: "w" } }).problems).toEqual([
    "publishes no port: with runtime.strategy: slots one has to, for the edge to stand in front of it",
  ]);
});

it("hands on as TCP what is none of HTTP, but never what is asked for its health", () => {
  const services = { nginx, mqtt: { image: "m", ports: ["1883:1883"] } };
  expect(look(services, [1883])).toEqual({
    problems: [],
    fronts: [
      ["nginx", 8080, "80", "http"],
      ["mqtt", 1883, "1883", "tcp"],
    ],
  });
  expect(look(services, [8080, 1884]).problems).toEqual([
    "answers HTTP on port 8080: take that out of runtime.edge.tcp in threads.yml",
    "publishes no port 1884 of a container, but runtime.edge.tcp in threads.yml names it",
  ]);
});
