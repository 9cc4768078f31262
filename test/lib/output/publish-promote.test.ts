import { describe, expect, test } from "vitest";
import { nextAfterPromotion } from "../../../src/lib/actions/promote/next.ts";
import type { PromoteResult } from "../../../src/lib/actions/promote/result.ts";
import { nextAfterPublish } from "../../../src/lib/actions/publish/next.ts";
import type { PublishResult } from "../../../src/lib/actions/publish/result.ts";
import type { Config, EnvironmentConfig } from "../../../src/lib/config/config.ts";
import { digestOf } from "../../../src/lib/image/digest.ts";
import { plainPaint } from "../../../src/lib/output/paint.ts";
import { renderFreeze } from "../../../src/lib/output/render/freeze.ts";
import { renderGates } from "../../../src/lib/output/render/gates.ts";
import { renderPromote } from "../../../src/lib/output/render/promote.ts";
import { renderPublish } from "../../../src/lib/output/render/publish.ts";
import { anEnvironment } from "../../fakes/config.ts";
import { onEcs } from "../ecs/world.ts";

const revision = "1".repeat(40);
const stage = (name: string, hosted: boolean, requiresPromotion = false): EnvironmentConfig =>
  anEnvironment(name, {
    ...(hosted ? { hosts: { tag: `env=${name}` } } : {}),
    ...(requiresPromotion ? { gates: {} } : {}),
  });
const config = (...all: readonly EnvironmentConfig[]): Pick<Config, "environments"> => ({
  environments: Object.fromEntries(all.map((one) => [one.name, one])),
});
const usual = config(stage("dev", false), stage("qa", true), stage("prod", true, true));
const web = { service: "web", repository: "threads/web" };
const published: PublishResult = {
  signatures: null,
  outcome: "published",
  published: true,
  revision,
  tree: "2".repeat(40),
  bundle: { repository: "threads/bundle", tag: revision, digest: digestOf("bundle") },
  images: [
    { ...web, tag: revision, digest: digestOf("web"), action: "push", pushed: true },
    {
      service: "nginx",
      repository: "threads/nginx",
      tag: revision,
      digest: digestOf("nginx"),
      action: "present",
      pushed: false,
    },
  ],
  otherBuild: [],
  next: [`threads deploy -e qa ${revision}`],
  advice: [],
};
const promoted: PromoteResult = {
  outcome: "promoted",
  promoted: true,
  revision,
  says: "it was given in full",
  environment: "prod",
  tag: `prod-${revision}`,
  tags: [`prod-${revision}`],
  bundle: { repository: "threads/bundle", tag: `prod-${revision}`, digest: digestOf("bundle") },
  images: [{ ...web, tag: `prod-${revision}`, digest: digestOf("web"), outcome: "created" }],
  gates: [
    {
      gate: "published",
      state: "passed",
      opensBy: null,
      opensAt: null,
      policy: null,
      says: "1 image and the bundle are there",
      next: [],
      advice: [],
      reason: null,
    },
    {
      gate: "soak",
      state: "overridden",
      opensBy: null,
      opensAt: null,
      policy: null,
      says: "1 h to go",
      next: [],
      advice: [],
      reason: "it fixes the outage",
    },
    {
      gate: "verified",
      state: "missing",
      opensBy: null,
      opensAt: null,
      policy: "staging by the policy that user/ada pushed on 21 Nov 2026 10:00 UTC; threads.yml does not ask for it",
      says: "never deployed to staging",
      next: ["threads status"],
      advice: ["deploy it"],
      reason: null,
    },
  ],
  ships: {
    from: { revision: "3".repeat(40), number: 7 },
    commits: 12,
    log: ["1111111 Add likes"],
    dropped: 1,
    migrations: ["backend/posts/migrations/0002_likes.py"],
    unknown: null,
  },
  smoke: {
    evidence: "run",
    by: { user: "ada", host: "laptop", runUrl: null, principal: null },
    passedAt: "2026-11-22T10:00:00.000Z",
    checks: [],
    durations: { buildMs: 0, upMs: 1, checksMs: 1, downMs: 1 },
    leftovers: ["volume x"],
  },
  warnings: [],
  next: [`threads deploy -e prod ${revision}`],
  advice: [],
};

test("a publish names digests and the next command", () => {
  expect(renderPublish(published, plainPaint).join("\n")).toMatchInlineSnapshot(`
    "✔ Published 1111111111111111111111111111111111111111
      threads/web     sha256:4b5e57f6eb2f  pushed
      threads/nginx   sha256:5be1ecc7935f  present
      threads/bundle  sha256:1e6ed65d77d6  the release
      next: threads deploy -e qa 1111111111111111111111111111111111111111"
  `);
});

