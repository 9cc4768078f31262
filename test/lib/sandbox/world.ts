import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../../src/lib/clock/clock.ts";
import type { Config } from "../../../src/lib/config/config.ts";
import { parseThreadsYaml } from "../../../src/lib/config/parse.ts";
import { silentProgress } from "../../../src/lib/progress/progress.ts";
import type { PackageFiles } from "../../../src/lib/sandbox/package-root.ts";
import type { SandboxPorts } from "../../../src/lib/sandbox/sandbox.ts";
import type { SandboxState } from "../../../src/lib/sandbox/state.ts";
import { aConfig, example } from "../../fakes/config.ts";
import type { FakeEngine } from "./fake-engine.ts";

/** A new folder, gone at the end of the test that asked for it. */
export function temporaryRoot(onEnd: (clean: () => void) => void): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "threads-sandbox-")));
  onEnd(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

/** What threads.yml of this repository asks of a sandbox. */
const ownSandbox: Config["sandbox"] = parseThreadsYaml(example, "/threads.yml").sandbox;

/** As much of a configuration as the sandbox looks at. */
export function configOf(root: string, more: Partial<Config> = {}): Config {
  const environments = {
    staging: { hosts: { tag: "threads-env=staging" } },
    prod: { hosts: { tag: "threads-env=prod", minimum: 2 } },
  };
  return { ...aConfig({ environments }), root, sandbox: ownSandbox, ...more };
}

/** Ports around a fake engine; `said` collects warnings and notes. */
export function portsOf(
  root: string,
  engine: FakeEngine,
  more: Partial<SandboxPorts> = {},
): SandboxPorts & { readonly said: string[] } {
  const said: string[] = [];
  return {
    said,
    config: configOf(root),
    elsewhere: () => Promise.resolve([]),
    bound: () => Promise.resolve(undefined),
    environmentIn: (text) => Promise.resolve(dotenvLines(text)),
    origin: () => Promise.resolve(undefined),
    processes: engine.processes,
    progress: { ...silentProgress, warn: (text) => said.push(text), note: (text) => said.push(text) },
    clock: systemClock,
    signal: new AbortController().signal,
    ...more,
  };
}

/** Of a file without quotation marks and references, which compose would know of. */
function dotenvLines(text: string): ReadonlyMap<string, string> {
  return new Map([...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = "", value = ""]) => [name, value]));
}

/** A package with just enough in it to be hashed. */
export function packageIn(root: string): PackageFiles {
  const compiled = join(root, "package", "dist", "lib");
  const images = join(compiled, "sandbox", "images");
  for (const folder of [join(compiled, "sandbox", "server"), join(compiled, "image"), join(compiled, "iam")])
    mkdirSync(folder, { recursive: true });
  cpSync(join(import.meta.dirname, "../../../src/lib/sandbox/images"), images, { recursive: true });
  writeFileSync(join(compiled, "sandbox", "server", "main.js"), "// the server\n");
  writeFileSync(join(compiled, "image", "digest.js"), "// digests\n");
  writeFileSync(join(compiled, "iam", "evaluate.js"), "// policies\n");
  return { root: join(root, "package"), compiled, images, fromSource: false };
}

export function stateOf(more: Partial<SandboxState> = {}): SandboxState {
  return {
    schema: 1,
    id: "0a1b2c3d",
    root: "/checkout",
    region: "eu-west-1",
    account: "000000000000",
    port: 20_000,
    accessKeyId: "AKIA0000000000000000",
    secretAccessKey: "the-secret-key",
    postgresPassword: "the-postgres-password",
    environments: { prod: { redisDatabase: 1, databasePassword: "abc123", secretKey: "the-secret-of-prod" } },
    hosts: [
      {
        id: "i-0123456789abcdef0",
        env: "prod",
        name: "prod-1",
        httpPort: 20_001,
        registeredAt: "2026-11-22T10:00:00.000Z",
      },
    ],
    machines: [],
    targetGroups: [],
    ...more,
  };
}
