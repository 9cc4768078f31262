import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Ask } from "../../../../src/lib/actions/init/ask.ts";
import { loadConfig } from "../../../../src/lib/config/load.ts";
import { plainPaint } from "../../../../src/lib/output/paint.ts";
import { renderInit } from "../../../../src/lib/output/render/init.ts";
import { parseThreadsYaml } from "../../../../src/lib/config/parse.ts";
import { example } from "../../../fakes/config.ts";
import { configOf, folderWith, run } from "./folder.ts";

const two = {
  "compose.yaml": `services:
  api:
    build: ./api
  web:
    build: ./web
    ports: ["8080:80"]
    depends_on: [api]
  cache:
    image: redis:7
    ports: ["6379:6379"]
`,
  "api/server.js": 'if (q.url === "/healthz") r.end("ok");\n',
  "web/nginx.conf": "server { location / { proxy_pass http://api:3000; } }\n",
};

describe("an application of two services", () => {
  it("gets a threads.yml that the program reads, with what it has and no more", async () => {
    const root = folderWith(two);
    const result = await run(root, {}, { remote: "git@github.com:acme/Hello_World.git" });
    const config = configOf(root);
    expect(config).toMatchObject({
      app: "hello-world",
      services: ["api", "web"],
      smoke: { entry: { service: "web", port: 80 }, compose: [join(root, "compose.yaml")] },
      runtime: { port: 8080, health: "/healthz" },
    });
    expect(config.test ?? config.smoke.env ?? config.runtime.migrate).toBeUndefined();
    expect(
      Object.values(config.environments).map(({ name, hosts, requiresPromotion }) => [
        name,
        hosts?.minimum,
        requiresPromotion,
      ]),
    ).toEqual([
      ["staging", 1, false],
      ["prod", 1, true],
    ]);
    expect(result).toMatchObject({
      outcome: "written",
      files: [{ path: "threads.yml", state: "new" }],
      next: ["git add threads.yml && git commit -m 'Release with threads' && threads sandbox up"],
    });
    expect(result.found.find(({ key }) => key === "checks")).toMatchObject({
      because: "api/server.js:1 names it",
    });
  });

  it("is committed with what the installation has changed, and without what it has installed", async () => {
    const installed = { ...two, "node_modules/x/index.js": "", "package.json": "{}" };
    const nextOf = async (files: Readonly<Record<string, string>>, uncommitted: readonly string[] | undefined) =>
      (await run(folderWith(files), {}, { uncommitted: async () => uncommitted })).next[0];
    const commit = "git commit -m 'Release with threads' && threads sandbox up";
    expect(await nextOf(installed, ["package.json", "package-lock.json", "notes.txt"])).toBe(
      `git add threads.yml package.json package-lock.json && ${commit}`,
    );
    const ignore = String.raw`printf '\nnode_modules/\n' >> .gitignore`;
    expect(await nextOf(installed, ["node_modules/", ".gitignore"])).toBe(
      `${ignore} && git add threads.yml .gitignore && ${commit}`,
    );
    expect(await nextOf(installed, undefined)).toBe(`git init && ${ignore} && git add --all && ${commit}`);
    const told = { ...installed, ".gitignore": "*.log\n/node_modules" };
    expect(await nextOf(told, undefined)).toBe(`git init && git add --all && ${commit}`);
    expect(await nextOf(two, undefined)).toBe(`git init && git add --all && ${commit}`);
  });

  it("reads like this", async () => {
    const root = folderWith(two);
    await run(root, {}, { remote: "https://example.com/acme/shop" });
    await expect(readFileSync(join(root, "threads.yml"), "utf8")).toMatchFileSnapshot("two-services.yml");
  });

  it("is told what was found, and what was written", async () => {
    const lines = renderInit(await run(folderWith(two), {}, { remote: "x/shop" }), plainPaint);
    expect(lines).toContain("  smoke.entry      web:80        web publishes its port 80");
    expect(lines).toContain("✔ threads.yml");
  });
});