test("a published release is said to be there already", () => {
  const [first] = renderPublish({ ...published, outcome: "already-published" }, plainPaint);
  expect(first).toBe(`✔ Already published: ${revision}`);
});

test("of what stands, it says that this machine has another image, be it built or not", () => {
  const lines = renderPublish({ ...published, outcome: "already-published", otherBuild: ["web", "redis"] }, plainPaint);
  expect(lines).toContain("  this machine has another image of web and redis: the published one stands");
});

test("a plan says would", () => {
  const images = published.images.map((image) => ({ ...image, digest: null }));
  const bundle = { ...published.bundle, digest: null };
  const next = ["threads publish"];
  const plan: PublishResult = { ...published, outcome: "planned", published: false, images, bundle, next };
  expect(renderPublish(plan, plainPaint).join("\n")).toMatchInlineSnapshot(`
    "Would publish 1111111111111111111111111111111111111111
      threads/web       would be pushed
      threads/nginx     present
      threads/bundle    would be published last
      next: threads publish"
  `);
});

test("one check is called one", () => {
  const smoke = { ...promoted.smoke!, checks: [{ path: "/", status: 200, ok: true, tookMs: 3 }] };
  expect(renderPromote({ ...promoted, smoke }, plainPaint)[0]).toMatch(/smoke passed \(1 check\)$/);
});

test("a promotion names tags, digests, what it ships, what was overridden or left over, and the next command", () => {
  expect(renderPromote(promoted, plainPaint).join("\n")).toMatchInlineSnapshot(`
    "✔ Promoted 1111111111111111111111111111111111111111 to prod, smoke passed (0 checks)
      threads/web:prod-1111111111111111111111111111111111111111     sha256:4b5e57f6eb2f  created
      threads/bundle:prod-1111111111111111111111111111111111111111  sha256:1e6ed65d77d6  the release
      ships 12 commits since 333333333333, which runs there (deployment 7)
        1111111 Add likes
        and 11 more
      leaves out 1 commit that runs there
      adds 1 migration
        backend/posts/migrations/0002_likes.py
      soak was overridden: it fixes the outage
      still there: volume x
      next: threads deploy -e prod 1111111111111111111111111111111111111111"
  `);
});

test("a plan shows the gates and what opens them, and whether it would be refused", () => {
  const images = promoted.images.map((image) => ({ ...image, outcome: "create" as const }));
  const tags = ["v1.2.3", promoted.tag];
  const next = ["threads status", `threads gates ${revision} -e prod`];
  const plan: PromoteResult = { ...promoted, outcome: "refused", promoted: false, images, tags, smoke: null, next };
  expect(renderPromote(plan, plainPaint).join("\n")).toMatchInlineSnapshot(`
    "✖ Would be refused: 1111111111111111111111111111111111111111 to prod: verified missing
      threads/web:prod-1111111111111111111111111111111111111111     sha256:4b5e57f6eb2f  would be created
      threads/bundle:prod-1111111111111111111111111111111111111111  sha256:1e6ed65d77d6  would be tagged last
      also as v1.2.3
      ships 12 commits since 333333333333, which runs there (deployment 7)
        1111111 Add likes
        and 11 more
      leaves out 1 commit that runs there
      adds 1 migration
        backend/posts/migrations/0002_likes.py
      gates:
        published  passed      1 image and the bundle are there
        soak       overridden  1 h to go
            because it fixes the outage
        verified   missing     never deployed to staging
            staging by the policy that user/ada pushed on 21 Nov 2026 10:00 UTC; threads.yml does not ask for it
            → threads status
            → deploy it
      next: threads gates 1111111111111111111111111111111111111111 -e prod"
  `);
});

