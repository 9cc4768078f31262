import { describe, expect, it } from "vitest";
import { only, translated, told } from "./world.ts";

const path = { more: { env_from: "/shop/prod/" } };
const settings = (...names: string[]) => ({
  settings: { from: "/shop/prod/", names: new Set(names), hostFile: "/etc/threads/threads.env" },
});
const ownFile = [{ path: "${ENV_FILE:-/etc/threads/threads.env}" }];

describe("the application's settings", () => {
  it("are there by reference, and nowhere by value", () => {
    const { container, refused } = only({ env_file: ownFile }, { ...path, facts: settings("KEY", "DB") });
    expect(refused).toEqual([]);
    expect(container.secrets).toEqual([
      { name: "KEY", valueFrom: "/shop/prod/KEY" },
      { name: "DB", valueFrom: "/shop/prod/DB" },
    ]);
    expect(container).not.toHaveProperty("environment");
  });

  it("come with the file's own name on hosts, too", () => {
    const env_file = [{ path: "/etc/threads/threads.env" }];
    expect(only({ env_file }, { ...path, facts: settings("KEY") }).container.secrets).toHaveLength(1);
  });

  it("are nobody's who does not read the file: nginx is given no secrets", () => {
    expect(only({ env_file: [] }, { ...path, facts: settings("KEY") }).container).not.toHaveProperty("secrets");
  });

  it("of Secrets Manager are keys of the secret's JSON", () => {
    const arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/prod-a1b2c3";
    const found = only(
      { env_file: ownFile },
      { more: { env_from: `secretsmanager:${arn}` }, ecs: { settings: ["KEY"] } },
    );
    expect(found.container.secrets).toEqual([{ name: "KEY", valueFrom: `${arn}:KEY::` }]);
  });

  it("give way to what the compose file says itself, as on hosts: ECS takes no name twice", () => {
    const service = { env_file: ownFile, environment: { KEY: "open" } };
    const { container } = only(service, { ...path, facts: settings("KEY", "DB") });
    expect(container.environment).toEqual([{ name: "KEY", value: "open" }]);
    expect(container.secrets).toEqual([{ name: "DB", valueFrom: "/shop/prod/DB" }]);
  });

  it("need a place: where threads.yml names none, that is said", () => {
    expect(only({ env_file: ownFile }).refused).toEqual([
      "web reads the application's environment, which ECS takes from a store: say where with environments.prod.env_from",
    ]);
  });

  it("that the release requires must be there", () => {
    const { refused } = told(
      translated({ services: { web: {} }, ...path, facts: { ...settings("KEY"), requiredKeys: ["KEY", "DB"] } }),
    );
    expect(refused).toEqual(["the release needs DB (x-required-env), which /shop/prod/ does not have: put them there"]);
    expect(told(translated({ services: { web: {} }, facts: { requiredKeys: ["DB"] } })).refused).toEqual([
      "the release needs DB (x-required-env), and environments.prod has no env_from to take them from",
    ]);
  });
});

it("that compose reads nothing without are asked for where they stand, once, and not for what a host alone has", () => {
  const service = { environment: { DB: "${DB:?say it}" }, ports: ["${WEB_PORT:?}:8080"] };
  const facts = { ...settings("KEY"), requiredKeys: ["DB", "WEB_PORT"] };
  expect(only(service, { ...path, facts }).refused).toEqual([
    "web takes DB for its DB, and /shop/prod/ does not have it: write a default, or put it there",
  ]);
});

