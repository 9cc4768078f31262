import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { parseThreadsYaml } from "../../../src/lib/config/parse.ts";
import { uncommented } from "../../fakes/config.ts";
import { told, translated } from "./world.ts";

const together = { web: { containers: ["web", "nginx"] } };
const neighbours =
  "web and nginx share one network: they find each other at 127.0.0.1, and not by their names as in compose";

/** What is said of addresses where one of two services has these variables. */
function noted(environment: object, ecs: object = {}): readonly string[] {
  const all = told(translated({ services: { web: { environment }, nginx: {} }, ecs })).noted;
  return all.filter((line) => /address|network/.test(line));
}

describe("a service that has another as an address", () => {
  it.each(["http://nginx:8080/x", "amqp://me@nginx", "nginx:6379", "http://nginx/", "${URL:-nginx:80}"])(
    "is told of it: %s",
    (url) => {
      expect(noted({ URL: url })).toEqual([
        "web has nginx as an address in URL, and finds it by that name in compose alone: it is a task of its own, which needs an address of yours. Take it as a variable (${URL:-…}), and set that in environments.prod.ecs.variables",
      ]);
    },
  );

  it.each(["nginx", "http://nginx.example.com/", "my-nginx:80", "http://127.0.0.1:80/nginx", "http://web:80/"])(
    "is not told of what is none: %s",
    (text) => expect(noted({ URL: text })).toEqual([]),
  );

  it("is told where the other is, if both are one task", () => {
    expect(noted({ URL: "${URL:-nginx:80}" }, { services: together })).toEqual([
      "web has nginx as an address in URL, and finds it by that name in compose alone: both are one task, where it is at 127.0.0.1. Take it as a variable (${URL:-…}), and set that in environments.prod.ecs.variables",
    ]);
  });

  it("is told nothing once the environment says where that is", () => {
    expect(noted({ URL: "${URL:-nginx:80}" }, { services: together, variables: { URL: "127.0.0.1:80" } })).toEqual([]);
  });
});

it("containers of a task are told how they find each other, where none of them seems to know", () => {
  expect(noted({}, { services: together })).toEqual([neighbours]);
  expect(noted({ URL: "http://localhost:80" }, { services: together })).toEqual([]);
});

it("the demo's nginx finds its web in a task, as threads.yml shows", () => {
  const file = new URL("../../../backend/docker-compose-prod.yml", import.meta.url);
  const { services } = parse(readFileSync(file, "utf8"), { merge: true }) as {
    services: Readonly<Record<string, { readonly environment?: object }>>;
  };
  const { variables } = parseThreadsYaml(uncommented, "threads.yml").environments["cloud"]?.ecs ?? {};
  const environment = services["nginx"]?.environment;
  const found = (ecs: object) => translated({ services: { web: {}, nginx: { environment } }, ecs });
  expect(told(found({ services: together })).noted.join()).toContain("nginx has web as an address in WEB_ADDRESS");
  const { tasks } = found({ services: together, variables });
  expect(tasks[0]?.taskDefinition.containerDefinitions.find(({ name }) => name === "nginx")?.environment).toEqual([
    { name: "WEB_ADDRESS", value: "127.0.0.1:8000" },
  ]);
});
