import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import type { LogLine } from "../../../src/lib/fleet/log-line.ts";
import type { LogsResult } from "../../../src/lib/actions/logs/result.ts";
import { logText, logWriter, writeLogsEnd } from "../../../src/lib/output/log-lines.ts";
import { chooseHues, plainPaint } from "../../../src/lib/output/paint.ts";
import type { Terminal } from "../../../src/lib/output/terminal.ts";

const line = (change: Partial<LogLine> = {}): LogLine => ({
  loggedAt: "2026-11-22T10:00:00.123456789Z",
  host: "prod-1",
  service: "web",
  container: "app-blue-web-1",
  text: "hello",
  ...change,
});
const plain = (isWatched = false) => logText({ paint: plainPaint, hue: (_, text) => text, isWatched });

test("a line says when, where and what, in columns that grow", () => {
  const text = plain();
  expect(text(line())).toBe("2026-11-22T10:00:00.123Z prod-1 web | hello");
  expect(text(line({ host: "prod-10", service: "celery-beat", text: "" }))).toBe(
    "2026-11-22T10:00:00.123Z prod-10 celery-beat | ",
  );
  expect(text(line())).toBe("2026-11-22T10:00:00.123Z prod-1  web         | hello");
});

test("who sits at a terminal knows the day", () => {
  expect(plain(true)(line())).toBe("10:00:00.123Z prod-1 web | hello");
});

test("of several containers of a service each after the first says which it is", () => {
  expect(plain()(line({ container: "app-web-2" }))).toContain(" web-2 | ");
});

test("of tasks on ECS each has the beginning of its id", () => {
  const task = "0123456789abcdef".repeat(2);
  expect(plain()(line({ host: "ecs:shop/shop-cloud", container: `web/web/${task}` }))).toContain(" 01234567 web | ");
});

test("the log of a deployment has the host alone", () => {
  expect(plain()(line({ loggedAt: null, service: null, container: null }))).toBe("prod-1 | hello");
});

test("hosts and services have colours of their own, where there is colour", async () => {
  const hue = await chooseHues(true);
  const text = logText({ paint: plainPaint, hue, isWatched: false });
  const [one, two] = [text(line()), text(line({ host: "prod-2" }))];
  const colours = (shown: string): string[] =>
    // oxlint-disable-next-line no-control-regex -- colours
    [...shown.matchAll(/\u001B\[(\d+)m(?:prod-\d|web)/g)].map((found) => found[1]!);
  expect(colours(one)).toHaveLength(2);
  expect(colours(two)[0]).not.toBe(colours(one)[0]);
  expect(colours(two)[1]).toBe(colours(one)[1]);
  expect(plain()(line())).not.toContain("\u001B");
  expect((await chooseHues(false))(1, "x")).toBe("x");
});

test("nothing in a line is an order to the terminal", () => {
  expect(plain()(line({ text: "a\u001B]0;title\u0007b\u0008\tc" }))).toMatch(/ \| a]0;titleb\tc$/);
});

const terminal = (out: PassThrough): Terminal => {
  const widths = { columns: undefined, columnsErr: undefined, colourOut: false, colourErr: false };
  return { out, err: out, live: false, symbols: (text) => text, github: false, ...widths };
};

test("with --json a line is an object, as it is", async () => {
  const out = new PassThrough();
  const { show, closed } = await logWriter(terminal(out), true);
  show([line(), line({ text: "\u0007" })]);
  expect(String(out.read())).toBe(`${JSON.stringify(line())}\n${JSON.stringify(line({ text: "\u0007" }))}\n`);
  expect(closed.aborted).toBe(false);
  out.destroy();
  await expect.poll(() => closed.aborted).toBe(true);
});

test("what is missing is told beside the lines", async () => {
  const out = new PassThrough();
  const result: LogsResult = {
    outcome: "partly-read",
    environment: "prod",
    services: null,
    deployment: null,
    hosts: [
      { id: "i-1", name: "prod-1", verdict: "read", left: 0, says: "" },
      { id: "i-2", name: "prod-2", verdict: "unread", left: null, says: "it is not online in SSM" },
    ],
    lines: null,
    next: ["threads status -e prod"],
    advice: ["… 3 lines more on prod-1"],
  };
  await writeLogsEnd(result, terminal(out));
  expect(String(out.read())).toBe(
    "! prod-2: it is not online in SSM\nnext: threads status -e prod\n… 3 lines more on prod-1\n",
  );
});