describe("variables of the compose file", () => {
  const of = (environment: object, names: string[] = []) =>
    only({ environment }, { ...path, facts: settings(...names) });

  it("are there as they are written, numbers and switches as texts", () => {
    expect(of({ A: "x", B: 1, C: true, D: "", E: "a$$b" }).container.environment).toEqual([
      { name: "A", value: "x" },
      { name: "B", value: "1" },
      { name: "C", value: "true" },
      { name: "D", value: "" },
      { name: "E", value: "a$b" },
    ]);
  });

  it("take a setting by reference, under whatever name", () => {
    const { container } = of({ KEY: "${KEY}", OTHER: "$KEY", KEPT: null, LEVEL: "${LEVEL:-INFO}" }, ["KEY", "KEPT"]);
    expect(container.secrets).toEqual([
      { name: "KEY", valueFrom: "/shop/prod/KEY" },
      { name: "OTHER", valueFrom: "/shop/prod/KEY" },
      { name: "KEPT", valueFrom: "/shop/prod/KEPT" },
    ]);
    expect(container.environment).toEqual([{ name: "LEVEL", value: "INFO" }]);
  });

  it("that take none are what compose makes of them", () => {
    const { container, refused } = of({
      A: "${A:-x}-${REVISION}",
      B: "${B-${C:-deep}}",
      D: "${D:+set}",
      PASSED_ON: null,
    });
    expect(container.environment).toEqual([
      { name: "A", value: "x-4f2c" },
      { name: "B", value: "deep" },
      { name: "D", value: "" },
    ]);
    expect(refused).toEqual([]);
  });

  it("cannot have a secret within other text: it would stand in the definition, for everybody to read", () => {
    const { refused } = of({ DATABASE_URL: "postgres://shop:${PASSWORD}@db/shop", TWO: "${A}${PASSWORD}" }, [
      "PASSWORD",
      "A",
    ]);
    expect(refused).toEqual([
      "web makes DATABASE_URL of PASSWORD and other text, and a secret goes to ECS as it is: put DATABASE_URL itself into /shop/prod/",
      "web makes TWO of A and PASSWORD and other text, and a secret goes to ECS as it is: put TWO itself into /shop/prod/",
    ]);
  });

  it("that nobody sets are refused by name", () => {
    expect(of({ A: "${MISSING}", B: "${C:?say C}" }).refused).toEqual([
      "web takes MISSING for its A, and /shop/prod/ does not have it: write a default, or put it there",
      "web takes C for its B, and /shop/prod/ does not have it: write a default, or put it there",
    ]);
    expect(only({ environment: { A: "${MISSING}" } }).refused).toEqual([
      "web takes MISSING for its A, and this environment has no env_from: write a default, or put it there",
    ]);
  });
});

describe("files of variables that were committed", () => {
  const envFiles = new Map([
    [
      "./files/a.env",
      new Map([
        ["A", "1"],
        ["B", "1"],
      ]),
    ],
    ["./files/b.env", new Map([["B", "2"]])],
  ]);

  it("are read, a later one over an earlier one, and the compose file's own over both", () => {
    const env_file = [{ path: "./files/a.env" }, { path: "./files/b.env" }];
    const { container } = only({ env_file, environment: { A: "own" } }, { facts: { envFiles } });
    expect(container.environment).toEqual([
      { name: "A", value: "own" },
      { name: "B", value: "2" },
    ]);
  });

  it("give way where the file passes on what nobody has, as compose lets them", () => {
    const service = { env_file: [{ path: "./files/a.env" }], environment: { A: null } };
    expect(only(service, { facts: { envFiles } }).container.environment).toEqual([{ name: "B", value: "1" }]);
  });

  it("are not those of a host", () => {
    expect(only({ env_file: [{ path: "/etc/other.env" }] }).refused).toEqual([
      "web reads /etc/other.env of a host, which tasks do not have: take env_file away, or commit the file",
    ]);
  });
});

it("before a release is published nobody asks what a store has, and nothing is refused for it", () => {
  const facts = { settings: { from: "/shop/prod/", names: undefined, hostFile: "/etc/e" }, requiredKeys: ["KEY"] };
  expect(only({ environment: { A: "${KEY}", B: "x-${KEY}" }, env_file: ownFile }, { ...path, facts }).refused).toEqual(
    [],
  );
});
