import { describe, expect, it } from "vitest";
import { dependenciesOf, parseModel } from "../../../src/lib/compose/stack-model.ts";

const text = JSON.stringify({
  services: {
    web: {
      image: "w",
      build: { context: "." },
      depends_on: { migrate: { condition: "service_completed_successfully" } },
    },
    migrate: { image: "w", depends_on: { db: { condition: "service_healthy" } } },
    db: { image: "postgres:17", build: null },
  },
  networks: { default: { name: "p_default" }, shared: { external: true } },
  volumes: { data: {} },
});

const plain = { recipe: "", replicas: 1, named: false, publishes: false, networkOf: undefined };

describe("parseModel", () => {
  it("keeps images, what is built, who waits for whom, and which services must end", () => {
    expect(parseModel(text)).toEqual({
      services: [
        {
          ...plain,
          recipe: '{"context":"."}',
          name: "web",
          image: "w",
          built: true,
          dependsOn: ["migrate"],
          ending: "never",
        },
        { ...plain, name: "migrate", image: "w", built: false, dependsOn: ["db"], ending: "must" },
        { ...plain, name: "db", image: "postgres:17", built: false, dependsOn: [], ending: "never" },
      ],
      networks: ["default"],
      volumes: ["data"],
    });
  });

  it("keeps how many there are of a service, and what may end by itself", () => {
    const services = {
      web: { deploy: { replicas: 2 }, restart: "unless-stopped", container_name: "web", ports: [{ target: 80 }] },
      off: { scale: 0 },
      job: { restart: "no" },
      retried: { restart: "on-failure:3" },
    };
    expect(parseModel(JSON.stringify({ services })).services).toMatchObject([
      { name: "web", replicas: 2, ending: "never", named: true, publishes: true },
      { name: "off", replicas: 0, ending: "never" },
      { name: "job", replicas: 1, ending: "may" },
      { name: "retried", ending: "may" },
    ]);
  });

  it("takes a file with services only", () => {
    expect(parseModel('{"services":{}}')).toEqual({ services: [], networks: [], volumes: [] });
  });
});

it("dependenciesOf finds all that is needed, however far, once, and ends in a circle", () => {
  const model = parseModel(text);
  expect(dependenciesOf(model, "web")).toEqual(["migrate", "db"]);
  expect(dependenciesOf(model, "db")).toEqual([]);
  const circle = parseModel('{"services":{"a":{"depends_on":{"b":{}}},"b":{"depends_on":{"a":{}}}}}');
  expect(dependenciesOf(circle, "a")).toEqual(["b"]);
});
