import { afterEach, expect, it } from "vitest";
import { downSmoke } from "../../src/lib/actions/smoke/down.ts";
import type { Config } from "../../src/lib/config/config.ts";
import { smoke } from "../../src/lib/actions/smoke/run.ts";
import { listSmoke } from "../../src/lib/actions/smoke/stacks.ts";
import { dockerRun } from "../../src/lib/docker/run.ts";
import { temporaryRoot } from "../../src/lib/docker/private-folder.ts";
import { findLeftovers } from "../../src/lib/compose/leftovers.ts";
import { systemProcesses } from "../../src/lib/process/execa.ts";
import { openSmokeStacks } from "../../src/lib/wire/smoke-stacks.ts";
import { inProcess } from "./in-process.ts";
import { makeSmallProject, type SmallProject } from "./small-project.ts";

let made: SmallProject | undefined;
afterEach(() => made?.remove());

it("a stack that failed stays with --keep, is shown, outlives the next run and prune, and goes by smoke down", async () => {
  const checks = "    - { path: /healthz, status: 418 }";
  made = await makeSmallProject({ checks });
  const { root, app, present } = made;
  const { ports } = inProcess(root);
  const world = {
    ...ports,
    config: () => Promise.resolve(ports.config as Config),
    processes: systemProcesses,
    env: process.env,
  };
  const failed = await smoke({ dryRun: false, keep: true }, ports).catch((error: unknown) => error);
  expect(failed).toMatchObject({ code: "CHECKS_FAILED" });
  const [project = ""] = present().flatMap((name) => /^.+-smoke-[0-9a-f]{8}(?=-web-1$)/.exec(name) ?? []);
  expect(failed).toMatchObject({ next: expect.arrayContaining([`threads smoke down ${project}`]) as string[] });
  // As another process sees it, once this one has ended.
  const stacks = { ...(await openSmokeStacks(world)), alive: () => false };
  const [shown] = (await listSmoke(stacks)).stacks;
  expect(shown).toMatchObject({ project, state: "kept" });
  expect(shown?.services.map(({ service, status }) => `${service} ${status}`)).toEqual([
    "setup exited",
    "web running",
    "worker running",
  ]);
  expect((await fetch(`${shown?.url}/healthz`)).status).toBe(200);
  await smoke({ dryRun: false }, inProcess(root).ports).catch(() => undefined);
  const leftovers = await findLeftovers({
    docker: dockerRun(world),
    compose: ports.compose,
    temporary: temporaryRoot(),
    alive: () => false,
    now: Date.now(),
    signal: world.signal,
  });
  expect(leftovers.stacks).not.toContain(project);
  expect(await downSmoke({ projects: [], dryRun: false }, stacks)).toMatchObject({
    outcome: "down",
    stacks: [project],
  });
  expect(present().filter((name) => name.startsWith(`${app}-`))).toEqual([]);
});
