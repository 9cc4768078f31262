import { describe, expect, it } from "vitest";
import { downSmoke, type SmokeDownPorts } from "../../../../src/lib/actions/smoke/down.ts";
import { listSmoke } from "../../../../src/lib/actions/smoke/stacks.ts";
import type { LabelledStack } from "../../../../src/lib/compose/stale.ts";
import { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import { plainPaint } from "../../../../src/lib/output/paint.ts";
import { renderSmokeDown, renderSmokeList } from "../../../../src/lib/output/render/smoke-stacks.ts";
import { silentProgress } from "../../../../src/lib/progress/progress.ts";

const started = Date.UTC(2026, 10, 27, 10, 30) / 1000;
const stack = (name: string, more: Partial<LabelledStack> = {}): LabelledStack => ({
  project: `app-smoke-${name}`,
  owner: "dead:1",
  started,
  kind: "smoke",
  kept: false,
  ...more,
});
const kept = stack("0000000a", { kept: true });
const left = stack("0000000b", { started: started + 1 });
const working = stack("0000000c", { owner: "alive:1", started: started + 2 });
const begun = stack("0000000d", { owner: "alive:2", started: started + 3, kept: true });
const others = [
  stack("1", { project: "customer-db" }),
  stack("4", { project: "other-smoke-0000000a", kept: true }),
  stack("2", { project: "app-test-0000000e", kind: "test" }),
  stack("3", { project: "other", owner: "", kind: undefined, started: Number.NaN }),
];

/** An engine with these stacks, each with two containers; what is asked of it is kept. */
function world(stacks: readonly LabelledStack[], fails: readonly string[] = []) {
  const asked: string[] = [];
  const web = { service: "web", status: "running", health: "healthy", exitCode: 0, ports: { "80/tcp": 32768 } };
  const migrate = { service: "migrate", status: "exited", health: "none", exitCode: 3, ports: {} };
  const ports = {
    config: { app: "app" },
    compose: {
      host: "127.0.0.1",
      stacks: () => Promise.resolve(stacks),
      containers: () => Promise.resolve([web, migrate]),
      remove: (project: string) => {
        asked.push(`remove ${project}`);
        return fails.includes(project)
          ? Promise.reject(new ThreadsError("DOCKER_FAILED", { message: "busy" }))
          : Promise.resolve();
      },
      untag: (images: readonly string[]) => Promise.resolve(void asked.push(`untag ${images.join(" ")}`)),
    },
    imagesOf: (project: string) => Promise.resolve([`app-web:candidate-${project}`]),
    alive: (owner: string) => owner.startsWith("alive"),
    progress: silentProgress,
    signal: new AbortController().signal,
  } as unknown as SmokeDownPorts;
  return { ports, asked };
}

describe("smoke list", () => {
  it("shows each stack of the application once, how it is, and where it answers", async () => {
    const { ports } = world([working, left, kept, kept, ...others]);
    const result = await listSmoke(ports);
    expect(result.stacks.map(({ project, state }) => `${project} ${state}`)).toEqual([
      "app-smoke-0000000a kept",
      "app-smoke-0000000b left",
      "app-smoke-0000000c working",
    ]);
    expect(result.next).toEqual(["threads smoke down", "threads prune"]);
    expect(renderSmokeList({ ...result, stacks: result.stacks.slice(0, 1) }, plainPaint)).toEqual([
      "app-smoke-0000000a  kept, since 2026-11-27 10:30 UTC, http://127.0.0.1:32768",
      "  migrate: exited (exit code 3)",
      "  web: running, healthy",
      "  next: threads smoke down",
      "    or: threads prune",
    ]);
  });

  it("says that there is none", async () => {
    const result = await listSmoke(world(others).ports);
    expect(renderSmokeList(result, plainPaint)).toEqual(["No smoke stack is on this machine"]);
  });
});

describe("smoke down", () => {
  const down = (ports: SmokeDownPorts, projects: readonly string[] = [], dryRun = false) =>
    downSmoke({ projects, dryRun }, ports);

  it("removes what is kept, with the images that were built for it, and nothing else", async () => {
    const { ports, asked } = world([kept, left, working, begun, ...others]);
    expect(await down(ports)).toMatchObject({ outcome: "down", stacks: [kept.project] });
    expect(asked).toEqual([`remove ${kept.project}`, `untag app-web:candidate-${kept.project}`]);
  });

  it("removes what is named, left or kept, whoever has the number of its process by now", async () => {
    const { ports, asked } = world([left, begun]);
    expect(await down(ports, [left.project])).toMatchObject({ outcome: "down", stacks: [left.project] });
    expect(await down(ports, [begun.project])).toMatchObject({ outcome: "down" });
    expect(asked).toHaveLength(4);
  });

  it("only says it in a dry run", async () => {
    const { ports, asked } = world([kept]);
    const result = await down(ports, [], true);
    expect(renderSmokeDown(result, plainPaint)).toEqual([
      "Would remove 1 smoke stack",
      `  ${kept.project}`,
      `  next: threads smoke down ${kept.project}`,
    ]);
    expect(asked).toEqual([]);
  });

  it("has nothing to do where none is kept", async () => {
    expect(renderSmokeDown(await down(world([working]).ports), plainPaint)).toEqual([
      "✔ No smoke stack is kept on this machine",
    ]);
  });

  it.each([
    [working.project, "STACK_AT_WORK"],
    ["app-smoke-ffffffff", "UNKNOWN_STACK"],
    ["customer-db", "UNKNOWN_STACK"],
    ["other-smoke-0000000a", "UNKNOWN_STACK"],
  ])("refuses %s: %s", async (project, code) => {
    const { ports, asked } = world([working, ...others]);
    await expect(down(ports, [project])).rejects.toMatchObject({ code, next: ["threads smoke list"] });
    expect(asked).toEqual([]);
  });

  it("goes on where one cannot be removed, and names the command that does it", async () => {
    const second = stack("0000000f", { kept: true, started: started + 9 });
    const { ports, asked } = world([kept, second], [kept.project]);
    expect(await down(ports)).toMatchObject({
      outcome: "partly-down",
      failed: [{ project: kept.project, says: "busy" }],
      next: [`docker compose -p ${kept.project} down -v --remove-orphans -t 2`],
    });
    expect(asked).toContain(`remove ${second.project}`);
  });
});
