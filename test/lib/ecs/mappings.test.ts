import { describe, expect, it } from "vitest";
import { parseRawModel } from "../../../src/lib/compose/raw-model.ts";
import { container, told, translated } from "./world.ts";

/**
 * As `docker compose config --no-interpolate --no-path-resolution --format json` of Compose 2.26 prints it. In web both are lists;
 * in celery they are mappings, and one comes by `extends`: compose makes lists of them.
 */
const printed = JSON.stringify({
  services: {
    web: {
      environment: ["LEVEL=${LEVEL:-INFO}", "URL=postgres://a=b", "KEY", "EMPTY="],
      labels: ["team=shop", "bare"],
    },
    celery: {
      environment: ["C=${C:-c}", "D", "A=x", "B=1"],
      labels: ["z=y", "n=3", "nothing", "team=${TEAM:-shop}"],
    },
  },
});
const { services } = parseRawModel(printed);
const settings = { from: "/shop/prod/", names: new Set(["KEY"]), hostFile: "/etc/e" };
const facts = { settings };

describe("variables and labels that compose prints as a list", () => {
  const found = translated({ services, more: { env_from: "/shop/prod/" }, facts });

  it("are those of the same names in a mapping; a name alone is passed on", () => {
    expect(told(found).refused).toEqual([]);
    expect(container(found, "web").environment).toEqual([
      { name: "LEVEL", value: "INFO" },
      { name: "URL", value: "postgres://a=b" },
      { name: "EMPTY", value: "" },
    ]);
    expect(container(found, "web").secrets).toEqual([{ name: "KEY", valueFrom: "/shop/prod/KEY" }]);
    expect(container(found, "celery").environment).toEqual([
      { name: "C", value: "c" },
      { name: "A", value: "x" },
      { name: "B", value: "1" },
    ]);
  });

  it("are labels with texts", () => {
    expect(container(found, "web").dockerLabels).toEqual({ team: "shop", bare: "" });
    expect(container(found, "celery").dockerLabels).toEqual({ z: "y", n: "3", nothing: "", team: "shop" });
    const mapping = translated({ services: { web: { labels: { n: 3, yes: true, nothing: null } } } });
    expect(container(mapping, "web").dockerLabels).toEqual({ n: "3", yes: "true", nothing: "" });
  });

  it("have names that no variable decides", () => {
    expect(told(translated({ services: { web: { environment: ["${A:-B=c}"], labels: ["$A=b"] } } })).refused).toEqual([
      "web has $A=b in its labels, and no variable can decide a name on ECS: write NAME=value",
      "web has ${A:-B=c} in its environment, and no variable can decide a name on ECS: write NAME=value",
    ]);
  });
});
