import { describe, expect, test } from "vitest";
import { explain } from "../../../../src/lib/actions/explain/run.ts";
import { ThreadsError } from "../../../../src/lib/errors/threads-error.ts";
import type { RolloutResult } from "../../../../src/lib/fleet/result.ts";
import { digestOf } from "../../../../src/lib/image/digest.ts";
import { renderError } from "../../../../src/lib/output/error.ts";
import { plainPaint, type Render } from "../../../../src/lib/output/paint.ts";
import { renderConfig } from "../../../../src/lib/output/render/config.ts";
import { renderDeployment } from "../../../../src/lib/output/render/deployment.ts";
import { renderExplain } from "../../../../src/lib/output/render/explain.ts";
import { renderFreeze } from "../../../../src/lib/output/render/freeze.ts";
import { renderInit } from "../../../../src/lib/output/render/init.ts";
import { renderPrune } from "../../../../src/lib/output/render/prune.ts";
import { renderPublish } from "../../../../src/lib/output/render/publish.ts";
import { rolloutRenderer } from "../../../../src/lib/output/render/rollout.ts";
import { renderSandboxStatus } from "../../../../src/lib/output/render/sandbox-status.ts";
import { renderSandboxUp } from "../../../../src/lib/output/render/sandbox-up.ts";
import { renderSmoke } from "../../../../src/lib/output/render/smoke.ts";
import { withoutSymbols } from "../../../../src/lib/output/symbols.ts";
import { mayRunOver, printed } from "./printed.ts";

// The screens of what has no table to speak of, read as a person would; widths.test.ts has the others.

const observedAt = "2026-11-27T21:00:00.000Z";
const ago = (minutes: number): string => new Date(Date.parse(observedAt) - minutes * 60_000).toISOString();
const [one, two] = ["94e6079ac460".padEnd(40, "0"), "ceec8014909d".padEnd(40, "0")];
const by = { user: "augusta-ada", host: "continuous-integration-7", runUrl: null, principal: null };
const quiet = { next: [], advice: [] };
const services = ["web", "celery", "celery-beat", "nginx"];

const rollout: RolloutResult = {
  outcome: "deployed",
  kind: "deploy",
  environment: "prod",
  number: 12,
  release: {
    revision: two,
    tree: one,
    bundle: digestOf("two"),
    images: Object.fromEntries(services.map((service) => [service, digestOf(service)])),
  },
  hosts: ["production-web-1", "production-web-2"].map((name, index) => ({
    id: `i-0123456789abcdef${index}`,
    name,
    url: `http://127.0.0.1:2392${index}`,
    before: index === 0 ? one : null,
    state: "new",
    traffic: index === 0 ? { requests: 12_345, failed: 2, longestGapMs: 1240, p99BeforeMs: 48, p99AfterMs: 61 } : null,
    tasks: index === 0 ? { finished: 3, lost: 1 } : null,
  })),
  leftOut: [],
  rounds: [],
  observeMs: 0,
  weights: null,
  weighed: [],
  continues: null,
  noReturn: [],
  steps: ["production-web-1: pull 4 images, migrate, run celery-beat, switch, check the health, record"],
  ships: null,
  rollbackOf: null,
  holds: false,
  liftsHold: null,
  migrations: null,
  environmentMade: null,
  environmentSince: null,
  github: null,
  staying: [],
  undo: "threads rollback -e prod",
  tookMs: 31_400,
  timings: [
    { step: "pull", tookMs: 2140, usualMs: 1900 },
    { step: "switch", tookMs: 9050, usualMs: 3020 },
    { step: "retire", tookMs: 1210, usualMs: null },
  ],
  ...quiet,
};
const planned: RolloutResult = {
  ...rollout,
  outcome: "planned",
  kind: "rollback",
  number: null,
  staying: ["backend/posts/migrations/0012_add_a_column_to_the_table_of_orders.py"],
  undo: null,
  next: ["threads rollback -e prod"],
};

const published = {
  outcome: "published" as const,
  published: true,
  revision: two,
  tree: one,
  bundle: { repository: "a-rather-long-team-name/threads/bundle", tag: two, digest: digestOf("bundle") },
  images: services.map((service) => ({
    service,
    repository: `a-rather-long-team-name/threads/${service}`,
    tag: two,
    digest: digestOf(service),
    action: "push" as const,
    pushed: true,
  })),
  signatures: null,
  otherBuild: [],
  next: [`threads deploy -e staging ${two}`],
  advice: [],
};

