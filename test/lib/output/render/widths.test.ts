import { describe, expect, test } from "vitest";
import type { DoctorResult } from "../../../../src/lib/actions/doctor/result.ts";
import type { TimelineResult } from "../../../../src/lib/ledger/timeline-result.ts";
import type { HistoryResult, PastDeployment } from "../../../../src/lib/actions/history/result.ts";
import type { PromoteResult } from "../../../../src/lib/actions/promote/result.ts";
import type { HostStatus, StatusResult } from "../../../../src/lib/fleet/status-result.ts";
import type { GatesResult } from "../../../../src/lib/gates/result.ts";
import { digestOf } from "../../../../src/lib/image/digest.ts";
import { renderDoctor } from "../../../../src/lib/output/render/doctor.ts";
import { renderGates } from "../../../../src/lib/output/render/gates.ts";
import { renderPast } from "../../../../src/lib/output/render/past.ts";
import { renderPromote } from "../../../../src/lib/output/render/promote.ts";
import { statusRenderer } from "../../../../src/lib/output/render/status.ts";
import { mayRunOver, printed } from "./printed.ts";

const observedAt = "2026-11-27T21:00:00.000Z";
const ago = (minutes: number): string => new Date(Date.parse(observedAt) - minutes * 60_000).toISOString();
const [one, two] = ["94e6079ac460".padEnd(40, "0"), "ceec8014909d".padEnd(40, "0")];
const by = { user: "augusta-ada", host: "continuous-integration-7", runUrl: null, principal: null };
const quiet = { next: [], advice: [] };

function host(name: string, id: string, change: Partial<HostStatus> = {}): HostStatus {
  const services = ["web", "celery", "celery-beat", "nginx"].map((service) => ({
    service,
    digest: digestOf(`${service} two`),
    expected: digestOf(`${service} two`),
    state: "running",
    health: "healthy",
    startedAt: ago(35),
    verdict: "ok" as const,
    says: "",
  }));
  const release = { number: 4, revision: two, bundle: digestOf("two"), slot: null, recordedAt: ago(35) };
  const unknown = { environmentMade: null, changedFiles: null, environmentChanged: null };
  const known = { id, name, url: null, ...unknown, deployment: null, leftOutOf: null, busy: false, says: "" };
  return { ...known, verdict: "ok", release, services, ...change };
}

const sick = host("production-web-2", "i-0fedcba9876543210", { verdict: "wrong" });
const status: StatusResult = {
  outcome: "not-as-deployed",
  observedAt,
  ...quiet,
  environments: [
    {
      environment: "prod",
      outcome: "not-as-deployed",
      release: { number: 4, kind: "deploy", revision: two, bundle: digestOf("two"), by, startedAt: ago(40) },
      latest: null,
      weighed: null,
      freeze: { reason: "the payment provider is down", by, frozenAt: ago(20), lift: "threads freeze -e prod --lift" },
      hold: null,
      lease: null,
      hosts: [
        host("production-web-1", "i-0123456789abcdef0"),
        {
          ...sick,
          services: sick.services.map((service, index) =>
            index === 1
              ? { ...service, verdict: "unhealthy", state: "restarting", says: "is restarting (exit code 1)" }
              : service,
          ),
        },
      ],
      problems: ["production-web-2 (i-0fedcba9876543210): celery is restarting (exit code 1)"],
      next: [`threads deploy -e prod ${two} --force`, "threads rollback -e prod"],
      advice: [],
    },
  ],
};

const past = (number: number, change: Partial<PastDeployment> = {}): PastDeployment => ({
  number,
  kind: "deploy",
  revision: two,
  bundle: digestOf("two"),
  result: "succeeded",
  by,
  startedAt: ago(40),
  finishedAt: ago(38),
  hosts: [],
  states: { new: 2 },
  reason: null,
  rollbackOf: null,
  liftsHold: null,
  leftOut: [],
  supersedes: null,
  supersededBy: null,
  folded: false,
  ...change,
});
const history: HistoryResult = {
  outcome: "listed",
  environment: "prod",
  before: null,
  deployments: [
    past(10, { supersedes: 9 }),
    past(9, { result: "superseded", supersededBy: 10, finishedAt: null }),
    past(8, {
      kind: "rollback",
      rollbackOf: 7,
      result: "partial",
      states: { new: 1, unknown: 1 },
      startedAt: ago(59),
    }),
  ],
  ...quiet,
  observedAt,
};

