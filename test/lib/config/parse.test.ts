import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { jsonSchemaText } from "../../../src/lib/config/json-schema.ts";
import { parseThreadsYaml } from "../../../src/lib/config/parse.ts";
import { ThreadsError } from "../../../src/lib/errors/threads-error.ts";
import { example, uncommented } from "../../fakes/config.ts";

function detailsOf(text: string): readonly string[] {
  try {
    parseThreadsYaml(text, "threads.yml");
  } catch (error) {
    if (error instanceof ThreadsError) return [`exit ${error.exitCode}`, ...error.details];
    throw error;
  }
  return [];
}

/** Nothing that may be left out. */
const least = `app: hello_world
services: [web]
smoke: { compose: compose.yml, entry: { service: web, port: 3000 }, checks: [{ path: / }] }
runtime: { compose: compose.yml }
environments: { prod: { hosts: { tag: env=prod } } }
`;

it("compiles no check: a file is checked once", () => {
  const compiled: unknown[] = [];
  const { Function: original } = globalThis;
  globalThis.Function = new Proxy(original, {
    construct: (of, given) => {
      compiled.push(given);
      return Reflect.construct(of, given) as object;
    },
  });
  try {
    parseThreadsYaml(example, "threads.yml");
  } finally {
    globalThis.Function = original;
  }
  expect(compiled).toEqual([]);
});

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | false;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}

/** Every key of a schema with those above it, `environments.*.hosts.tag`: `*` stands for a name that people choose, and for an item. */
function keysOf({ properties = {}, additionalProperties, items, anyOf = [] }: JsonSchema, above: string): string[] {
  const named = Object.entries(properties).flatMap(([key, below]) => [
    `${above}${key}`,
    ...keysOf(below, `${above}${key}.`),
  ]);
  const others = [additionalProperties, items].flatMap((below) => (below ? keysOf(below, `${above}*.`) : []));
  return [...named, ...others, ...anyOf.flatMap((one) => keysOf(one, above))];
}

/** Whether a file has a key of that name. */
function has(file: unknown, [key, ...below]: readonly string[]): boolean {
  if (key === undefined) return true;
  if (typeof file !== "object" || file === null) return false;
  if (key === "*") return Object.values(file).some((value) => has(value, below));
  return key in file && has((file as Readonly<Record<string, unknown>>)[key], below);
}

