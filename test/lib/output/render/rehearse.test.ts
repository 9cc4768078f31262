import { expect, test } from "vitest";
import type { RehearseResult } from "../../../../src/lib/actions/rehearse/result.ts";
import { renderRehearse } from "../../../../src/lib/output/render/rehearse.ts";
import { measured, phase, plan } from "../../actions/rehearse/facts.ts";
import { printed } from "./printed.ts";

const about = { ...plan({ hosts: 12, free: 2 }).about, next: [], advice: [] };
const ended = (change: object = {}): RehearseResult => ({
  outcome: "passed",
  recorded: true,
  ...about,
  says: "",
  limits: [
    { limit: "errors=0", ok: true, says: "" },
    { limit: "lock=1s", ok: true, says: "" },
  ],
  total: measured({ requests: 612 }),
  errors: [],
  phases: [
    phase("before", ""),
    phase("deploy", "", { tookMs: 0, requests: 0, maxMs: null }),
    phase("deploy", "migrate", { tookMs: 5_200, lastMs: 900, errors: 0, maxMs: 4_210 }),
    phase("deploy", "switch", { tookMs: 7_000, lastMs: 6_100, requests: 140, maxMs: null }),
    phase("served", ""),
    phase("rollback", "switch", { tookMs: 2_000 }),
    phase("after", ""),
  ],
  locks: [{ table: "posts_post", mode: "AccessExclusiveLock", heldMs: 400, waiting: 1 }],
  memory: { beforeBytes: 310 * 2 ** 20, mostBytes: 520 * 2 ** 20 },
  last: {
    number: 12,
    revision: about.from.revision,
    at: "2026-11-27T21:00:00.000Z",
    tookMs: 21_000,
    requests: 900,
    failed: 0,
    longestGapMs: 12,
  },
  lateMs: 1.2,
  tookMs: 62_000,
  ...change,
});
const text = (result: RehearseResult, columns = 100): Promise<string> => printed(result, renderRehearse, columns);

test("what was rehearsed is told step by step, beside the last real deployment", async () => {
  expect(await text(ended())).toMatchInlineSnapshot(`
    "✔ 3fc4ccfe7458 over 7692c3ad3540 (#12), as in prod: 612 requests, 0 failed, in 1 min 2 s on 2 hosts
                        took   last   requests  failed  longest wait
      what runs now     3.0 s  -      60        0       40.0 ms
      deploy: migrate   5.2 s  0.9 s  60        0       4.21 s
      deploy: switch    7.0 s  6.1 s  140       0       -
      the release       3.0 s  -      60        0       40.0 ms
      rollback: switch  2.0 s  -      60        0       40.0 ms
      what came back    3.0 s  -      60        0       40.0 ms
      2 of 12 hosts: more do not fit into the 2.0 GiB that are free here
      lock: posts_post for 0.4 s (AccessExclusiveLock), 1 other waited
      memory of a host: 310 MiB, with both slots 520 MiB at most
      last: 7692c3ad3540 (#12), 27 Nov 2026 21:00 UTC: 21 s · 900 requests, 0 failed · longest wait
        without an answer 12.0 ms
      ✔ errors=0
      ✔ lock=1s
      on record for a gate that asks for it
    "
  `);
});

test("why it did not pass comes first; what nobody could see is not told as nothing", async () => {
  const says = "posts.0002_note locks the table posts_post for 4.2 s (AccessExclusiveLock): more than 1.0 s";
  const limits = [{ limit: "lock=1s", ok: false, says }];
  const noRollback = "posts.0003_drop contracts: prod would not be rolled back either";
  const change = {
    outcome: "failed",
    recorded: false,
    says,
    limits,
    locks: null,
    memory: null,
    last: null,
    noRollback,
  };
  expect(await text(ended({ ...change, phases: [phase("served", "", { errors: 3 })] }))).toMatchInlineSnapshot(`
    "✖ 3fc4ccfe7458 over 7692c3ad3540 (#12), as in prod: posts.0002_note locks the table posts_post for
      4.2 s (AccessExclusiveLock): more than 1.0 s
      612 requests, 0 failed, in 1 min 2 s on 2 hosts
                   took   last  requests  failed  longest wait
      the release  3.0 s  -     60        3       40.0 ms
      2 of 12 hosts: more do not fit into the 2.0 GiB that are free here
      nothing was rolled back: posts.0003_drop contracts: prod would not be rolled back either
      locks: not seen, no PostgreSQL of the sandbox tells (sandbox.services)
      ✖ lock=1s
    "
  `);
});

test("a plan says how many hosts there would be and why, and what is to be kept", async () => {
  expect(await text({ outcome: "planned", ...about })).toMatchInlineSnapshot(`
    "Would rehearse 3fc4ccfe7458 over 7692c3ad3540 (#12), as in prod
      2 of 12 hosts: more do not fit into the 2.0 GiB that are free here
      1. bring up a sandbox of its own, with 2 hosts
      2. copy 7692c3ad3540 and 3fc4ccfe7458 there, byte for byte
      3. deploy 7692c3ad3540, which prod runs (#12)
      4. ask for 20 requests a second from then on
      5. deploy 3fc4ccfe7458, migrate on the first host
      6. roll it back
      7. remove the sandbox
      to keep errors=0, no lock for more than 1 s
    "
  `);
});

test("it fits a narrow terminal", async () => {
  const lines = (await text(ended(), 60)).split("\n");
  expect(lines.every((line) => line.length <= 60)).toBe(true);
});