const nothing = { number: null, revision: null, result: null, gate: null, reason: null };
const event = { ...nothing, host: null, service: null, command: null, principal: null, by };
const timeline: TimelineResult = {
  outcome: "listed",
  environment: "prod",
  events: [
    { ...event, happenedAt: ago(5), event: "freeze", reason: "the payment provider is down, and orders get lost" },
    { ...event, happenedAt: ago(40), event: "deploy", number: 10, revision: two, result: "succeeded" },
    {
      ...event,
      happenedAt: ago(50),
      event: "override",
      gate: "verified",
      revision: two,
      reason: "a hotfix for the checkout",
    },
  ],
  ...quiet,
  observedAt,
};

const gates: GatesResult = {
  outcome: "shut",
  environment: "prod",
  revision: two,
  bundle: digestOf("two"),
  says: "HEAD (ci-hello) is ceec8014909d, published with that very sha",
  gates: [
    {
      gate: "published",
      state: "passed",
      opensBy: null,
      opensAt: null,
      policy: null,
      says: "in the registry, with all its images",
      reason: null,
      ...quiet,
    },
    {
      gate: "verified",
      state: "missing",
      opensBy: null,
      opensAt: null,
      policy: null,
      says: "these digests were never the release of every host of staging, and must be for 30 min",
      reason: null,
      next: [`threads deploy -e staging ${two}`],
      advice: [],
    },
    {
      gate: "smoke",
      state: "missing",
      opensBy: null,
      opensAt: null,
      policy: null,
      says: "no smoke test of these digests has passed",
      reason: null,
      ...quiet,
    },
  ],
  next: [`threads deploy -e staging ${two}`],
  advice: [],
};

const repository = (service: string): string => `a-rather-long-team-name/threads/${service}`;
const promote: PromoteResult = {
  outcome: "planned",
  promoted: false,
  revision: two,
  says: gates.says,
  environment: "prod",
  tag: `prod-${two}`,
  tags: [`prod-${two}`],
  bundle: { repository: repository("bundle"), tag: `prod-${two}`, digest: digestOf("two") },
  images: ["web", "celery-beat"].map((service) => ({
    service,
    repository: repository(service),
    tag: `prod-${two}`,
    digest: digestOf(service),
    outcome: "create",
  })),
  gates: gates.gates,
  ships: {
    from: { revision: one, number: 4 },
    unknown: null,
    commits: 1,
    log: ["ceec801 Say in the checkout that the payment provider is down, and keep the basket"],
    dropped: 0,
    migrations: ["backend/posts/migrations/0012_add_a_column_to_the_table_of_orders.py"],
  },
  smoke: null,
  warnings: [],
  next: [`threads promote ${two} -e prod`],
  advice: [],
};

const doctor: DoctorResult = {
  outcome: "failed",
  fixed: [],
  observedAt,
  ...quiet,
  checks: [
    {
      check: "docker",
      title: "Docker",
      state: "ok",
      says: "engine 26.1.5, compose 2.26.1, buildx v0.13.1",
      details: [],
      ...quiet,
    },
    {
      check: "lifecycle",
      title: "lifecycle policies",
      state: "warn",
      says: "rule 1 of threads/web takes an image that prod would roll back to, after two more pushes",
      details: [],
      ...quiet,
    },
  ],
};

const screens: readonly [string, (columns: number) => Promise<string>][] = [
  ["status", (columns) => printed(status, statusRenderer({}), columns)],
  ["history", (columns) => printed(history, renderPast, columns)],
  ["history --all", (columns) => printed(timeline, renderPast, columns)],
  ["gates", (columns) => printed(gates, renderGates, columns)],
  ["promote --dry-run", (columns) => printed(promote, renderPromote, columns)],
  ["doctor", (columns) => printed(doctor, renderDoctor, columns)],
];

test("where there is no room for both, history tells what was done rather than when", async () => {
  expect((await printed(history, renderPast, 48)).split("\n")[0]).toMatch(/^# +what +release +result$/);
});

describe.each(screens)("%s", (_, show) => {
  test.each([60, 80, 200])("fits %i columns, and says there what a person needs", async (columns) => {
    const shown = await show(columns);
    const tooWide = shown.split("\n").filter((line) => line.length > columns && !mayRunOver.test(line));
    expect(tooWide).toEqual([]);
    expect(shown).toMatchSnapshot();
  });
});
