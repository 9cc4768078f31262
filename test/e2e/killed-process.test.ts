import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { callsOf, stateOf } from "../lib/faults/every-call.ts";
import { promoting, publishing } from "../lib/faults/jobs.ts";
import { type FaultWorld, faultWorld } from "../lib/faults/world.ts";

let world: FaultWorld;
let folder: string;
beforeAll(async () => {
  world = await faultWorld({ indexes: true });
  folder = await mkdtemp(join(tmpdir(), "threads-killed-"));
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const child = new URL("../lib/faults/child.ts", import.meta.url).pathname;

/** Runs it in a process of its own, which the gate kills where a fault says so. @returns how it ended */
async function run(verb: string, number: number, fault?: string): Promise<string> {
  const { gate, config } = world;
  const words = [child, verb, gate.host, String(number), String(config.services.length), "index"];
  // What a killed process leaves of its temporary files must not be left by this test.
  const env = { ...process.env, TMPDIR: folder };
  const started = spawn(process.execPath, words, { stdio: ["ignore", "ignore", "pipe"], env });
  let said = "";
  started.stderr.on("data", (text: Buffer) => (said += text.toString()));
  gate.open({
    fault: fault === undefined ? undefined : { call: fault, kind: "killed", times: 1 },
    killed: () => void started.kill("SIGKILL"),
  });
  return new Promise((resolve) =>
    started.on("close", (code, signal) => resolve(signal ?? (code === 0 ? "well" : said))),
  );
}

test.each([
  ["publish", () => publishing, /^PUT .*manifests/],
  ["publish", () => publishing, /^CompleteLayerUpload threads\/web #2/],
  ["publish", () => publishing, /^PutImage threads\/web #1/],
  ["publish", () => publishing, /^PutImage threads\/web:/],
  ["publish", () => publishing, /^PutImage threads\/bundle/],
  ["promote", promoting, /^PutImage threads\/web/],
  ["promote", promoting, /^PutImage threads\/bundle/],
] as const)(
  "%s, killed by the system once it has made its call, is finished by the next run (%#)",
  async (verb, jobIn, which) => {
    const job = jobIn(world);
    const call = (await callsOf(world, job)).find((name) => which.test(name)) ?? "";
    const head = world.commit();
    world.gate.open();
    await job.prepare(head);
    const number = Number.parseInt(head.revision, 16);
    expect(await run(verb, number, call)).toBe("SIGKILL");
    expect(world.gate.met).toBe(true);
    expect(await stateOf(world, head, [])).toEqual([]);
    expect(await run(verb, number)).toBe("well");
    expect(await stateOf(world, head, job.tags(head))).toEqual([]);
  },
);

test("what a killed publish leaves of images and logins is taken away by the next that pushes", async () => {
  const [one, next] = [world.commit(), world.commit()].map(({ revision }) => Number.parseInt(revision, 16));
  expect(await run("publish", one ?? 0, "CompleteLayerUpload threads/web #1")).toBe("SIGKILL");
  expect((await readdir(folder)).length).toBeGreaterThan(0);
  expect(await run("publish", next ?? 0)).toBe("well");
  expect(await readdir(folder)).toEqual([]);
});
