import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { publish } from "../../src/lib/actions/publish/run.ts";
import type { SignerConfig } from "../../src/lib/config/config.ts";
import { signable } from "../../src/lib/gates/signable.ts";
import type { Permission } from "../../src/lib/iam/document.ts";
import type { Role } from "../../src/lib/iam/role.ts";
import { readRelease } from "../../src/lib/registry/bundle.ts";
import { cosignSignatures } from "../../src/lib/signature/cosign.ts";
import type { Signable, Signatures } from "../../src/lib/signature/signatures.ts";
import type { Process } from "../lib/faults/world.ts";
import { type Ran, type RoleWorld, roleWorld } from "../lib/faults/role-world.ts";
import { type CosignProgram, cosignProgram } from "./cosign-program.ts";

// The real cosign, the sandbox's ECR with the roles of `threads policy iam`, images that are indexes. What Sigstore's own servers
// do (Fulcio, Rekor) is on no machine: of that, what cosign is told stands in test/lib/signature.

let cosign: CosignProgram;
let world: RoleWorld;
let things: readonly Signable[];
/** Ours signs; the other one is somebody else's. */
const how = { key: "ours.key", log: false };
let [ours, others]: SignerConfig[] = [];

beforeAll(async () => {
  cosign = await cosignProgram();
  const by = async (name: string): Promise<SignerConfig> => {
    const args = ["generate-key-pair", `--output-key-prefix=${name}`];
    await cosign.processes.run({ file: "cosign", args }, { cwd: cosign.folder });
    return { key: (await readFile(join(cosign.folder, `${name}.pub`), "utf8")).trim(), log: false };
  };
  ours = await by("ours");
  others = await by("others");
  world = await roleWorld(
    () => Promise.resolve(),
    (config) => {
      const { prod } = config.environments;
      if (prod === undefined || ours === undefined) throw new Error("there is no prod");
      const gates = { ...prod.gates, signature: { by: ours, required: true } };
      return { ...config, signing: how, environments: { ...config.environments, prod: { ...prod, gates } } };
    },
  );
  things = await world.admin(({ ports }) => signableOf(ports));
}, 600_000);
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await cosign[Symbol.asyncDispose]();
});

async function signableOf({ registry, repo }: Process["ports"]): Promise<readonly Signable[]> {
  const release = await readRelease(
    registry,
    repo.repositoryFor("bundle"),
    repo.tagFor("bundle", world.heads[0].revision),
  );
  if (release === undefined) throw new Error("nothing is published");
  return signable(release, registry);
}

function signaturesOf({ ports: { registry, signal } }: Process): Signatures {
  const { processes, folder: root } = cosign;
  return cosignSignatures({ processes, env: {}, root, host: registry.host, login: () => registry.login(), signal });
}

const roleOf = (name: string): Role => {
  const found = world.roles.find((one) => one.name.endsWith(name));
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
};
const as = (name: string, run: (process: Process) => Promise<unknown>, change = (all: readonly Permission[]) => all) =>
  world.as(roleOf(name), change(roleOf(name).permissions), run);
const judge = (name: string, by: SignerConfig | undefined = ours, change?: Parameters<typeof as>[2]): Promise<Ran> =>
  as(name, (process) => signaturesOf(process).unsigned(things, by as SignerConfig), change);
const without = (action: string) => (all: readonly Permission[]) =>
  all.map((one) => ({
    ...one,
    actions: Object.fromEntries(Object.entries(one.actions).filter(([name]) => name !== action)),
  }));

test("an index and each image in it are signed for themselves, and the bundle", () => {
  const names = things.map(({ name }) => name);
  expect(names.filter((name) => name === "bundle")).toHaveLength(1);
  expect(names.filter((name) => name === "web").length).toBeGreaterThan(1);
});

test("what nobody has signed is named, every part of it", async () => {
  const { result } = await judge("prod-promoter");
  expect(result).toEqual({ things: things.map((one) => ({ ...one, why: "no signatures found" })) });
});

test("the publisher signs by digest what is published already; then those who judge it find it signed", async () => {
  const signed = await as("publisher", ({ ports, ...process }) =>
    publish(
      { dryRun: false, sign: { key: undefined } },
      { ...ports, config: world.config, signatures: signaturesOf({ ports, ...process }) },
    ),
  );
  expect(signed.error).toBeUndefined();
  expect(signed.result).toMatchObject({
    outcome: "already-published",
    signatures: things.map((one) => ({ ...one, state: "signed" })),
  });
  for (const name of ["prod-promoter", "prod-approver", "reader"])
    expect(await judge(name)).toMatchObject({ error: undefined, result: { things: [] } });
}, 120_000);

test("once more there is nothing to sign", async () => {
  const { result } = await as("publisher", (process) => signaturesOf(process).lacking(things, how));
  expect(result).toEqual([]);
});

test("somebody else's key has signed nothing", async () => {
  const { result } = await judge("prod-promoter", others);
  expect(result).toMatchObject({
    things: things.map((one) => ({ ...one, why: expect.stringContaining("no matching signatures") })),
  });
}, 120_000);

test("whoever may only judge cannot sign", async () => {
  for (const name of ["prod-promoter", "prod-approver", "reader"]) {
    const { error } = await as(name, (process) =>
      signaturesOf(process).sign(things.slice(0, 1), { ...how, key: "others.key" }),
    );
    expect(error).toMatchObject({ code: "SIGNING_FAILED" });
    expect((error as Error).message).toMatch(/403 Forbidden/);
  }
});

test("who may not read signatures cannot tell, and is told what is missing", async () => {
  const { result } = await judge("reader", ours, without("ecr:GetDownloadUrlForLayer"));
  expect(result).toMatchObject({ unknown: expect.stringContaining("ecr:GetDownloadUrlForLayer") });
});

test("a key whose password is another is told in cosign's words", async () => {
  const { error } = await as("publisher", (process) => {
    const { processes, folder: root } = cosign;
    const run: CosignProgram["processes"]["run"] = (command, options = {}) =>
      processes.run(command, { ...options, env: { ...options.env, COSIGN_PASSWORD: "another" } });
    const { registry, signal } = process.ports;
    const login = () => registry.login();
    return cosignSignatures({ processes: { run }, env: {}, root, host: registry.host, login, signal }).sign(
      things,
      how,
    );
  });
  expect(error).toMatchObject({ code: "SIGNING_FAILED", message: expect.stringMatching(/decrypt|password/i) });
});