describe("threads.yml", () => {
  it("shows every key of the schema, if only as a comment", () => {
    const file: unknown = parse(uncommented);
    const keys = keysOf(JSON.parse(jsonSchemaText()) as JsonSchema, "");
    expect(keys).toContain("environments.*.gates.scan.allow.*.until");
    expect(keys.filter((key) => !has(file, key.split(".")))).toEqual([]);
  });

  it("accepts the annotated example, which is the documentation", () => {
    expect(parseThreadsYaml(example, "threads.yml").services).toEqual(["web", "celery", "celery-beat", "nginx"]);
  });

  it("tells each gate by which checks it measures evidence, those alone that it is asked for", () => {
    const checks = "checks: [{ path: / }, { path: /posts, method: POST, status: 201 }, { path: /mail, for: [verify] }]";
    const environments =
      "environments: { prod: { hosts: { tag: env=prod }, gates: { verify: qa } }, qa: { hosts: { tag: env=qa }, gates: { smoke: false } } }";
    const text = least.replace(", checks: [{ path: / }]", "").replace(/environments.*/, `${environments}\n${checks}`);
    const { prod, qa } = parseThreadsYaml(text, "threads.yml").environments;
    expect(prod?.gates).toMatchObject({
      smokeChecks: [
        { path: "/", status: 200 },
        { path: "/posts", status: 201 },
      ],
      verifyChecks: [
        { path: "/", status: 200 },
        { path: "/mail", status: 200 },
      ],
    });
    expect(Object.keys(qa?.gates ?? {})).toEqual(["smoke", "soakMs"]);
    // What a policy says is no key of threads.yml.
    expect(detailsOf(text.replace("smoke: false", "smoke_checks: []"))).toEqual([
      "exit 2",
      expect.stringContaining("smoke_checks"),
    ]);
  });

  it("refuses an unknown key with its place and the key that was meant", () => {
    const text = example.replace("  service: web-test", "  servise: web-test");
    const line = text.split("\n").findIndex((row) => row.includes("servise")) + 1;
    expect(detailsOf(text)).toEqual(["exit 2", `threads.yml:${line}:3 unknown key "servise", did you mean "service"?`]);
  });

  it.each(["  service: web-test", "entry: { service: nginx"])("refuses a service without a name: %s", (line) => {
    const empty = line.replace(/: [\w-]+$/, ': ""');
    expect(detailsOf(example.replace(line, empty))[1]).toMatch(/must not be empty/);
  });

  it("names the known keys where none is near", () => {
    expect(detailsOf(`${example}\nzzz: 1\n`)[1]).toMatch(/unknown key "zzz"; known here: app, region, account/);
  });

  it("refuses an unknown key inside an environment and inside a list", () => {
    expect(detailsOf(example.replace("    timeout: 900", "    timeot: 900"))[1]).toMatch(/did you mean "timeout"/);
    expect(detailsOf(example.replace("    assets: true", "    asets: true"))[1]).toMatch(/did you mean "assets"/);
  });

  it("places a wrong value where it stands", () => {
    const text = example.replace("  port: 80\n", "  port: eighty\n");
    const line = text.split("\n").findIndex((row) => row.includes("eighty")) + 1;
    expect(detailsOf(text)[1]).toMatch(new RegExp(`^threads\\.yml:${line}:9 runtime\\.port: `));
  });

  it("asks for no more than an application has", () => {
    const file = parseThreadsYaml(least, "/r/threads.yml");
    expect([file.test, file.smoke.env, file.runtime.migrate]).toEqual([undefined, undefined, undefined]);
    expect(file.sandbox).toEqual({ services: [] });
    expect(file.runtime).toMatchObject({ singletons: [], compose: ["/r/compose.yml"] });
  });

  it("takes several compose files where docker compose does, in their order", () => {
    const several = least.replace("smoke: { compose: compose.yml", "smoke: { compose: [a.yml, sub/b.yml]");
    expect(parseThreadsYaml(several, "/r/threads.yml").smoke.compose).toEqual(["/r/a.yml", "/r/sub/b.yml"]);
    expect(detailsOf(least.replace("smoke: { compose: compose.yml", "smoke: { compose: 7"))[1]).toMatch(
      /smoke\.compose: a path, or a list of paths$/,
    );
  });

  it.each(["my_web", "web.v2", "0web"])("takes the service name %s, as compose and ECR do", (name) => {
    expect(parseThreadsYaml(least.replaceAll("web", name), "threads.yml").services).toEqual([name]);
  });

  it.each(["Web", "a--b", "web_", "a/b"])("refuses the service name %s in words, not by a pattern", (name) => {
    expect(detailsOf(least.replaceAll("web", name))[1]).toMatch(/lower-case letters and digits, with single \. _ or -/);
  });

  it("refuses two services that would share a variable", () => {
    expect(detailsOf(least.replace("[web]", "[web, a-b, a_b]"))[1]).toMatch(
      /service "a_b" would share the variable A_B_IMAGE with "a-b"$/,
    );
  });

  it("reports every mistake at once", () => {
    expect(
      detailsOf(example.replace("app: threads", "app: Threads").replace("  port: 80\n", "  port: 0\n")),
    ).toHaveLength(3);
  });

  it("reports broken YAML with line and column", () => {
    expect(detailsOf("app: [threads\nservices: web\n")[1]).toMatch(/^threads\.yml:\d+:\d+ /);
  });

  it("refuses names that refer to nothing", () => {
    expect(detailsOf(example.replace("singletons: [celery-beat]", "singletons: [celery-bat]"))[1]).toMatch(
      /"celery-bat" is not a service, did you mean "celery-beat"\?/,
    );
    expect(detailsOf(example.replace("bundle: bundle", "bundle: web"))[1]).toMatch(/"web" is a service/);
    expect(detailsOf(example.replace("[web, celery,", "[web, web, celery,"))[1]).toMatch(/named twice/);
  });

  it("leaves it to the compose files whether there are slots, in which nothing is shared that must not be", () => {
    expect(parseThreadsYaml(least, "threads.yml").runtime).not.toHaveProperty("strategy");
    expect(parseThreadsYaml(least, "threads.yml").runtime).toMatchObject({
      shared: [],
      perSlot: [],
      previous: "stopped",
      edge: { image: "haproxy:3.0" },
    });
    const runtime = (keys: string): string => least.replace("runtime: { compose: compose.yml", `$&, ${keys}`);
    expect(
      parseThreadsYaml(runtime("strategy: slots, shared: [db], per_slot: [run]"), "threads.yml").runtime,
    ).toMatchObject({
      strategy: "slots",
      shared: ["db"],
      perSlot: ["run"],
    });
    expect(detailsOf(runtime("shared: [db, web]"))[1]).toMatch(/:\d+ "web" answers HTTP \(smoke\.entry\): each slot/);
    expect(detailsOf(runtime("migrate: up, shared: [up]"))[1]).toMatch(/"up" is the migration \(runtime\.migrate\)/);
    expect(detailsOf(runtime("migrations: { service: wep, command: [list] }"))[1]).toMatch(
      /:\d+ "wep" is not a service, did you mean "web"\?/,
    );
    expect(detailsOf(runtime("migrations: { service: web }"))[1]).toMatch(/runtime\.migrations\.command: /);
    expect(detailsOf(runtime("edge: { image: 'haproxy:${TAG}' }"))[1]).toMatch(
      /edge\.image: must be: an image, written/,
    );
    expect(detailsOf(runtime("edge: { name: x }"))[1]).toMatch(/unknown key "name"/);
  });

  it("keeps the edge's repository free where there is one", () => {
    const slots = least.replace("runtime: { compose: compose.yml", "$&, strategy: slots");
    const [service, bundle] = [[/\[web\]/, "[web, edge]"] as const, [/$/, "registry: { bundle: edge }\n"] as const];
    for (const [from, to] of [service, bundle]) {
      expect(detailsOf(least.replace(from, to))).toEqual([]);
      expect(detailsOf(slots.replace(from, to))[1]).toMatch(
        /"edge" is the repository of the proxy in front of the slots .*: call it otherwise/,
      );
    }
  });

  it("refuses an empty file in a sentence", () => {
    expect(detailsOf("")[1]).toMatch(/^threads\.yml:1:1 the file/);
  });

  it("refuses an unknown key among the gates, and a gate that can never open", () => {
    expect(detailsOf(example.replace("      verified: staging", "      verifed: staging"))[1]).toMatch(
      /unknown key "verifed", did you mean "verified"\?/,
    );
    expect(detailsOf(example.replace("verified: staging", "verified: stagin"))[1]).toMatch(
      /"stagin" is not another environment, did you mean "staging"\?/,
    );
    expect(detailsOf(example.replace("verified: staging", "verified: prod"))[1]).toMatch(/not another environment/);
    expect(detailsOf(example.replace("verified: staging", "verified: dev"))[1]).toMatch(/"dev" has no hosts/);
    expect(detailsOf(example.replace("verified: staging", "soak: 60"))[1]).toMatch(/soak needs `verified`/);
  });

  it("takes gates that can open, and refuses others", () => {
    const gates = (line: string): string => example.replace("      verified: staging", `      ${line}`);
    const parsed = parseThreadsYaml(gates("window: { open: [{ to: '12:00' }, { from: '22:00', to: '02:00' }] }"), "");
    const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    expect(parsed.environments["prod"]?.gates.window).toEqual({
      zone: "UTC",
      open: [
        { days, from: 0, to: 720 },
        { days, from: 1320, to: 120 },
      ],
    });
    for (const [line, said] of [
      [
        "window: { zone: Europe/Atlantis, open: [{ days: [mon] }] }",
        /gates\.window\.zone: .*a time zone as Europe\/Berlin/,
      ],
      ["window: { open: [{ days: [mon], from: '25:00' }] }", /open\.0\.from: must be: a time as HH:MM, quoted/],
      ["window: { open: [{ days: [monday] }] }", /open\.0\.days\.0: must be one of mon, tue/],
      ["window: { open: [{ from: '09:00', to: '09:00' }] }", /a window that is as long as the day/],
      ["window: { open: [] }", /window\.open/],
      ["window: { zone: UTC }", /window: .*a window needs `open`, `calendars`, or both/],
      ["window: { calendars: ['release freezes'] }", /calendars\.0: .*a change calendar of Systems Manager/],
      ["window: { calendars: ['arn:aws:s3:::bucket'] }", /calendars\.0: /],
      ["maturity: 0", /gates\.maturity/],
      ["approvals: { by: [ada] }", /gates\.approvals\.by\.0: must be: user\/NAME, sso\/NAME or role\/NAME/],
      ["approvals: { count: 2, by: [user/ada, user/ada] }", /gates\.approvals: .*more are asked for than `by` names/],
      ["approvals: { count: 0 }", /gates\.approvals\.count/],
    ] as const)
      expect(detailsOf(gates(line))[1]).toMatch(said);
  });

  it("takes a part of the hosts as it is written, and no nonsense", () => {
    const prod = (lines: string): string => example.replace("    timeout: 900", `    timeout: 900\n${lines}`);
    const { environments } = parseThreadsYaml(
      prod("    batch: 25%\n    max_unavailable: 2\n    observe: 60"),
      "threads.yml",
    );
    expect(environments["prod"]).toMatchObject({
      batch: { percent: 25 },
      maxUnavailable: { hosts: 2 },
      observeMs: 60_000,
    });
    expect(environments["staging"]).toMatchObject({ batch: { hosts: 1 }, observeMs: 0 });
    for (const batch of ["0", "101%", "-1", "1.5", "half", "[3]"])
      expect(detailsOf(prod(`    batch: ${batch}`))[1]).toMatch(/environments\.prod\.batch: a number of hosts/);
    expect(detailsOf(prod("    observe: 900"))[1]).toMatch(/observe must be less than the 900 seconds/);
  });

  it("accepts every key that the example shows as a comment", () => {
    const { environments, region, account, registry } = parseThreadsYaml(uncommented, "threads.yml");
    expect({ region, account, repository: registry.repository }).toEqual({
      region: "eu-west-1",
      account: "123456789012",
      repository: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/threads/",
    });
    expect(environments["prod"]?.gates).toMatchObject({
      smoke: true,
      verified: "staging",
      soakMs: 3_600_000,
      scan: {
        block: ["CRITICAL", "HIGH"],
        allow: [{ id: "CVE-2026-1234", until: "2026-12-31", reason: "the affected function is never called" }],
        waitMs: 600_000,
      },
      branch: "prod",
      checks: ["test", "lint"],
      approvals: { count: 2, by: ["user/ada", "sso/bob@example.com", "role/release-managers"], notAuthor: true },
      maturityMs: 86_400_000,
      window: {
        zone: "Europe/Berlin",
        open: [
          { days: ["mon", "tue", "wed", "thu"], from: 540, to: 960 },
          { days: ["fri"], from: 540, to: 720 },
        ],
        calendars: ["release-freezes"],
      },
    });
    expect(detailsOf(uncommented.replace("2026-12-31", "next year"))[1]).toMatch(/a day as YYYY-MM-DD/);
    expect(detailsOf(uncommented.replace("[CRITICAL, HIGH]", "[SEVERE]"))[1]).toMatch(/scan\.block/);
  });
});