describe("this repository's backend", () => {
  it("gets what its own threads.yml says", async () => {
    const checkout = new URL("../../../../", import.meta.url).pathname;
    const root = folderWith({});
    const files = execFileSync("git", ["ls-files", "backend"], { cwd: checkout, encoding: "utf8" }).trim().split("\n");
    for (const file of files) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), readFileSync(join(checkout, file)));
    }
    await run(root, {}, { remote: "x/threads" });
    const own = parseThreadsYaml(example, join(root, "threads.yml"));
    const { services, test, smoke, runtime } = configOf(root);
    // Which command lists the migrations no compose file tells, nor what works on a queue, nor where suites leave files.
    const { migrations: _, workers: __, ...known } = own.runtime;
    const { reports: ___, ...suites } = own.test ?? {};
    expect({ services, test, env: smoke.env, entry: smoke.entry, smoke: smoke.compose, runtime }).toEqual({
      services: own.services,
      test: suites,
      env: own.smoke.env,
      entry: own.smoke.entry,
      smoke: own.smoke.compose,
      runtime: known,
    });
  });
});

describe("compose files by their usual names", () => {
  const app = "services:\n  app: { build: ., ports: ['3000:3000'] }\n";
  it("are sorted: what only changes another is merged over it, suites are found", async () => {
    const root = folderWith({
      "docker-compose.yml": app,
      "docker-compose.prod.yml": "services:\n  app: { restart: always }\n",
      "docker-compose.override.yml": "services:\n  app: { volumes: ['.:/app'] }\n",
      "docker-compose.test.yml": "services:\n  db: { image: postgres:17 }\n  sut: { build: ., command: npm test }\n",
    });
    await run(root);
    const { smoke, runtime, test } = configOf(root);
    const both = ["docker-compose.yml", "docker-compose.prod.yml"].map((name) => join(root, name));
    expect([smoke.compose, runtime.compose]).toEqual([both, both]);
    expect(test).toMatchObject({ compose: [join(root, "docker-compose.test.yml")], service: "sut" });
  });

  it("take the override file along where nothing would answer without it, as compose itself does", async () => {
    const base = "services:\n  shop: { build: . }\n  db: { image: example/sql, ports: ['1433:1433'] }\n";
    const root = folderWith({
      "docker-compose.yml": base,
      "docker-compose.override.yml": "services:\n  shop: { ports: ['5106:8080'] }\n",
    });
    await run(root);
    const both = ["docker-compose.yml", "docker-compose.override.yml"].map((name) => join(root, name));
    expect(configOf(root)).toMatchObject({
      services: ["shop"],
      smoke: { compose: both, entry: { service: "shop", port: 8080 } },
      runtime: { compose: both, port: 5106 },
    });
  });

  it("never take a database for what answers, whatever its image is called", async () => {
    const root = folderWith({ "compose.yaml": "services:\n  a: { image: x/sql, ports: ['1433:1433'] }\n" });
    await expect(run(root)).rejects.toMatchObject({ code: "NOTHING_TO_RUN" });
  });

  it("have their suites behind a profile, or in a file that only changes another one", async () => {
    const behind = folderWith({
      "compose.yaml": `${app}  browser: { image: selenium, profiles: [e2e] }\n  checks: { build: ., profiles: [ci] }\n`,
    });
    const result = await run(behind);
    expect(configOf(behind).test).toMatchObject({ compose: [join(behind, "compose.yaml")], service: "checks" });
    expect(configOf(behind).services).toEqual(["app"]);
    expect(result.found).toContainEqual({
      key: "test.service",
      value: "checks",
      because: "runs with the profile ci",
    });
    const changed = folderWith({
      "compose.yaml": app,
      "compose.test.yaml": "services:\n  app: { command: npm test }\n",
    });
    await run(changed);
    const files = ["compose.yaml", "compose.test.yaml"].map((name) => join(changed, name));
    expect(configOf(changed).test).toMatchObject({ compose: files, service: "app" });
  });

  it("offer no suites of what is only for debugging", async () => {
    const root = folderWith({ "compose.yaml": `${app}  latest: { build: ., profiles: [debug] }\n` });
    await run(root);
    expect(configOf(root).test).toBeUndefined();
  });

  it("in production without builds are smoked by the file that builds", async () => {
    const root = folderWith({
      "compose.yaml": app,
      "compose.prod.yaml": "services:\n  app: { image: registry.example.com/app, ports: ['80:3000'] }\n",
    });
    await run(root);
    const { smoke, runtime } = configOf(root);
    expect([smoke.compose, runtime.compose]).toEqual([[join(root, "compose.yaml")], [join(root, "compose.prod.yaml")]]);
  });

  it("with upstream images only release what is no database", async () => {
    const root = folderWith({
      "compose.yaml":
        "services:\n  netbox: { image: docker.io/netboxcommunity/netbox, ports: ['8000:8080'] }\n  db: { image: postgres:17 }\n",
    });
    await run(root);
    expect(configOf(root)).toMatchObject({ services: ["netbox"], smoke: { entry: { service: "netbox", port: 8080 } } });
  });

  it("with migrations and a scheduler give them their places", async () => {
    const root = folderWith({
      "compose.yaml": `${app}  worker: { build: { context: ., target: worker } }\n  scheduler: { build: . }\n  migrate: { build: . }\n`,
    });
    await run(root);
    expect(configOf(root)).toMatchObject({
      services: ["app", "worker", "scheduler"],
      runtime: { migrate: "migrate", singletons: ["scheduler"] },
    });
  });

  it("whose services share an image list one of them", async () => {
    const root = folderWith({
      "compose.yaml": `services:\n  migrate: { build: . }\n${app.replace("services:\n", "")}  worker: { build: ., command: work }\n  mail: { build: ./mail }\n`,
    });
    const { found } = await run(root);
    expect(found.find(({ key }) => key === "services")).toMatchObject({
      value: "app and mail",
      because: "built here, and worker of the same image as one of them",
    });
    expect(configOf(root)).toMatchObject({ services: ["app", "mail"], runtime: { migrate: "migrate" } });
  });

  it("are told by what they are", async () => {
    const why = async (files: Readonly<Record<string, string>>): Promise<string[]> => {
      const { found } = await run(folderWith(files), { dryRun: true });
      return found.filter(({ key }) => key.endsWith(".compose")).map(({ because }) => because);
    };
    expect(await why({ "compose.yaml": app })).toEqual(["the only compose file here", "the only compose file here"]);
    const smoke = "compose.smoke.yaml";
    expect(await why({ "compose.yaml": app, [smoke]: app, "deploy.compose.yml": app })).toEqual([
      "its name says so",
      "its name says so",
    ]);
    const change = { "prod.compose.yml": "services:\n  app: { restart: always }\n" };
    expect((await why({ "compose.yaml": app, ...change }))[1]).toBe(
      "prod.compose.yml only changes what compose.yaml says",
    );
    expect((await why({ "compose.yaml": app, "compose.test.yaml": app }))[0]).toBe("the usual name of a compose file");
    expect((await why({ "app.compose.yml": app, "dev.compose.yml": app }))[0]).toBe(
      "the first compose file that is not for development",
    );
  });

  it("may lie in a folder of that name, and never in an editor's", async () => {
    const root = folderWith({ "contrib/docker-compose/basic.yml": app, ".devcontainer/docker-compose.yml": app });
    await run(root);
    expect(configOf(root).smoke.compose).toEqual([join(root, "contrib/docker-compose/basic.yml")]);
  });

  it("may have a name of their own, where no other file has the usual one", async () => {
    const others = { "ci/pipeline.yml": "services:\n  - docker\n", "charts/values.yaml": "image: app\nservices: {}\n" };
    const root = folderWith({ "deploy/stack.yaml": app, ...others });
    await run(root);
    expect(configOf(root).smoke.compose).toEqual([join(root, "deploy/stack.yaml")]);
    const usual = folderWith({ "deploy/stack.yaml": app, "ops/compose.yml": app });
    await run(usual);
    expect(configOf(usual).smoke.compose).toEqual([join(usual, "ops/compose.yml")]);
  });

  it("that hide the service which answers behind a profile are told so", async () => {
    const text = "services:\n  app: { build: ., profiles: [web], ports: ['80:80'] }\n  job: { build: . }\n";
    await expect(run(folderWith({ "compose.yaml": text }))).rejects.toMatchObject({
      code: "NOTHING_TO_RUN",
      message:
        "no service of compose.yaml publishes a port, but app, which the profile web hides, so nothing can be checked from outside",
      advice: ["take `profiles` off what every environment runs", expect.stringContaining("ports:")],
    });
  });
});

