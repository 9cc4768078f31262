import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deploy } from "../../../../src/lib/actions/deploy/run.ts";
import { rollback } from "../../../../src/lib/actions/rollback/run.ts";
import { changesOf } from "../../../../src/lib/actions/status/changes.ts";
import type { StatusResult } from "../../../../src/lib/fleet/status-result.ts";
import { status } from "../../../../src/lib/actions/status/run.ts";
import { watchStatus } from "../../../../src/lib/actions/status/watch.ts";
import { closedOf } from "../../../../src/lib/output/closed.ts";
import { statusRenderer } from "../../../../src/lib/output/render/status.ts";
import type { Terminal } from "../../../../src/lib/output/terminal.ts";
import { watchScreen } from "../../../../src/lib/output/watch-screen.ts";
import { Fleet, sha } from "../../../fakes/fleet.ts";

let fleet: Fleet;
beforeEach(async () => {
  fleet = await Fleet.open(2);
  for (const word of ["one", "two"]) fleet.publish(word);
  await put("one");
});
afterEach(() => fleet.close());

const put = (word: string) =>
  deploy(
    { environment: "prod", release: sha(word), dryRun: false, force: false, supersede: undefined },
    fleet.freshPorts(),
  );
const look = (): Promise<StatusResult> => status({ environment: "prod" }, fleet.freshPorts());
const short = (word: string): string => sha(word).slice(0, 12);

/** Something else before each look; after the last somebody presses Ctrl-C. @returns what each look has changed */
async function watch(...times: readonly (() => unknown)[]): Promise<(readonly string[])[]> {
  const seen: (readonly string[])[] = [];
  const left = [...times];
  const closed = new AbortController().signal;
  const show = (_: StatusResult, changes: readonly string[]): void => {
    seen.push(changes);
    const next = left.shift();
    if (next === undefined) fleet.press();
    next?.();
  };
  await watchStatus({ environment: "prod" }, { ...fleet.ports(), closed, show });
  return seen;
}

describe("status --watch", () => {
  test("tells at first what stands out, then what has changed, and nothing where nothing has", async () => {
    const web = fleet.hosts[0]!.containers[0]!;
    const seen = await watch(
      () => undefined,
      () => (web.health = "unhealthy"),
      () => (web.health = "healthy"),
    );
    const wrong = "i-00000000000000001: web is unhealthy";
    expect(seen).toEqual([
      [`prod ${short("one")} (#1): as deployed`],
      [],
      [
        `prod ${short("one")} (#1): not as deployed`,
        `prod ! ${wrong}`,
        expect.stringMatching(/^prod i-0+1 web [0-9a-f]{12} unhealthy$/),
      ],
      [
        `prod ${short("one")} (#1): as deployed`,
        expect.stringMatching(/^prod i-0+1 web [0-9a-f]{12} healthy$/),
        `no longer: prod ! ${wrong}`,
      ],
    ]);
  });

  test("tells of a deployment, and of a freeze", async () => {
    const first = await look();
    await put("two");
    await fleet
      .ports()
      .ledger.freeze("prod", { reason: "friday", by: { user: "ada", host: "x" }, at: "2026-11-22T10:00:00Z" });
    const changes = changesOf(first, await look());
    expect(changes.slice(0, 2)).toEqual([`prod ${short("two")} (#2): as deployed`, "prod is frozen: friday"]);
    expect(changes).toHaveLength(2 + 7);
  });

  test("tells of a rollback that holds the environment, with its reason", async () => {
    await put("two");
    const before = await look();
    const options = { environment: "prod", dryRun: false, supersede: undefined, reason: "it leaks" };
    await rollback(options, fleet.ports());
    expect(changesOf(before, await look())).toContain("prod is held since its rollback #3: it leaks");
  });

  test("takes the time that something lasts for no news", async () => {
    const result = await look();
    const saying = (problem: string): StatusResult => ({
      ...result,
      environments: result.environments.map((one) => ({ ...one, problems: [problem] })),
    });
    expect(changesOf(saying("it has been quiet for 59 s"), saying("it has been quiet for 3 h 20 min"))).toEqual([]);
    expect(changesOf(saying("it has been quiet for 59 s"), saying("it has gone"))).toHaveLength(2);
  });

  test("looks seldom enough for SSM, and warns once", async () => {
    await put("two");
    const began = fleet.clock.now();
    fleet.ssm.parameters.store.set("/threads/prod/deployments/000001/outcome", "{");
    await watch(...Array.from({ length: 5 }, () => () => undefined));
    expect((fleet.clock.now() - began) / 6).toBeGreaterThan(2_500);
    expect(fleet.warnings).toEqual([expect.stringContaining("000001")]);
  });

  test("fails as status does where the first look does", async () => {
    fleet.ssm.fail("DescribeInstanceInformation", { type: "AccessDeniedException", message: "no" });
    await expect(watch()).rejects.toMatchObject({ code: "ACCESS_DENIED" });
  });
});

describe("what --watch shows", () => {
  const screen = async (change: Partial<Terminal>, json = false) => {
    const out = new PassThrough();
    const plain = { out, err: out, symbols: (text: string) => text, github: false, colourOut: false, colourErr: false };
    const terminal = { ...plain, live: false, columns: undefined, columnsErr: undefined, ...change };
    const shown = await watchScreen<StatusResult>(terminal, { render: statusRenderer({}), typed: (one) => one, json });
    return { ...shown, text: (): string => String(out.read() ?? "") };
  };

  test("is a line for each change without a terminal", async () => {
    const { show, text } = await screen({});
    const result = { ...(await look()), observedAt: "2026-11-22T10:00:00.123Z" };
    show(result, ["prod is frozen: friday", "prod ! no"]);
    show(result, []);
    expect(text()).toBe("2026-11-22T10:00:00Z prod is frozen: friday\n2026-11-22T10:00:00Z prod ! no\n");
  });

  test("is the result where it has changed with --json, an object a line", async () => {
    const { show, text } = await screen({ live: true, columns: 80 }, true);
    const result = await look();
    show(result, ["something"]);
    show(result, []);
    expect(text()).toBe(`${JSON.stringify(result)}\n`);
  });

  test("is drawn over what was there on a terminal, as far as there is room", async () => {
    const { show, text } = await screen({ live: true, columns: 100, rows: 8 });
    const result = await look();
    show(result, ["something"]);
    const first = text();
    // oxlint-disable-next-line no-control-regex -- what a terminal is told
    expect(first).toMatch(/^\u001B\[2J\u001B\[H/);
    expect(first.split("\n")).toHaveLength(8);
    expect(first).toMatch(/^.*… \d lines/m);
    expect(first).toContain("by ada");
    expect(first).toMatch(/celery.*nginx/s);
    show(result, []);
    const second = text();
    expect(second.startsWith("\u001B[H")).toBe(true);
    expect(second.endsWith("\u001B[J")).toBe(true);
  });

  test("ends when nobody reads it any more", () => {
    const out = new PassThrough();
    const closed = closedOf(out);
    out.destroy();
    return expect.poll(() => closed.aborted).toBe(true);
  });
});
