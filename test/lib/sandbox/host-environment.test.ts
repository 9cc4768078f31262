import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { parseThreadsYaml } from "../../../src/lib/config/parse.ts";
import { hostEnvironmentFile } from "../../../src/lib/sandbox/host-environment.ts";
import { environmentScript } from "../../../src/lib/sandbox/readiness.ts";
import { example } from "../../fakes/config.ts";
import { stateOf, temporaryRoot } from "./world.ts";

/** What hosts get where threads.yml says this under `sandbox`. */
function fileFor(sandbox: string, root = "/checkout"): string {
  const text = example.replace(/^sandbox:\n(?:.*\n)*/m, `sandbox: ${sandbox}\n`);
  return hostEnvironmentFile(parseThreadsYaml(text, join(root, "threads.yml")), "prod", stateOf());
}

describe("sandbox.env", () => {
  test("as keys is written as an environment file, with what the sandbox knows filled in", () => {
    expect(fileFor('{ env: { A: "two words", B: 1, C: true, D: "${ENVIRONMENT}-${SECRET}", E: "" } }')).toBe(
      "A='two words'\nB=1\nC=true\nD=prod-the-secret-of-prod\nE=\n",
    );
    expect(fileFor('{ env: { URL: "${DATABASE_URL}", Q: "${REDIS_URL}" }, services: [postgres, redis] }')).toBe(
      "URL=postgresql://threads_prod:abc123@postgres.internal:5432/threads_prod\nQ=redis://redis.internal:6379/1\n",
    );
  });

  test("as a file is handed on as it is, its own keys too", () => {
    const root = temporaryRoot(onTestFinished);
    const text = "# why\nUSER=ada\nURL=http://${USER}@x\nKEY=${SECRET}\n";
    writeFileSync(join(root, "app.env"), text);
    expect(fileFor("{ env: app.env }", root)).toBe(text.replace("${SECRET}", "the-secret-of-prod"));
  });

  test("gets a value for what is empty there and random in smoke, the same each time", () => {
    const { smoke, ...config } = parseThreadsYaml(example, "/checkout/threads.yml");
    const env = { template: "/checkout/.env.example", generate: ["PASSWORD", "TOKEN", "GIVEN"] };
    const root = temporaryRoot(onTestFinished);
    writeFileSync(join(root, "app.env"), "PASSWORD=\nexport TOKEN=  \nGIVEN=x\nOTHER=\n");
    const own = { ...config, smoke: { ...smoke, env }, sandbox: { ...config.sandbox, env: join(root, "app.env") } };
    const file = hostEnvironmentFile(own, "prod", stateOf());
    expect(file).toMatch(/^PASSWORD=([0-9a-f]{64})\nexport TOKEN=(?!\1)[0-9a-f]{64}\nGIVEN=x\nOTHER=\n$/);
    expect(hostEnvironmentFile(own, "prod", stateOf())).toBe(file);
  });

  test("left out is an empty file: nothing is known of the application", () => {
    expect(fileFor("{}")).toBe("");
  });

  test.each([
    ['{ env: { A: "${SECRT}" } }', /asks for \$\{SECRT\}.*did you mean \$\{SECRET\}/, "write the value itself"],
    ['{ env: { A: "${POSTGRES_DB}" } }', /asks for \$\{POSTGRES_DB\}/, "sandbox.services: [postgres] would"],
    ['{ env: { A: "${A}" } }', /asks for \$\{A\}/, "write the value itself"],
    ["{ env: nowhere.env }", /cannot be read: \/checkout\/nowhere\.env/, "correct sandbox.env"],
  ])("%s is refused", (sandbox, message, advice) => {
    expect(() => fileFor(sandbox)).toThrow(
      expect.objectContaining({
        code: "SANDBOX_ENV",
        exitCode: 2,
        message: expect.stringMatching(message) as string,
        advice: [expect.stringContaining(advice)],
      }),
    );
  });

  test("takes no value that an environment file could not hold in quotes", () => {
    expect(() => fileFor('{ env: { A: "it\'s" } }')).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });
});

describe("on a host, under a real shell", () => {
  const write = (path: string, text: string): void =>
    void execFileSync("sh", ["-c", environmentScript(path)], { input: text });

  test("the file is written for root alone, its folder made, and written again where sandbox.env has changed", () => {
    const path = join(temporaryRoot(onTestFinished), "etc", "hello", "hello.env");
    write(path, "A=1\n");
    expect(readFileSync(path, "utf8")).toBe("A=1\n");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    write(path, "A=2\n");
    expect(readFileSync(path, "utf8")).toBe("A=2\n");
    expect(readdirSync(join(path, ".."))).toEqual(["hello.env", "hello.env.sandbox"]);
  });

  test("a file that was changed there stays, however often the sandbox comes up", () => {
    const path = join(temporaryRoot(onTestFinished), "threads.env");
    write(path, "A=1\n");
    writeFileSync(path, "A=mine\n");
    write(path, "A=2\n");
    write(path, "A=1\n");
    expect(readFileSync(path, "utf8")).toBe("A=mine\n");
    expect(existsSync(`${path}.new`)).toBe(false);
  });

  test("a file that was there before stays too", () => {
    const path = join(temporaryRoot(onTestFinished), "threads.env");
    writeFileSync(path, "A=mine\n");
    write(path, "A=1\n");
    expect(readFileSync(path, "utf8")).toBe("A=mine\n");
  });
});