describe("an example of the environment", () => {
  const compose = { "compose.yaml": "services:\n  app: { build: ., ports: ['3000:3000'] }\n" };
  it("is used, with fresh values for what is secret and empty", async () => {
    const root = folderWith({ ...compose, ".env.example": "# all keys\nSECRET_KEY=\nDB_PASSWORD=\nNAME=x\n" });
    await run(root);
    expect(configOf(root).smoke.env).toEqual({
      template: join(root, ".env.example"),
      generate: ["SECRET_KEY", "DB_PASSWORD"],
    });
    expect(configOf(root).sandbox.env).toBe(join(root, ".env.example"));
  });

  it("may be that of the file which the stack reads; of several none has every key", async () => {
    const files = {
      "compose.prod.yml": "services:\n  app: { build: ., ports: ['80:3000'], env_file: [./.env.prod] }\n",
      ".env.dev-sample": "A=dev\n",
      ".env.prod-sample": "A=prod\n",
    };
    const root = folderWith(files);
    await run(root);
    expect(configOf(root).smoke.env?.template).toBe(join(root, ".env.prod-sample"));
    const db = "  db: { image: postgres:17, env_file: .env.prod.db }\n";
    const more = folderWith({
      ...files,
      "compose.prod.yml": files["compose.prod.yml"] + db,
      ".env.prod.db-sample": "B=1\n",
    });
    await run(more);
    expect(configOf(more).smoke.env).toBeUndefined();
  });

  it.each(["URL=http://$HOST/\n", "NAME='open\n", "no key\n"])("that holds %j is left to the person", async (text) => {
    const root = folderWith({ ...compose, ".env.example": text });
    await run(root);
    expect(configOf(root).smoke.env).toBeUndefined();
  });
});

