import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { judgeSummary } from "../../src/lib/hosts/judge-summary.ts";
import { parseSummary } from "../../src/lib/script/summary.ts";
import { revisions, said, StubHost } from "./host.ts";

// Releases with one thing wrong in them: a person is told what, in a sentence, and the host runs what it ran before.

const host = new StubHost();
beforeAll(() => host.open());
beforeEach(() => host.withOldRelease());
afterAll(() => host.close());

const { next } = revisions;

/** What the CLI tells of a deployment: the host's own sentence, and what its words give away. */
async function told(): Promise<readonly string[]> {
  const ran = await host.run(host.deployScript(2, next, { pause: 0.2 }));
  const summary = parseSummary(ran.stdout);
  if (summary === undefined) throw new Error(ran.stderr);
  expect(summary).toMatchObject({ ok: false, now: "old", rolledBack: true });
  const expectation = { release: undefined, absent: [] };
  const verdict = judgeSummary(summary, {
    action: "deploy",
    expectation,
    tail: ran.stderr.trim().split("\n").slice(-20),
  });
  return [verdict.says, ...(verdict.advice ?? [])];
}

const planted: readonly (readonly [name: string, files: Readonly<Record<string, string>>, sentence: string])[] = [
  [
    "SECURE_SSL_REDIRECT catches the health path, too",
    { [`answers-status-${next}`]: "301", "answers-location": "https://localhost/healthz" },
    "the application sends the health path to https: runtime.forwarded_proto: https",
  ],
  [
    "ALLOWED_HOSTS knows the public name alone",
    { [`answers-status-${next}`]: "400" },
    "an application that answers to its own names only (Django's ALLOWED_HOSTS)",
  ],
  [
    "nginx has kept the address that web had before",
    { [`answers-status-${next}`]: "502" },
    "an address that a proxy has looked up once (nginx: resolver 127.0.0.11)",
  ],
  [
    "the health check wants curl, which is not in the image any more",
    { unhealthy: `web ${next}\n`, health: "127 /bin/sh: 1: curl: not found\n" },
    "curl is not in the image: the health check is broken, and not web",
  ],
  [
    "the image is for another processor",
    {
      [`odd-${next}`]: "web state restarting\nweb exit 255\n",
      [`log-${next}`]: "exec /usr/bin/gunicorn: exec format error\n",
    },
    "web cannot run on this host: its image is for another processor",
  ],
];
test.each(planted)("%s", async (_, files, sentence) => {
  for (const [name, text] of Object.entries(files)) host.set(name, text);
  expect((await told()).filter((one) => one.includes(sentence))).toHaveLength(1);
});

describe("replicas", () => {
  test.each([
    ["0", "celery 0 never\n", "web\ncelery\ncelery-beat\nnginx\n", 3],
    ["2", "celery 2 never\n", "web\ncelery\ncelery\ncelery-beat\nnginx\n", 5],
  ])("%s: nothing is wrong with it", async (replicas, expected, compose, containers) => {
    const script = host.deployScript(2, next, { pause: 0.2 });
    host.withModel({ expected, compose });
    if (replicas === "0") host.set("none-of", "celery\n");
    expect(said(await host.run(script))).toMatchObject({
      ok: true,
      now: "new",
      expected: { celery: [replicas, "never"] },
    });
    expect(host.running()).toHaveLength(containers);
  });

  test("one where the model wants none is told", async () => {
    const script = host.deployScript(2, next, { pause: 0.2 });
    host.withModel({ expected: "celery 0 never\n" });
    expect(said(await host.run(script))["message"]).toContain("celery has 1 containers, not 0");
  });
});
