import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetParametersByPathCommand, SSMClient } from "@aws-sdk/client-ssm";
import { digestOf } from "../../../src/lib/image/digest.ts";
import type { DeploymentResult, HostOutcome, Intent, Ledger } from "../../../src/lib/ledger/ledger.ts";
import { type Archive, parameterArchive } from "../../../src/lib/ledger/archive.ts";
import { parameterLedger } from "../../../src/lib/ledger/parameters.ts";
import type { Parameter } from "../../../src/lib/sandbox/server/ssm/parameters.ts";
import { type HostExecutor, realPace } from "../../../src/lib/sandbox/server/ssm/hosts.ts";
import { createSsmOn } from "../../../src/lib/sandbox/server/ssm/ssm.ts";
import { connectUpstream } from "../../../src/lib/sandbox/server/upstream.ts";
import { hurriedClock } from "../../fakes/hurried-clock.ts";
import { inProcess } from "../../fakes/in-process-http.ts";
import { type Gate, openGate } from "../faults/gate.ts";
import { openSandbox } from "../sandbox/server/open-sandbox.ts";

/** A parameter as it lies there from the beginning. */
export interface Planted {
  readonly name: string;
  readonly value: string;
  /** Milliseconds since the epoch, by the server's clock. */
  readonly at: number;
}

/** The ledger of `threads` on the sandbox's Parameter Store, behind a gate that counts. */
export interface LedgerWorld extends AsyncDisposable {
  readonly gate: Gate;
  readonly ledger: Ledger;
  readonly archive: Archive;
  readonly warnings: string[];
  /** Names of all parameters, past the gate. */
  readonly names: () => Promise<string[]>;
  readonly value: (name: string) => Promise<string | undefined>;
}

export async function ledgerWorld(planted: readonly Planted[]): Promise<LedgerWorld> {
  const stateDir = await mkdtemp(join(tmpdir(), "threads-ledger-"));
  await mkdir(join(stateDir, "ssm"));
  await writeFile(join(stateDir, "ssm", "parameters.json"), JSON.stringify({ parameters: stateOf(planted) }));
  const ssm = await createSsmOn({ stateDir, executor: noHosts, pace: realPace, hiddenFor: 0, report: () => undefined });
  // Nothing is asked of the registry.
  const sandbox = await openSandbox({
    upstream: connectUpstream("http://127.0.0.1:9"),
    services: [ssm],
    withoutSockets: true,
  });
  const gate = await openGate(sandbox.listener);
  const client = new SSMClient({ ...sandbox.clientSettings, requestHandler: inProcess(() => gate.listener) });
  const truth = new SSMClient(sandbox.clientSettings);
  const warnings: string[] = [];
  const ports = {
    aws: { ssm: () => Promise.resolve(client) },
    clock: hurriedClock(),
    app: "threads",
    version: "0.4.0",
    progress: { warn: (text: string) => void warnings.push(text) },
  };
  const all = async (): Promise<Map<string, string>> => {
    const found = new Map<string, string>();
    let token: string | undefined;
    do {
      const page = await truth.send(
        new GetParametersByPathCommand({ Path: "/threads", Recursive: true, NextToken: token }),
      );
      for (const { Name = "", Value = "" } of page.Parameters ?? []) found.set(Name, Value);
      token = page.NextToken;
    } while (token !== undefined);
    return found;
  };
  return {
    gate,
    ledger: parameterLedger(ports),
    archive: parameterArchive(ports),
    warnings,
    names: async () => [...(await all()).keys()].toSorted(),
    value: async (name) => (await all()).get(name),
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      truth.destroy();
      await gate[Symbol.asyncDispose]();
      await sandbox.stop();
      await rm(stateDir, { recursive: true });
    },
  };
}

function stateOf(planted: readonly Planted[]): Record<string, Parameter> {
  const version = { version: 1, description: "", allowedPattern: "", tier: "Standard", keyId: undefined } as const;
  return Object.fromEntries(
    planted.map(({ name, value, at }) => [
      name,
      {
        name,
        type: "String",
        dataType: "text",
        tags: {},
        versions: [{ ...version, value, modifiedAt: at / 1000, modifiedBy: "", labels: [] }],
      },
    ]),
  );
}

const noHosts: HostExecutor = {
  hosts: () => Promise.resolve([]),
  run: () => Promise.reject(new Error("nothing is deployed here")),
  restart: () => Promise.reject(new Error("nothing is deployed here")),
};

export const folder = "/threads/prod/deployments";
export const padded = (number: number): string => String(number).padStart(6, "0");
export const day = 24 * 3_600_000;

interface Telling {
  /** Which release, by a word. */
  readonly release?: string;
  /** How it ended; it never did where undefined. */
  readonly result?: DeploymentResult | undefined;
  readonly state?: HostOutcome["state"];
  /** Milliseconds since the epoch. */
  readonly at?: number;
  readonly intent?: Partial<Intent>;
}

/** A deployment's two parameters. */
export function deployment(number: number, telling: Telling = {}): Planted[] {
  const { release = `release ${number}`, at = Date.now() - day, state = "new" } = telling;
  const result = "result" in telling ? telling.result : "succeeded";
  const time = new Date(at).toISOString();
  const pin = (name: string): { repository: string; digest: string } => ({
    repository: `threads/${name}`,
    digest: digestOf(`${name} ${release}`),
  });
  const intent = {
    schema: 1,
    number,
    kind: "deploy",
    revision: digestOf(release).slice(7, 47),
    tree: "b".repeat(40),
    bundle: pin("bundle"),
    images: Object.fromEntries(["web", "celery", "celery-beat", "nginx"].map((name) => [name, pin(name)])),
    hosts: ["i-00000000000000001"],
    by: { user: "ada", host: "laptop" },
    startedAt: time,
    deadline: new Date(at + 600_000).toISOString(),
    nonce: `nonce ${number}`,
    ...telling.intent,
  };
  const hosts = [{ id: "i-00000000000000001", state }];
  const outcome = { schema: 1, number, nonce: `nonce ${number}`, result, hosts, finishedAt: time };
  const name = `${folder}/${padded(number)}`;
  return [
    { name, value: JSON.stringify(intent), at },
    ...(result === undefined ? [] : [{ name: `${name}/outcome`, value: JSON.stringify(outcome), at }]),
  ];
}

export function deployments(first: number, last: number, telling: Telling = {}): Planted[] {
  return Array.from({ length: last - first + 1 }, (_, index) => deployment(first + index, telling)).flat();
}

export function head(number: number): Planted {
  return { name: `${folder}/head`, value: JSON.stringify({ schema: 1, version: "0.4.0", number }), at: Date.now() };
}

/** A command that was run in a container. */
export function exec(nonce: string, at: number, telling: { readonly command?: readonly string[] } = {}): Planted {
  const value = {
    schema: 1,
    version: "0.4.0",
    host: { id: "i-00000000000000001", name: "prod-1" },
    service: "web",
    command: ["ls", nonce],
    by: { user: "ada", host: "laptop" },
    at: new Date(at).toISOString(),
    nonce,
    ...telling,
  };
  return { name: `/threads/prod/execs/${nonce}`, value: JSON.stringify(value), at };
}