describe("the file that --config names", () => {
  it("is the one that is written, of what lies around it", async () => {
    const below = Object.fromEntries(Object.entries(two).map(([path, text]) => [`my shop/${path}`, text]));
    const root = folderWith(below);
    const result = await run(root, {}, { file: "my shop/release.yml" });
    expect(result).toMatchObject({
      files: [{ path: "release.yml", state: "new" }],
      next: ["git add 'my shop/release.yml' && git commit -m 'Release with threads' && threads sandbox up"],
      advice: [expect.stringContaining("look through release.yml first")],
    });
    const config = loadConfig({ start: root, file: join(root, "my shop/release.yml"), env: {} });
    expect(config.smoke.compose).toEqual([join(root, "my shop/compose.yaml")]);
    expect(existsSync(join(root, "threads.yml"))).toBe(false);
  });
});

describe("the application's name", () => {
  it.each([
    ["git@example.com:a/Shop_2.git", "shop-2", "name of the repository that git pushes to"],
    ["git@example.com:a/x.git", "app", "x, the name of the repository that git pushes to, cannot be one"],
    ["git@example.com:a/2048.git", "app", "2048, the name of the repository that git pushes to, cannot be one"],
  ])("of %s is %s", async (remote, value, because) => {
    const { found } = await run(folderWith(two), { dryRun: true }, { remote });
    expect(found[0]).toEqual({ key: "app", value, because });
  });
});

