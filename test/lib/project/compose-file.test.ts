import { describe, expect, it } from "vitest";
import { type ComposeService, readComposeFile } from "../../../src/lib/project/compose-file.ts";

function only(yaml: string): ComposeService {
  const [service] = readComposeFile("compose.yaml", `services:\n  web: ${yaml}\n`).services;
  if (service === undefined) throw new Error("no service");
  return service;
}

describe("a compose file", () => {
  it("is read with the lines of its services, anchors and merges followed", () => {
    const text =
      "x-base: &base\n  build: ./app\nservices:\n  web:\n    <<: *base\n    depends_on: [db]\n\n  db:\n    image: postgres:17\n";
    const { services, fault } = readComposeFile("compose.yaml", text);
    expect(fault).toBeUndefined();
    expect(services.map(({ name, line, built, context, image }) => [name, line, built, context, image])).toEqual([
      ["web", 4, true, "./app", undefined],
      ["db", 8, false, undefined, "postgres:17"],
    ]);
    expect(services[0]?.dependsOn).toEqual(["db"]);
  });

  it("that is broken says where", () => {
    expect(readComposeFile("a/compose.yaml", "services:\n  web:\n    image: [\n").fault).toMatch(
      /^a\/compose\.yaml:4 /,
    );
  });

  it.each(["", "services:", "- a", "services: { web: null }", "text"])("%j runs nothing, or nothing known", (text) => {
    expect(readComposeFile("compose.yaml", text)).toMatchObject({ fault: undefined });
  });
});

describe("ports", () => {
  it.each([
    ['{ ports: ["80"] }', 80, undefined],
    ['{ ports: ["8080:80"] }', 80, 8080],
    ['{ ports: ["127.0.0.1:8080:80/tcp"] }', 80, 8080],
    ['{ ports: ["${PORT:-8080}:80"] }', 80, 8080],
    ['{ ports: ["${PORT:-0}:80"] }', 80, undefined],
    ['{ ports: ["${PORT}:80"] }', 80, undefined],
    ['{ ports: ["${PORT:?set it}:80"] }', 80, undefined],
    ["{ ports: [8000] }", 8000, undefined],
    ['{ ports: [{ target: 80, published: "8080" }] }', 80, 8080],
  ])("%s", (yaml, target, published) => {
    expect(only(yaml).ports).toEqual([{ target, published }]);
  });

  it.each(['{ ports: ["53:53/udp"] }', '{ ports: ["8000-8010:8000-8010"] }', "{}", "{ ports: null }"])(
    "%s has none",
    (yaml) => {
      expect(only(yaml).ports).toEqual([]);
    },
  );

  it("that are exposed only are told apart", () => {
    expect(only('{ expose: ["3000", 4000] }')).toMatchObject({ ports: [], exposed: [3000, 4000] });
  });
});

it.each([
  ["{ build: . }", "."],
  ["{ build: { dockerfile: x } }", "."],
  ["{ build: { context: ./web } }", "./web"],
  ["{ image: a }", undefined],
])("%s is built from %s", (yaml, context) => {
  expect(only(yaml).context).toBe(context);
});
