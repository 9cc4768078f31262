import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { revisions, said, StubHost } from "./host.ts";

// That no call of docker's can keep a deployment for ever, and that its last fifth belongs to the way back.

const host = new StubHost();
beforeAll(() => host.open());
beforeEach(() => host.reset());
afterAll(() => host.close());

test("every call ends with the deployment's deadline at the latest: forth in slots, back, and where it fails", async () => {
  host.inSlots = true;
  host.set("scratch", "left\n");
  const workers = ["celery"];
  expect(said(await host.run(host.deployScript(1, revisions.old, { workers })))).toMatchObject({ ok: true });
  expect(said(await host.run(host.deployScript(2, revisions.next, { workers })))).toMatchObject({ ok: true });
  expect(said(await host.run(host.restoreScript(2, { workers })))).toMatchObject({ ok: true });
  host.set(`odd-${revisions.third}`, "celery-beat state restarting\n");
  expect(said(await host.run(host.deployScript(3, revisions.third, { workers })))).toMatchObject({ now: "old" });
  expect(host.read("unbounded")).toBe("");
});

test("so it is with one stack", async () => {
  expect(said(await host.run(host.deployScript(1, revisions.old)))).toMatchObject({ ok: true });
  host.set("unhealthy", `web ${revisions.next}\n`);
  expect(said(await host.run(host.deployScript(2, revisions.next)))).toMatchObject({ now: "old" });
  expect(host.read("unbounded")).toBe("");
});

test("a release comes up in four fifths of the time, and the way back has all that is left", async () => {
  await host.withOldRelease();
  host.program("timeout", `echo "$*" >>"${host.state}/bounds"; exec /usr/bin/timeout "$@"`);
  host.set("fail-up", `${revisions.next}\n`);
  const ran = await host.run(host.deployScript(2, revisions.next, { deadlineMs: 10_000_000 }));
  expect(said(ran)).toMatchObject({ code: 15, now: "old" });
  const ups = host.read("bounds").matchAll(/^--foreground -k 15 (\d+) .* up -d /gm);
  const limits = [...ups].map(([, seconds]) => Number(seconds));
  expect(limits).toHaveLength(2);
  expect(limits[0]).toBeLessThanOrEqual(8000);
  expect(limits[1]).toBeGreaterThan(8000);
});

test("the old slot may end in the time that is kept for the way back, requests and all: by then there is none to take", async () => {
  host.inSlots = true;
  await host.withOldRelease();
  const drains = `[[ "$*" != *" drain blue "* && "$*" != *" docker stop blue-1 "* ]] || echo "$4" >>"${host.state}/bounds"`;
  host.program("timeout", `${drains}; exec /usr/bin/timeout "$@"`);
  const ran = await host.run(host.deployScript(2, revisions.next, { deadlineMs: 10_000_000 }));
  expect(said(ran)).toMatchObject({ ok: true });
  expect(host.read("bounds")).toMatch(/^((9\d{3}|10000)\n){2}$/);
});

test("an edge that docker starts all the same, its client ended, is taken away: the one before goes on alone", async () => {
  host.inSlots = true;
  await host.withOldRelease();
  const edges = (): readonly string[] => readdirSync(join(host.state, "edges"));
  const before = edges();
  const late = `[[ "$*" != *"docker run -d --name app-edge-"* ]] || { /usr/bin/timeout "$@"; exit 124; }`;
  host.program("timeout", `${late}; exec /usr/bin/timeout "$@"`);
  const script = host.deployScript(2, revisions.next);
  host.set("port", "0.0.0.0:8081");
  expect(said(await host.run(script))).toMatchObject({ ok: false });
  expect(edges()).toEqual(before);
});

describe("where docker does not tell in time whether the edge is up", () => {
  /** As bounds end a call. */
  const silent = (call: string): void =>
    host.program(
      "timeout",
      `[[ "$*" != *"docker ${call} name=^/?app-edge-"* ]] || exit 124; exec /usr/bin/timeout "$@"`,
    );
  const edges = (): readonly string[] => readdirSync(join(host.state, "edges"));
  beforeEach(async () => {
    host.inSlots = true;
    await host.withOldRelease();
    host.set("calls", "");
  });

  test("the one that serves is left alone on the way back", async () => {
    silent("ps --filter");
    host.set("unhealthy", `celery ${revisions.next}\n`);
    expect(said(await host.run(host.deployScript(2, revisions.next)))).toMatchObject({ code: 16 });
    expect(host.read("calls")).not.toMatch(/^rm -f app-edge-/m);
    expect(edges()).toHaveLength(1);
  });

  test("a release without slots does not come up beside it", async () => {
    silent("ps -aq --filter");
    host.inSlots = false;
    const script = host.deployScript(2, revisions.next);
    expect(said(await host.run(script))).toMatchObject({ code: 15, now: "old" });
    expect({ edges: edges().length, up: host.up("blue") }).toEqual({ edges: 1, up: expect.arrayContaining(["web"]) });
  });
});