describe("what is wrong is said in words for people:", () => {
  const wrong = (from: string | RegExp, to: string): string | undefined => {
    const text = example.replace(from, to);
    expect(text).not.toBe(example);
    const [, only, ...others] = detailsOf(text);
    expect(others).toEqual([]);
    return only?.replace(/^threads\.yml:\d+:\d+ /, "");
  };

  it.each(["", "# nothing but a comment\n", "---\n", "~\n"])("a file that is empty %#", (text) => {
    expect(detailsOf(text)).toEqual(["exit 2", "threads.yml:1:1 the file is empty"]);
  });

  it("a file that is something else", () => {
    expect(detailsOf("- a\n")[1]).toBe("threads.yml:1:1 the file: must be keys with values, and is a list");
    expect(detailsOf("x".repeat(99))[1]).toBe(
      `threads.yml:1:1 the file: must be keys with values, and is "${"x".repeat(39)}…`,
    );
  });

  it("a key of the first row that is spelled wrong is one mistake, at its place", () => {
    const text = example.replace(/^environments:/m, "enviroments:");
    const line = text.split("\n").indexOf("enviroments:") + 1;
    expect(detailsOf(text)).toEqual([
      "exit 2",
      `threads.yml:${line}:1 unknown key "enviroments", did you mean "environments"?`,
    ]);
  });

  it("a key that is wrong does not hide another that is missing", () => {
    const text = example.replace(/^environments:/m, "enviroments:").replace(/^app: .*$/m, "");
    expect(
      detailsOf(text)
        .slice(1)
        .map((detail) => detail.split(" ").slice(1).join(" ")),
    ).toEqual(["app is required", 'unknown key "enviroments", did you mean "environments"?']);
  });

  it.each([
    ["app: threads", "app: 0123", 'app: must be text, so quote it: "0123"'],
    ["app: threads", "app: threads\naccount: 012345678901", 'account: must be text, so quote it: "012345678901"'],
    ["app: threads", "app: true", 'app: must be text, so quote it: "true"'],
    ["app: threads", "app:", "app: is empty, and must be text"],
    ["  port: 80\n", '  port: "80"\n', "runtime.port: must be a number, so without quotes: 80"],
    ["  port: 80\n", "  port: eighty\n", 'runtime.port: must be a number, and is "eighty"'],
    ["  port: 80\n", "  port: 80.5\n", "runtime.port: must be a whole number, and is 80.5"],
    ["  port: 80\n", "  port: 0\n", "runtime.port: must be at least 1"],
    ["  port: 80\n", "  port: 65536\n", "runtime.port: must be 65535 at most"],
    ["    timeout: 900", "    timeout: -1", "environments.prod.timeout: must be more than 0"],
    ["    assets: true", "    assets: yes", 'checks.2.assets: must be true or false, and is "yes"'],
    [/^services: .*$/m, "services: web", 'services: must be a list, and is "web"'],
    ["app: threads", "app: Threads", "app: must be: lower-case letters and digits, with single - or _ between them"],
  ])("%s as %s", (from, to, message) => {
    expect(wrong(from, to)).toBe(message);
  });

  it("one of several words, and the one that was meant", () => {
    expect(detailsOf(uncommented.replace(/block: .*$/m, "block: [CRITICAL, HIHG]")).at(-1)).toMatch(
      /gates\.scan\.block\.1: must be one of CRITICAL, HIGH, MEDIUM, .*, did you mean HIGH\?$/,
    );
  });

  it("a key that is there twice, with both places", () => {
    const text = `${example}app: two\n`;
    const [first, again] = [text.split("\n").indexOf("app: threads") + 1, text.split("\n").length - 1];
    expect(detailsOf(text)).toEqual([
      "exit 2",
      `threads.yml:${again}:1 "app" is there twice: line ${first} has it already`,
    ]);
  });

  it.each([
    ["app: [x\nservices:\n  - a\n", 'threads.yml:1:6 the "[" here is never closed; line 2 goes on outside of it'],
    ["a:\n  b: {c: 1\nd: 2\n", 'threads.yml:2:6 the "{" here is never closed; line 3 goes on outside of it'],
  ])("a bracket that is never closed, where it begins %#", (text, message) => {
    expect(detailsOf(text)[1]).toBe(message);
  });

  it("has no word of the schema's library in it", () => {
    const values = ["", "~", "[]", "{}", "5", "-1", "1.5", "word", '""', "true"];
    const rows = example.split("\n").filter((row) => !/^ *#/.test(row));
    const said = rows.flatMap((row, at) =>
      /^ *[\w-]+: *\S/.test(row)
        ? values.flatMap((value) => detailsOf(rows.with(at, row.replace(/: .*$/, `: ${value}`)).join("\n")).slice(1))
        : [],
    );
    expect(said.length).toBeGreaterThan(100);
    expect(said.filter((text) => /invalid|expected|received|too (?:small|big)|undefined|null|zod/i.test(text))).toEqual(
      [],
    );
  });
});
