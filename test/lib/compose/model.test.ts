import { describe, expect, it } from "vitest";
import { dependenciesOf, labelOverride, parseModel } from "../../../src/lib/compose/model.ts";

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

describe("parseModel", () => {
  it("keeps images, what is built, who waits for whom, and which services must end", () => {
    expect(parseModel(text)).toEqual({
      services: [
        { name: "web", image: "w", built: true, dependsOn: ["migrate"], oneShot: false },
        { name: "migrate", image: "w", built: false, dependsOn: ["db"], oneShot: true },
        { name: "db", image: "postgres:17", built: false, dependsOn: [], oneShot: false },
      ],
      networks: ["default"],
      volumes: ["data"],
    });
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

it("labelOverride labels all that the file makes, and nothing that it only uses", () => {
  const override: unknown = JSON.parse(
    labelOverride(parseModel(text), { kind: "smoke", owner: "h:1", startedAt: 5_999 }),
  );
  const labels = { labels: { "threads.smoke": "1", "threads.owner": "h:1", "threads.started": "5" } };
  expect(override).toEqual({
    services: { web: labels, migrate: labels, db: labels },
    networks: { default: labels },
    volumes: { data: labels },
  });
});