const smoked = {
  outcome: "passed" as const,
  revision: two,
  tree: one,
  dirty: false,
  images: services.map((service) => ({ service, id: digestOf(service), reference: `threads-${service}` })),
  checks: [
    { path: "/healthz", status: 200, ok: true, detail: "release matches", tookMs: 12 },
    {
      path: "/api/posts/?page=1&order=newest",
      status: 200,
      ok: true,
      detail: "release matches, contains posts",
      tookMs: 90,
    },
  ],
  durations: { buildMs: 500, upMs: 4_700, checksMs: 300, downMs: 1_600 },
  migrations: null,
  tagged: services.map((service) => `threads-${service}:${two}`),
  leftovers: [],
  kept: null,
  saved: null,
  bundle: null,
  recorded: false,
  next: ["threads publish"],
  advice: [],
};

const config = {
  outcome: "shown" as const,
  file: "/home/ada/a-checkout/of/an/application/threads.yml",
  fileFrom: "search" as const,
  values: [
    {
      key: "registry.repository",
      value: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/threads/",
      from: "environment" as const,
      where: "ECR_REPO",
    },
    { key: "services", value: services, from: "file" as const, where: 10 },
    { key: "smoke.checks.1.status", value: 200, from: "default" as const, where: null },
  ],
  ...quiet,
};

const found = {
  outcome: "written" as const,
  files: [
    { path: "threads.yml", state: "new" as const, text: "app: shop\n" },
    { path: ".github/workflows/release.yml", state: "replaced" as const, text: "" },
  ],
  found: [
    { key: "app", value: "shop", because: "the name of the git remote" },
    {
      key: "smoke.entry",
      value: "nginx:8080",
      because: "it publishes a port in compose.prod.yml, and others depend on it",
    },
  ],
  next: ["threads doctor"],
  advice: [],
};

const frozen = {
  environment: "prod",
  outcome: "frozen" as const,
  frozen: true,
  freeze: { reason: "the payment provider is down, and orders get lost", by, frozenAt: ago(1) },
  next: ["threads freeze -e prod --lift"],
  advice: [],
};

const left = {
  outcome: "partly-pruned" as const,
  stacks: ["threads-smoke-3f9c2ab1"],
  images: [],
  folders: ["/tmp/threads-smoke-Ab3dEf/a-folder-of-a-run-that-was-killed"],
  failed: [{ what: "threads-smoke-3f9c2ab1", says: "the docker daemon is not there any more" }],
  next: ["sudo systemctl start docker"],
  advice: [],
};

const detail = {
  outcome: "found" as const,
  environment: "prod",
  deployment: {
    number: 8,
    kind: "deploy" as const,
    revision: two,
    bundle: digestOf("two"),
    result: "failed" as const,
    by,
    startedAt: ago(60),
    finishedAt: ago(58),
    hosts: [
      {
        id: "i-0123456789abcdef0",
        state: "old" as const,
        traffic: { requests: 1234, failed: 0, longestGapMs: 85, p99BeforeMs: 48, p99AfterMs: null },
        tasks: { finished: 2, lost: 0 },
      },
      { id: "i-0fedcba9876543210", state: "untouched" as const, traffic: null, tasks: null },
    ],
    states: { old: 1, untouched: 1 },
    reason: "the first with the new cart",
    rollbackOf: null,
    liftsHold: null,
    leftOut: [],
    supersedes: null,
    supersededBy: null,
    folded: false,
  },
  cause: {
    code: "ROLLED_BACK",
    message: "not healthy within 120 s: web ended with exit code 3, and was started again 7 times",
    host: "i-0123456789abcdef0",
    step: "verify",
  },
  timings: [
    { step: "pull", tookMs: 2140, usualMs: 1900 },
    { step: "verify", tookMs: 119_050, usualMs: 3020 },
  ],
  rolledBackBy: null,
  endedBy: null,
  images: { web: digestOf("web") },
  environmentMade: null,
  promotions: [{ promotedAt: ago(90), by, tags: [`prod-${two}`], overrides: [{ gate: "soak", reason: "a hotfix" }] }],
  log: "/var/lib/threads/log/8.log",
  observedAt,
  ...quiet,
};

