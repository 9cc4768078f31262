import { BatchDeleteImageCommand, PutLifecyclePolicyCommand } from "@aws-sdk/client-ecr";
import { commandWorld } from "./command-world.ts";
import {
  DeleteParametersCommand,
  GetParametersByPathCommand,
  PutParameterCommand,
  type SSMClient,
} from "@aws-sdk/client-ssm";
import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import { subjectOf } from "../../../src/lib/iam/from-config.ts";
import { openContact } from "../../../src/lib/aws/contact.ts";
import { pages } from "../../../src/lib/aws/patient-calls.ts";
import type { Config } from "../../../src/lib/config/config.ts";
import { documentOf, type Permission, type PolicyDocument } from "../../../src/lib/iam/document.ts";
import type { Role } from "../../../src/lib/iam/role.ts";
import { rolesOf } from "../../../src/lib/iam/roles.ts";
import { silentProgress } from "../../../src/lib/progress/progress.ts";
import { promotedTag } from "../../../src/lib/release/release.ts";
import { realPace } from "../../../src/lib/sandbox/server/ssm/hosts.ts";
import type { Head } from "../../../src/lib/source/source.ts";
import { hurriedClock } from "../../fakes/hurried-clock.ts";
import { simulatedExecutor } from "../../fakes/simulated-executor.ts";
import { SimulatedHost } from "../../fakes/simulated-host.ts";
import { day, deployments, exec } from "../ledger/world.ts";
import { account, region } from "../sandbox/server/open-sandbox.ts";
import { published } from "./jobs.ts";
import { clients, type FaultWorld, faultWorld, type Process, startProcess } from "./world.ts";

/** What a run as a role left to be seen. */
export interface Ran {
  readonly error: unknown;
  readonly result: unknown;
  readonly warnings: readonly string[];
  /** What the role was needed for: `ssm:PutParameter arn:…`. */
  readonly used: readonly string[];
}

export interface RoleWorld extends AsyncDisposable {
  readonly faults: FaultWorld;
  readonly config: Config;
  readonly roles: readonly Role[];
  /** Published, and on staging; the first two are on prod as well. */
  readonly heads: readonly [Head, Head, Head];
  /** Runs something with the credentials of a role that has these permissions alone. */
  readonly as: (
    role: Role,
    permissions: readonly Permission[],
    run: (process: Process, world: CommandWorld) => Promise<unknown>,
  ) => Promise<Ran>;
  /** The same as an administrator. */
  readonly admin: <T>(run: (process: Process, world: CommandWorld) => Promise<T>) => Promise<T>;
  /** Hosts, records and tags of the third release, as text. */
  readonly state: () => Promise<string>;
  readonly hosts: () => readonly SimulatedHost[];
  /** Of the sandbox: its faults. */
  readonly settings: (change: object) => Promise<void>;
  /** As it was in the beginning, whatever was done since. */
  readonly restore: () => Promise<void>;
}

/** What `wire` opens ports from. */
export type CommandWorld = ReturnType<typeof worldOf>;

/** Old enough to be folded. */
const planted = [
  ...deployments(1, 20, { at: Date.now() - 400 * day }),
  ...Array.from({ length: 10 }, (_, n) => exec(`e${String(n).padStart(15, "0")}`, Date.now() - 400 * day + n * 1000)),
];
const longAgo = new Set(planted.map(({ name }) => name));

const trust = (action: readonly string[]): PolicyDocument => ({
  Version: "2012-10-17",
  Statement: [{ Sid: "All", Effect: "Allow", Action: action, Principal: { AWS: `arn:aws:iam::${account}:root` } }],
});

