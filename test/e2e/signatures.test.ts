import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemProcesses } from "../../src/lib/process/execa.ts";
import { signable } from "../../src/lib/gates/signable.ts";
import { cosignSignatures } from "../../src/lib/signature/cosign.ts";
import type { Signatures } from "../../src/lib/signature/signatures.ts";
import { type PromotionWorld, promotionWorld } from "../lib/actions/promote/world.ts";

let world: PromotionWorld;
let signatures: Signatures;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "threads-sign-"));
  world = await promotionWorld("perService", { withSockets: true });
  process.env["PATH"] = `/tmp/sign/root/usr/bin:${process.env["PATH"] ?? ""}`;
  process.env["COSIGN_PASSWORD"] = "";
  execFileSync("cosign", ["generate-key-pair"], { cwd: folder });
  const { host, login } = world.ports.registry;
  signatures = cosignSignatures({
    processes: systemProcesses,
    env: {},
    root: folder,
    host,
    login,
    signal: new AbortController().signal,
  });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

test("sign", async () => {
  const published = await world.publish("one");
  const things = await signable(published, world.ports.registry);
  const how = { key: "cosign.key", log: false };
  console.log(await signatures.lacking(things, how));
  await signatures.sign(things, how);
  console.log(await signatures.lacking(things, how));
  const t = Date.now();
  console.log(
    await signatures.unsigned(things, {
      key: execFileSync("cat", [join(folder, "cosign.pub")]).toString(),
      log: false,
    }),
    Date.now() - t,
  );
  console.log(
    await signatures.unsigned(things, {
      identity: "https://github.com/x",
      issuer: "https://token.actions.githubusercontent.com",
    }),
  );
  expect(1).toBe(1);
});