describe("nothing is lost", () => {
  it("what is there is kept, unless --force says otherwise", async () => {
    const root = folderWith({ ...two, "threads.yml": "mine" });
    await expect(run(root)).rejects.toMatchObject({
      code: "FILES_EXIST",
      exitCode: 3,
      message: "threads.yml is there already",
    });
    expect(readFileSync(join(root, "threads.yml"), "utf8")).toBe("mine");
    expect(await run(root, { force: true })).toMatchObject({ files: [{ state: "replaced" }] });
    expect(configOf(root).services).toEqual(["api", "web"]);
  });

  it("--dry-run shows the file and writes none, whatever is there", async () => {
    const root = folderWith({ ...two, "threads.yml": "mine" });
    const result = await run(root, { dryRun: true, workflows: true });
    expect(result).toMatchObject({ outcome: "planned", next: ["threads init --workflows"] });
    expect(renderInit(result, plainPaint)).toContain("services: [api, web]");
    expect(readFileSync(join(root, "threads.yml"), "utf8")).toBe("mine");
    expect(existsSync(join(root, ".github"))).toBe(false);
  });
});

describe("questions", () => {
  it("are few, and their answers are what is written", async () => {
    const compose = `${two["compose.yaml"]}  admin:\n    build: ./admin\n    ports: ["9000:9000"]\n`;
    const root = folderWith({ ...two, "compose.yaml": compose });
    const answers: Readonly<Record<string, string>> = {
      "Name of the application": "shop",
      "Service that answers HTTP": "admin",
      "Path that answers 200 while it is well": "/alive",
      "Environments with hosts, in the order of a release": "qa, live",
    };
    const asked: string[] = [];
    const offered: unknown[] = [];
    const ask: Ask = async ({ what, choices }) => {
      asked.push(what);
      offered.push(choices);
      return answers[what] ?? "";
    };
    const { found } = await run(root, { workflows: true }, { ask });
    expect(asked).toEqual(Object.keys(answers));
    expect(offered).toEqual([undefined, ["web", "admin"], undefined, undefined]);
    expect(configOf(root)).toMatchObject({
      app: "shop",
      smoke: { entry: { service: "admin", port: 9000 } },
      checks: [{ path: "/alive" }],
      runtime: { port: 9000, health: "/alive" },
    });
    expect(configOf(root).environments["live"]?.gates.verified).toBe("qa");
    expect(found.find(({ key }) => key === "checks")?.because).toBe("you said so");
    expect(readFileSync(join(root, ".github/workflows/deploy.yml"), "utf8")).toContain("options: [qa, live]");
  });

  it("refuse what threads.yml would", async () => {
    const faults: unknown[] = [];
    const ask: Ask = async ({ first, check }) => {
      faults.push(check?.("No Such") === undefined);
      return first;
    };
    await run(folderWith(two), {}, { ask });
    expect(faults).toEqual([false, false, false]);
  });
});

describe("--workflows", () => {
  it("pins its action to this version of the package", async () => {
    const root = folderWith(two);
    await run(root, { workflows: true });
    expect(readFileSync(join(root, ".github/actions/threads/action.yml"), "utf8")).toContain('default: "9.8.7"');
  });

  it("has threads tell GitHub of deployments, which these jobs leave to it; without workflows nobody is told", async () => {
    const [root, other] = [folderWith(two), folderWith(two)];
    await run(root, { workflows: true });
    await run(other);
    expect([configOf(root), configOf(other)].map(({ github }) => github.deployments)).toEqual([true, false]);
  });

  it("has for its action the one that others may use from here", () => {
    const ours = new URL("../../../../.github/actions/threads/action.yml", import.meta.url);
    const written = new URL("../../../../src/lib/actions/init/workflows/action.yml", import.meta.url);
    expect(readFileSync(ours, "utf8")).toBe(readFileSync(written, "utf8"));
  });
});

it.each([
  [{}, "there is no compose file here that runs anything"],
  [{ "compose.yaml": "services:\n  web:\n    image: [\n" }, "no compose file here can be read"],
  [{ "compose.yaml": "services:\n  job: { build: . }\n" }, "no service of compose.yaml publishes a port"],
])("%o is refused with what to write", async (files, message) => {
  await expect(run(folderWith(files as unknown as Record<string, string>))).rejects.toMatchObject({
    code: "NOTHING_TO_RUN",
    exitCode: 2,
    message: expect.stringContaining(message) as string,
    advice: [expect.any(String)],
  });
});