/** Staging with one host and prod with two, as threads.yml has them, and every role that `threads policy iam` prints. */
export async function roleWorld(
  prepare: (world: Omit<RoleWorld, "state" | "restore" | "hosts" | "settings">) => Promise<void>,
  change: (config: Config) => Config = (config) => config,
): Promise<RoleWorld> {
  let age = 0;
  let hosts: readonly SimulatedHost[] = fresh([]);
  const executor = simulatedExecutor(() => hosts);
  const pace = { ...realPace, now: () => Date.now() - age };
  const faults = await faultWorld({ hosts: executor, services: 4, indexes: true, pace });
  const config = change(withVerified(faults.config));
  const outside = { ...faults, config };
  const roles = rolesOf(subjectOf(config, region));
  const heads = [faults.commit(), faults.commit(), faults.commit()] as const;
  faults.gate.open();
  const { aws, end } = clients(faults.sandbox.url);
  const [ssm, ecr] = await Promise.all([aws.ssm(), aws.ecr()]);
  const { sts } = faults.sandbox;

  const as: RoleWorld["as"] = async (role, permissions, run) => {
    await putRole(faults.sandbox.url, { name: role.name, policy: documentOf(permissions) });
    const given = await sts.send(
      new AssumeRoleCommand({
        RoleArn: `arn:aws:iam::${account}:role/${role.name}`,
        RoleSessionName: "ada",
        SourceIdentity: "ada",
      }),
    );
    const { AccessKeyId, SecretAccessKey, SessionToken } = given.Credentials ?? {};
    const key = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
    const { last } = await faults.sandbox.log();
    const process = await startProcess(outside, heads[0], 1, key);
    const warnings: string[] = [];
    const end = await run(process, worldOf(process, config, warnings)).then(
      (result: unknown) => ({ result, error: undefined }),
      (error: unknown) => ({ result: undefined, error }),
    );
    process.end();
    // A command that was refused has met none of those that were set for it.
    await faults.sandbox.settings({ faults: [] });
    const { entries } = await faults.sandbox.log(last);
    return {
      ...end,
      warnings: [...warnings, ...process.said],
      used: [...new Set(entries.flatMap(({ used = [] }) => used))],
    };
  };
  const admin: RoleWorld["admin"] = async (run) => {
    const process = await startProcess(outside, heads[0], 1);
    try {
      return await run(process, worldOf(process, config, []));
    } finally {
      process.end();
    }
  };
  for (const head of heads) await published(outside, head);
  const world = { faults: outside, config, roles, heads, as, admin, [Symbol.asyncDispose]: async () => {} };
  const rule = {
    rulePriority: 1,
    selection: { tagStatus: "untagged", countType: "imageCountMoreThan", countNumber: 500 },
  };
  const lifecyclePolicyText = JSON.stringify({ rules: [{ ...rule, action: { type: "expire" } }] });
  for (const name of [...config.services, config.registry.bundle])
    await ecr.send(
      new PutLifecyclePolicyCommand({ repositoryName: faults.repo.repositoryFor(name), lifecyclePolicyText }),
    );
  // What is written before anything else is more than a year old.
  age = 400 * day;
  for (const { name: Name, value: Value } of planted)
    await ssm.send(new PutParameterCommand({ Name, Value, Type: "String" }));
  age = 0;
  await prepare(world);
  const served = hosts;
  hosts = fresh(served);
  const kept = await recorded(ssm);
  faults.gate.open();
  const state = async (): Promise<string> =>
    JSON.stringify({
      hosts: hosts.map(({ current, containers }) => [current?.revision, containers]),
      records: [...(await recorded(ssm))].filter(([name]) => !/\/lock$|\/head$/.test(name)),
      tags: [await tagsOf(outside, promotedTag("prod", heads[2].revision)), await tagsOf(outside, "v1.0.0")],
    });
  return {
    ...world,
    hosts: () => hosts,
    settings: (change) => faults.sandbox.settings(change),
    state,
    restore: async () => {
      hosts = fresh(served);
      // Most runs change nothing.
      if (faults.gate.writes.length === 0) return;
      faults.gate.open();
      const now = await recorded(ssm);
      const extra = [...now.keys()].filter((name) => !kept.has(name));
      for (let at = 0; at < extra.length; at += 10)
        await ssm.send(new DeleteParametersCommand({ Names: extra.slice(at, at + 10) }));
      for (const [Name, Value] of kept) {
        if (now.get(Name) === Value) continue;
        age = longAgo.has(Name) ? 400 * day : 0;
        await ssm.send(new PutParameterCommand({ Name, Value, Type: "String", Overwrite: true }));
        age = 0;
      }
      const given = [
        ...(await tagsOf(outside, promotedTag("prod", heads[2].revision))),
        ...(await tagsOf(outside, "v1.0.0")),
      ];
      for (const [repositoryName, imageTag] of given)
        await ecr.send(new BatchDeleteImageCommand({ repositoryName, imageIds: [{ imageTag }] }));
    },
    [Symbol.asyncDispose]: async () => {
      end();
      await faults[Symbol.asyncDispose]();
    },
  };
}

/** Prod wants what has run on staging, as the threads.yml of this repository says. */
function withVerified(config: Config): Config {
  const { prod } = config.environments;
  if (prod === undefined) throw new Error("there is no prod");
  return {
    ...config,
    environments: { ...config.environments, prod: { ...prod, gates: { ...prod.gates, verified: "staging" } } },
  };
}

async function putRole(url: string, role: { readonly name: string; readonly policy: PolicyDocument }): Promise<void> {
  const roles = [{ ...role, trust: trust(["sts:AssumeRole", "sts:SetSourceIdentity"]) }];
  const answer = await fetch(`${url}/_sandbox/roles`, { method: "PUT", body: JSON.stringify({ roles }) });
  if (!answer.ok) throw new Error(await answer.text());
}

function worldOf({ ports, aws }: Process, config: Config, warnings: string[]) {
  const clock = hurriedClock(Date.now());
  const progress = { ...silentProgress, warn: (text: string) => void warnings.push(text) };
  // It has called nobody yet.
  const world = commandWorld({ config, aws: { ...aws, contact: openContact() }, clock, progress });
  return { ...world, source: ports.source };
}

function fresh(like: readonly SimulatedHost[]): readonly SimulatedHost[] {
  return ["prod", "prod", "staging"].map((name, index) => {
    const host = new SimulatedHost(`i-0000000000000000${String(index + 1)}`, name);
    const { current, containers = [] } = like[index] ?? {};
    return Object.assign(host, { current, containers: containers.map((one) => ({ ...one })) });
  });
}

async function recorded(client: SSMClient): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for await (const { Parameters = [] } of pages((NextToken) =>
    client.send(new GetParametersByPathCommand({ Path: "/threads", Recursive: true, NextToken })),
  ))
    for (const { Name = "", Value = "" } of Parameters) found.set(Name, Value);
  return found;
}

async function tagsOf({ truth, config, repo }: FaultWorld, label: string): Promise<[string, string][]> {
  const names = [...config.services, config.registry.bundle].map((name): [string, string] => [
    repo.repositoryFor(name),
    repo.tagFor(name, label),
  ]);
  const found = await Promise.all(names.map(([repository, tag]) => truth.find(repository, tag)));
  return names.filter((_, place) => found[place] !== undefined);
}
