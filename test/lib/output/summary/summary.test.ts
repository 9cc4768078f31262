import { describe, expect, it } from "vitest";
import type { TestResult } from "../../../../src/lib/actions/test/result.ts";
import type { RolloutResult } from "../../../../src/lib/fleet/result.ts";
import { digestOf } from "../../../../src/lib/image/digest.ts";
import { errorJson } from "../../../../src/lib/output/error.ts";
import { isTold, resultText } from "../../../../src/lib/output/summary/results.ts";
import { failureText, mostBytes } from "../../../../src/lib/output/summary/summary.ts";
import { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import type { SmokeResult } from "../../../../src/lib/stack/result.ts";
import { asPrinted } from "../../../fakes/results.ts";

const revision = "a".repeat(40);
const bundle = digestOf("bundle");
const rest = { next: [], advice: [] };

function rollout(change: Partial<RolloutResult> = {}): RolloutResult {
  const waits = { longestGapMs: 12, p99BeforeMs: null, p99AfterMs: 20 };
  const host = { url: null, before: "b".repeat(40), state: "new" as const };
  return asPrinted("deploy", {
    outcome: "deployed",
    kind: "deploy",
    environment: "prod",
    number: 12,
    release: { revision, tree: "c".repeat(40), bundle, images: {} },
    hosts: [
      {
        ...host,
        id: "i-1",
        name: "prod-1",
        traffic: { requests: 100, failed: 0, ...waits },
        tasks: { finished: 3, lost: 0 },
      },
      { ...host, id: "i-2", name: "prod-2", traffic: { requests: 11, failed: 1, ...waits }, tasks: null },
    ],
    leftOut: [],
    rounds: [],
    observeMs: 0,
    weights: null,
    weighed: [],
    continues: null,
    noReturn: [],
    steps: [],
    ships: null,
    rollbackOf: null,
    holds: false,
    liftsHold: null,
    staying: [],
    environmentMade: null,
    environmentSince: null,
    github: null,
    migrations: null,
    undo: "threads rollback -e prod",
    tookMs: 12_000,
    timings: [{ step: "pull", tookMs: 2_000, usualMs: null }],
    ...rest,
    ...change,
  });
}

describe("a deployment", () => {
  it("is told with its hosts, the requests that were counted, and the way back", () => {
    expect(resultText("deploy", rollout())).toMatchInlineSnapshot(`
      "### \`threads deploy\`: ✔ \`prod\` runs \`aaaaaaaaaaaa\`

      |  |  |
      | --- | --- |
      | outcome | deployed |
      | environment | \`prod\` |
      | release | \`aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\` |
      | bundle | \`sha256:1e6ed65d77d6364eeaed5a745ba5c4985ae2b700dd85d7cf7f027bdf294a33fc\` |
      | deployment | 12 |
      | requests | 111 requests meanwhile, 1 failed<br>longest wait without an answer 12 ms · p99 20 ms after |
      | tasks | 3 tasks finished while the workers ended, 0 lost |
      | took | 12 s<br>pull 2.0 s |
      | undo | \`threads rollback -e prod\` |

      | host | id | before | state | requests |
      | --- | --- | --- | --- | --- |
      | prod-1 | \`i-1\` | \`bbbbbbbbbbbb\` | new | 100, 0 failed |
      | prod-2 | \`i-2\` | \`bbbbbbbbbbbb\` | new | 11, 1 failed |

      "
    `);
  });

  it("that found everything there says so", () => {
    const text = resultText("deploy", rollout({ outcome: "already-running", number: null, undo: null, next: ["x"] }));
    expect(text).toContain("✔ `prod` already runs `aaaaaaaaaaaa`");
    expect(text).toContain("```sh\nx\n```");
    expect(text).not.toContain("undo");
  });

  it("that goes back is called so, and names what stays in the database", () => {
    const migrations = { added: [], dropped: [{ name: "posts.0002", kind: "contract" as const }] };
    const text = resultText("rollback", rollout({ kind: "rollback", rollbackOf: 11, staying: ["m.py"], migrations }));
    expect(text).toContain("✔ `prod` is back on `aaaaaaaaaaaa`");
    expect(text).toContain("| deployment | 12, rollback of 11 |");
    expect(text).not.toContain("left out");
    expect(text).not.toContain("| hold |");
    expect(resultText("rollback", rollout({ kind: "rollback", holds: true }))).toContain(
      "| hold | no other release is deployed to it but with --lift-hold 12 |",
    );
    expect(resultText("deploy", rollout({ liftsHold: 9 }))).toContain("| hold | lifts the hold of rollback 9 |");
    const leftOut = [{ id: "i-3", name: "prod-3", why: "offline" }];
    expect(resultText("rollback", rollout({ kind: "rollback", leftOut }))).toContain(
      "| left out | prod-3 (i-3) is left out: offline |",
    );
    expect(text).toContain("1 migration of the newer release not reversed, contract: `posts.0002`");
  });

  it("that is planned only claims nothing", () => {
    const text = resultText("deploy", rollout({ outcome: "planned", number: null }));
    expect(text).toContain("would deploy `aaaaaaaaaaaa` to `prod`");
    expect(text).not.toMatch(/\| new|took/);
  });
});

it("a smoke test is told with its checks", () => {
  const result: SmokeResult = {
    outcome: "passed",
    revision,
    tree: "t",
    dirty: false,
    images: [],
    checks: [{ path: "/healthz", status: 200, ok: true, detail: "a | b", tookMs: 3 }],
    durations: { buildMs: 1_000, upMs: 2_000, checksMs: 3_000, downMs: 4_000 },
    migrations: null,
    tagged: ["app-web:a"],
    leftovers: [],
    kept: null,
    saved: null,
    bundle: null,
    recorded: false,
    ...rest,
  };
  const text = resultText("smoke", asPrinted("smoke", result));
  expect(text).toContain(String.raw`| ✔ ${"`/healthz`"} | 200 | a \| b |`);
  expect(text).toContain("build 1.0 s, up 2.0 s, checks 3.0 s");
});

describe("a failure", () => {
  const error = new ThreadsError("ROLLED_BACK", {
    message: "deployment 3 of aaa to prod failed: prod-1 web is <unhealthy>",
    details: ["prod-1  runs what it ran before", "-- web", "Traceback: ```no```"],
    next: ["threads status -e prod"],
    advice: ["look at *this*"],
    deployment: {
      environment: "prod",
      number: 3,
      weighed: [],
      pauses: [],
      hosts: [
        { id: "i-1", name: "prod-1", state: "old" },
        { id: "i-2", name: "prod|2", state: "untouched" },
      ],
    },
  });

  it("is told with all that --json has of it", () => {
    expect(failureText("deploy", errorJson(error))).toMatchInlineSnapshot(`
      "### ✖ \`threads deploy\` failed: \`ROLLED_BACK\`

      deployment 3 of aaa to prod failed: prod-1 web is \\<unhealthy\\>

      exit code 5: checks failed, or failed and rolled back

      \`\`\`\`text
      prod-1  runs what it ran before
      -- web
      Traceback: \`\`\`no\`\`\`
      \`\`\`\`

      What to type next:

      \`\`\`sh
      threads status -e prod
      \`\`\`

      - look at \\*this\\*

      | host | id | state |
      | --- | --- | --- |
      | prod-1 | \`i-1\` | old |
      | prod\\|2 | \`i-2\` | untouched |

      "
    `);
  });

  it("never takes more room than it has", () => {
    const endless = Array.from({ length: 2_000 }, (_, index) => `${index} ${"ä`".repeat(300)}`);
    const big = error.with({ message: "m".repeat(100_000), details: endless, next: endless, advice: endless });
    const text = failureText("deploy", errorJson(big));
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(mostBytes);
    expect(text).toContain("_The rest has no room here._");
    expect(text).toContain("exit code 5");
  });
});

it("suites of which nothing has changed are told as not run, with the commit since when", () => {
  const text = resultText(
    "test",
    asPrinted("test", {
      outcome: "unchanged",
      service: "web-test",
      compose: ["backend/docker-compose-test.yml"],
      revision,
      tree: "c".repeat(40),
      dirty: false,
      args: [],
      reports: null,
      since: { name: "origin/dev", from: "d".repeat(40), changed: [] },
      next: ["threads test"],
      advice: [],
    } satisfies TestResult),
  );
  expect(text).toContain("the suites in `web-test` were not run");
  expect(text).toContain(`| nothing changed since | \`${"d".repeat(40)}\` |`);
});

it("tells of what a workflow runs, and of nothing else", () => {
  expect(["test", "smoke", "publish", "promote", "deploy", "rollback", "verify"].every(isTold)).toBe(true);
  expect(["status", "exec", "toString", ""].some(isTold)).toBe(false);
});