const ecsServices = [{ name: "threads-cloud-web", env: "cloud", url: "http://127.0.0.1:23923" }];
const up = {
  outcome: "started" as const,
  id: "9068de02",
  endpoint: "http://127.0.0.1:23920",
  repository: "127.0.0.1:23920/threads/",
  hosts: ["staging-1", "prod-1"].map((name, index) => ({
    id: `i-0123456789abcdef${index}`,
    env: name.slice(0, -2),
    name,
    url: `http://127.0.0.1:2392${index}`,
  })),
  clusters: [{ name: "threads", id: "i-0123456789abcdef2", environments: ["cloud"], services: ecsServices }],
  started: [],
  next: ['eval "$(threads sandbox env)"', "threads smoke"],
  advice: [],
};
const container = { state: "running", detail: "Up 2 minutes", memoryBytes: 80 * 2 ** 20 };
const world = {
  outcome: "incomplete" as const,
  id: up.id,
  endpoint: up.endpoint,
  repository: up.repository,
  region: "eu-west-1",
  account: "123456789012",
  services: [{ ...container, name: "aws" }],
  hosts: up.hosts.map((host, index) =>
    index === 0
      ? { ...container, ...host }
      : { ...host, state: "stopped", detail: "Exited (137) 2 minutes ago", memoryBytes: null },
  ),
  clusters: [
    {
      ...container,
      name: "ecs.threads",
      cluster: "threads",
      id: "i-0123456789abcdef2",
      environments: ["cloud"],
      services: ecsServices,
    },
  ],
  memoryBytes: 160 * 2 ** 20,
  next: ["threads sandbox up"],
  advice: [],
};

const failure = new ThreadsError("ROLLED_BACK", {
  message:
    "deployment 8 of ceec8014909d to prod: production-web-1 failed and is back on the old release: not healthy within 120 s: web is restarting",
  details: [
    'web-1  | File "/app/settings.py", line 94: the variable PAYMENT_URL is not set, and there is no default for it at all',
  ],
  next: [`threads deploy -e prod ${one}`, "threads history -e prod 8"],
  advice: ["the whole log is on the host: /var/lib/threads/log/8.log (production-web-1), as long as the host keeps it"],
});
/** As `reportFailure` writes it: nothing is wrapped after that. */
const failed = (columns?: number): Promise<string> =>
  Promise.resolve(`${renderError(failure, plainPaint, columns).join("\n")}\n`);

const screen = <T>(name: string, result: T, render: Render<T>) =>
  [name, (columns?: number) => printed(result, render, columns)] as const;

const screens = [
  screen("deploy", rollout, rolloutRenderer({})),
  screen("rollback --dry-run", planned, rolloutRenderer({})),
  screen("publish", published, renderPublish),
  screen("smoke", smoked, renderSmoke),
  screen("config", config, renderConfig),
  screen("init", found, renderInit),
  screen("freeze", frozen, renderFreeze),
  screen("prune", left, renderPrune),
  screen("history 8", detail, renderDeployment),
  screen("explain 7", explain("7"), renderExplain),
  screen("explain FROZEN", explain("FROZEN"), renderExplain),
  screen("sandbox up", up, renderSandboxUp),
  screen("sandbox status", world, renderSandboxStatus),
  ["a failure", failed] as const,
];

describe.each(screens)("%s", (name, show) => {
  test.each([60, 80, 200])("fits %i columns, and says there what a person needs", async (columns) => {
    const shown = await show(columns);
    const tooWide = shown.split("\n").filter((line) => line.length > columns && !mayRunOver.test(line));
    expect(tooWide.filter((line) => name !== "a failure" || !line.includes("settings.py"))).toEqual([]);
    expect(shown).toMatchSnapshot();
  });

  test("has no line broken where nobody reads it on a terminal, and a form in ASCII", async () => {
    const shown = await show();
    expect(shown.split("\n").length).toBeLessThanOrEqual((await show(60)).split("\n").length);
    expect(withoutSymbols(shown)).toMatch(/^[\n -~]*$/);
  });
});