describe("what comes next is typed as it stands, and does what was meant:", () => {
  const [soak, verified] = [promoted.gates[1]!, promoted.gates[2]!];
  const smokeMissing = { ...verified, gate: "smoke" as const };
  const frozen = { ...verified, gate: "freeze" as const, state: "blocked" as const };
  const after = (change: Partial<PromoteResult>): readonly string[] =>
    nextAfterPromotion({ ...promoted, ...change }).next;

  test("after a promotion the deployment of that very release, whatever HEAD is", () => {
    for (const outcome of ["promoted", "already-promoted"] as const)
      expect(after({ outcome })).toEqual([`threads deploy -e prod ${revision}`]);
  });

  test("nothing is deployed to an environment without hosts, and nothing to a frozen one", () => {
    expect(after({ ships: null })).toEqual([]);
    for (const state of ["blocked", "overridden"] as const)
      expect(after({ gates: [{ ...frozen, state, reason: state === "blocked" ? null : "hotfix" }] })).toEqual([
        "threads freeze -e prod --lift",
        `threads deploy -e prod ${revision}`,
      ]);
  });

  test("a plan is carried out with all that it was asked with", () => {
    const plan = { outcome: "planned", promoted: false, tags: ["v1.2.3", promoted.tag] } as const;
    const carriedOut = `threads promote ${revision} -e prod --as v1.2.3 --override soak --reason 'it fixes the outage'`;
    expect(after({ ...plan, gates: [soak, smokeMissing] })).toEqual([carriedOut]);
    expect(renderPromote({ ...promoted, ...plan, gates: [soak, smokeMissing] }, plainPaint)[0]).toBe(
      `Would promote ${revision} to prod`,
    );
  });

  test("of a promotion that was done already nothing was overridden", () => {
    expect(renderPromote({ ...promoted, outcome: "already-promoted" }, plainPaint).join("\n")).not.toContain("overrid");
  });

  test.each([
    [usual, [`threads deploy -e qa ${revision}`]],
    [config(stage("live", true, true), stage("qa", true)), [`threads deploy -e qa ${revision}`]],
    [config(stage("dev", false), stage("live", true, true)), [`threads promote ${revision} -e live`]],
    [config(stage("dev", false)), []],
    [config(stage("dev", false), anEnvironment("cloud", onEcs())), [`threads deploy -e cloud ${revision}`]],
    [config(anEnvironment("cloud", onEcs()), stage("qa", true)), [`threads deploy -e cloud ${revision}`]],
  ])("a published release goes to an environment that threads.yml has %#", (environments, expected) => {
    expect(nextAfterPublish(published, environments)).toEqual(expected);
  });
});

test("a repeated promotion, recorded evidence, a first release and an unknown one say so", () => {
  const says = (change: Partial<PromoteResult>): string =>
    renderPromote({ ...promoted, ...change }, plainPaint).join("\n");
  expect(says({ outcome: "already-promoted", smoke: null })).toMatch(/^✔ Already promoted: 1{40} to prod\n/);
  expect(says({ smoke: promoted.smoke && { ...promoted.smoke, evidence: "recorded" } })).toContain(
    "smoke had passed on 22 Nov 2026 10:00 UTC (0 checks)",
  );
  expect(says({ smoke: null })).toContain("without a smoke test");
  expect(says({ ships: promoted.ships && { ...promoted.ships, from: null } })).toContain("this is the first release");
  expect(says({ ships: promoted.ships && { ...promoted.ships, unknown: "bad object" } })).toContain(
    "is unknown: bad object",
  );
});

test("gates are listed with their state and what opens them", () => {
  const result = {
    environment: "prod",
    revision,
    bundle: digestOf("bundle"),
    says: "it was given in full",
    gates: promoted.gates,
    outcome: "shut" as const,
    next: [`threads promote ${revision} -e prod`],
    advice: [],
  };
  expect(renderGates(result, plainPaint).join("\n")).toMatchInlineSnapshot(`
    "✖ Not every gate is open: 1111111111111111111111111111111111111111 to prod
      it was given in full
      published  passed      1 image and the bundle are there
      soak       overridden  1 h to go
          because it fixes the outage
      verified   missing     never deployed to staging
          staging by the policy that user/ada pushed on 21 Nov 2026 10:00 UTC; threads.yml does not ask for it
          → threads status
          → deploy it"
  `);
  expect(renderGates({ ...result, outcome: "smoke-missing" }, plainPaint).at(-1)).toBe(
    `  next: threads promote ${revision} -e prod`,
  );
});

test("a freeze says who, why and how to lift it", () => {
  const freeze = {
    reason: "black friday",
    by: { user: "bob", host: "desk", runUrl: null, principal: null },
    frozenAt: "2026-11-22T10:00:00.000Z",
  };
  const next = ["threads freeze -e prod --lift"];
  const frozen = { environment: "prod", outcome: "frozen", frozen: true, freeze, next, advice: [] } as const;
  expect(renderFreeze(frozen, plainPaint).join("\n")).toMatchInlineSnapshot(`
    "✔ Froze prod: nothing is promoted or deployed to it; a rollback is always allowed
      bob on desk, 22 Nov 2026 10:00 UTC: black friday
      next: threads freeze -e prod --lift"
  `);
  const inRun = { ...freeze, by: { ...freeze.by, runUrl: "https://example.org/run/1" } };
  expect(renderFreeze({ ...frozen, freeze: inRun }, plainPaint)[1]).toBe(
    "  bob (https://example.org/run/1), 22 Nov 2026 10:00 UTC: black friday",
  );
  expect(renderFreeze({ ...frozen, outcome: "lifted", frozen: false }, plainPaint)[0]).toBe(
    "✔ Lifted the freeze of prod",
  );
  expect(renderFreeze({ ...frozen, outcome: "not-frozen", frozen: false, freeze: null }, plainPaint)).toEqual([
    "✔ prod is not frozen",
  ]);
});
