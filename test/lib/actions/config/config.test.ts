import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { type ConfigResult, showConfig } from "../../../../src/lib/actions/config/run.ts";
import { plainPaint } from "../../../../src/lib/output/paint.ts";
import { renderConfig } from "../../../../src/lib/output/render/config.ts";
import { aConfig } from "../../../fakes/config.ts";

const text = `app: shop
services: [web]
smoke:
  compose: compose.yaml
  entry: { service: web, port: 80 }
  checks:
    - path: /
      host: shop.example.com
runtime: { compose: compose.yaml }
environments:
  prod:
    hosts: { tag: env=prod }
sandbox: { env: { A: 1 } }
`;
let file: string;
beforeEach(() => {
  const root = mkdtempSync(join(tmpdir(), "threads-config-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  file = join(root, "threads.yml");
  writeFileSync(file, text);
});
const shown = (env: Readonly<Record<string, string>> = {}): ConfigResult =>
  showConfig({ config: { file, environments: {} }, isNamed: false, env });
const valueOf = (key: string, env: Readonly<Record<string, string>> = {}) =>
  shown(env).values.find((one) => one.key === key);

describe("threads config", () => {
  it("says of what is written the line, and of what is filled in that it is a default", () => {
    expect(valueOf("app")).toEqual({ key: "app", value: "shop", from: "file", where: 1 });
    expect(valueOf("checks.0.host")).toMatchObject({ value: "shop.example.com", where: 8 });
    expect(valueOf("environments.prod.hosts.tag")).toMatchObject({ where: 12 });
    expect(valueOf("environments.prod.hosts.minimum")).toMatchObject({ value: 1, from: "default", where: null });
    expect(valueOf("registry.bundle")).toMatchObject({ value: "bundle", from: "default" });
    expect(valueOf("sandbox.env.A")).toMatchObject({ value: 1, where: 13 });
    expect(valueOf("runtime.health")).toMatchObject({ value: "/healthz", from: "default" });
  });

  it("leaves out what is optional and not there", () => {
    const keys = shown().values.map(({ key }) => key);
    expect(keys.filter((key) => /^test|migrate|gates|^region|repository/.test(key))).toEqual([]);
  });

  it("names the variable that decides, as the program has it: ECR_REPO before the file, AWS_REGION behind it", () => {
    expect(valueOf("registry.repository", { ECR_REPO: "r/" })).toMatchObject({
      from: "environment",
      where: "ECR_REPO",
    });
    expect(valueOf("region", { AWS_DEFAULT_REGION: "a" })).toMatchObject({ where: "AWS_DEFAULT_REGION", value: "a" });
    writeFileSync(file, `${text}region: eu-west-1\nregistry: { repository: mine/ }\n`);
    expect(valueOf("region", { AWS_REGION: "a" })).toMatchObject({ value: "eu-west-1", from: "file" });
    const both = shown({ ECR_REPO: "r/" }).values.filter(({ key }) => key === "registry.repository");
    expect(both).toEqual([{ key: "registry.repository", value: "r/", from: "environment", where: "ECR_REPO" }]);
    expect(valueOf("registry.repository", { ECR_REPO: "" })).toMatchObject({ value: "mine/", from: "file" });
  });

  it("says what has named the file: the line before the environment, and nothing where it was found", () => {
    const of = (isNamed: boolean, THREADS_CONFIG: string): ConfigResult =>
      showConfig({ config: { file, environments: {} }, isNamed, env: { THREADS_CONFIG } });
    const head = (result: ConfigResult): unknown[] => [result.fileFrom, renderConfig(result, plainPaint)[0]];
    expect(head(of(true, file))).toEqual(["flag", `${file}  --config`]);
    expect(head(of(false, file))).toEqual(["environment", `${file}  THREADS_CONFIG`]);
    expect(head(of(false, ""))).toEqual(["search", file]);
  });

  it("says where a policy may ask for more than the file", () => {
    const { environments } = aConfig({ environments: { dev: {}, prod: { gates: {} } } });
    const { advice } = showConfig({ config: { file, environments }, isNamed: false, env: {} });
    expect(advice).toEqual(["what is pushed for prod may ask for more: threads policy show -e prod"]);
  });

  it("is a line a value", () => {
    const lines = renderConfig(shown({ AWS_REGION: "eu-west-1" }), plainPaint);
    expect(lines[0]).toBe(file);
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}services +line 2 +\["web"\]$/));
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}region +AWS_REGION +eu-west-1$/));
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}runtime\.port +default +80$/));
  });
});
