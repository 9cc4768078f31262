import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { revisions, said, StubHost } from "./host.ts";

const host = new StubHost();
beforeAll(() => host.open());
beforeEach(() => {
  host.reset();
  host.inSlots = true;
});
afterAll(() => host.close());

const ask = (path: string): Buffer =>
  Buffer.from(`GET ${path} HTTP/1.1\r\nhost: www.example.com\r\nconnection: close\r\n\r\n`);

test("a slot is asked for what people will ask it, by its own port, before a request of theirs reaches it", async () => {
  await host.run(host.deployScript(1, revisions.old));
  host.asked.length = 0;
  const ran = await host.run(host.deployScript(2, revisions.next, { warmUp: [ask("/"), ask("/search?q=a%20b&x='")] }));
  // What comes back is no verdict: this stub answers 503 to all but its health.
  expect(said(ran)).toMatchObject({ ok: true });
  const warm = host.asked.filter((one) => one.host === "www.example.com");
  expect(warm.map(({ url }) => url).toSorted()).toEqual(["/", "/", "/search?q=a%20b&x='", "/search?q=a%20b&x='"]);
  expect(new Set(warm.map(({ release }) => release))).toEqual(new Set([revisions.next]));
});

test("an answer that never ends is given up, and nothing of it outlives the script, which an agent would wait for", async () => {
  await host.run(host.deployScript(1, revisions.old));
  host.asked.length = 0;
  // Returns once nobody has the script's stdout any more.
  const ran = await host.run(host.deployScript(2, revisions.next, { warmUp: [ask("/stream")] }));
  expect(said(ran)).toMatchObject({ ok: true });
  expect(host.asked.filter(({ url }) => url === "/stream")).toHaveLength(2);
});

test("a slot that never answers them is switched to all the same: health has been its verdict", async () => {
  await host.run(host.deployScript(1, revisions.old));
  const dumb = Buffer.from("not even http");
  const ran = await host.run(host.deployScript(2, revisions.next, { warmUp: [dumb] }));
  expect(said(ran)).toMatchObject({ ok: true });
});
