import { createServer, type AddressInfo, type Server } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { smoke } from "../../src/lib/actions/smoke/run.ts";
import { type BackendProject, makeBackendProject, type Plant } from "./backend-project.ts";
import { inProcess } from "./in-process.ts";

// The real backend with the checks of its own threads.yml, and one thing wrong with it at a time.

let project: BackendProject;
let taken: Server;
beforeAll(async () => {
  project = makeBackendProject();
  taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  taken.close();
  project.remove();
});

const run = () => smoke({ dryRun: false }, inProcess(project.root).ports);
const port = (): string => String((taken.address() as AddressInfo).port);

it("passes as it is, and every check says what it has seen", async () => {
  const result = await run();
  expect(result).toMatchObject({ outcome: "passed", leftovers: [] });
  const checks = "checks" in result ? result.checks : [];
  expect(checks.map((check) => (typeof check === "string" ? check : `${check.path}: ${check.detail}`))).toEqual([
    "/healthz: release matches",
    "/readyz: release matches",
    expect.stringMatching(/^\/: \d+ assets$/),
    "/api/posts/: release matches",
    expect.stringMatching(/^celery-beat: .*: \/tmp\/celery-beat-alive was last touched \d+ s ago$/),
    expect.stringMatching(/^celery: .*: \/tmp\/scheduled-task-done was last touched \d+ s ago$/),
  ]);
});

const quick = "interval: 300ms, retries: 2, start_period: 0s";
const turning = "while true; do touch /tmp/celery-alive; sleep 1; done";

it.each<[string, Plant, { readonly code: string; readonly message: RegExp }]>([
  [
    "a crash loop",
    { services: '  celery: { restart: always, command: ["sh", "-c", "echo no settings; sleep 0.3; exit 3"] }' },
    { code: "SERVICE_FAILED", message: /^celery keeps ending \(.*exit code 3.*\)$/ },
  ],
  [
    "an unhealthy service",
    {
      services: `  celery: { healthcheck: { test: ["CMD", "bash", "/app/docker/fresh.sh", "/tmp/never", "30"], ${quick} } }`,
    },
    { code: "SERVICE_FAILED", message: /^celery is unhealthy$/ },
  ],
  [
    "assets that are not there",
    { services: "  nginx: { tmpfs: [/tmp, /srv/static] }" },
    {
      code: "CHECKS_FAILED",
      message: /^1 of 6 checks failed: \/ \w+ \/static\/home\/\S+: status 404 \(and \d+ more\)$/,
    },
  ],
  [
    "a font that a stylesheet names and nobody has",
    {
      source: [
        "assets/home/home.css",
        ":root {",
        '@font-face { font-family: Threads; src: url("/fonts/threads.woff2") format("woff2"); }\n:root {',
      ],
    },
    {
      code: "CHECKS_FAILED",
      message:
        /^1 of 6 checks failed: \/ font \/fonts\/threads\.woff2 \(named by \/static\/home\/home\.\w+\.css\): status 404$/,
    },
  ],
  [
    "an application that answers to another name only",
    { services: "  web: { environment: { DJANGO_ALLOWED_HOSTS: www.example.com } }" },
    { code: "CHECKS_FAILED", message: /^2 of 6 checks failed: \/ status 400, expected 200.*, and 1 more$/ },
  ],
  [
    "a migration that nobody has written",
    {
      source: [
        "posts/models.py",
        "like_count = models.PositiveIntegerField(",
        "stars = models.IntegerField(null=True)\n    like_count = models.PositiveIntegerField(",
      ],
    },
    {
      code: "MIGRATIONS_UNREADABLE",
      message:
        /^web: python3 manage.py list_migrations ended with exit code 1: CommandError: no migration does this, run makemigrations: posts: Add field stars to post$/,
    },
  ],
  [
    "migrations that nobody has applied",
    { services: '  migrate: { command: ["python3", "manage.py", "migrate", "posts", "0002"] }' },
    {
      code: "CHECKS_FAILED",
      message:
        /checks failed: \/readyz status 503, expected 200: checks\.migrations\.state is "\d+ not applied: \w+\.0\d+_.*, expected "all applied"/,
    },
  ],
  [
    "a worker that is well, and does nothing",
    { services: `  celery: { command: ["sh", "-c", "${turning}"] }` },
    {
      code: "CHECKS_FAILED",
      message:
        /^1 of 6 checks failed: celery: bash docker\/fresh\.sh \/tmp\/scheduled-task-done 30 exit code 1: \/tmp\/scheduled-task-done does not exist yet$/,
    },
  ],
  [
    "a beat that is up, and dead",
    { services: '  celery-beat: { command: ["sleep", "600"], healthcheck: { disable: true } }' },
    {
      code: "CHECKS_FAILED",
      message:
        /^2 of 6 checks failed: celery-beat: bash docker\/fresh\.sh \/tmp\/celery-beat-alive 10 exit code 1: \/tmp\/celery-beat-alive does not exist yet, and 1 more$/,
    },
  ],
  [
    "another release",
    { services: "  web: { environment: { REVISION: an-old-build } }" },
    {
      code: "CHECKS_FAILED",
      message:
        /checks failed: \/healthz X-Release is an-old-build, expected [0-9a-f]{40}(?:-dirty)?: another build answers/,
    },
  ],
])("%s is told in a sentence, and nothing of it stays", async (_, what, { code, message }) => {
  project.plant(what);
  const before = project.present();
  const failed = await run().catch((error: unknown) => error);
  expect(failed).toMatchObject({ code, message: expect.stringMatching(message) as string });
  expect(project.present()).toEqual(before);
});

it("a port clash is told as that, with who has it, and is not blamed on the code", async () => {
  project.plant({
    services: `  redis: { network_mode: host, command: ["redis-server", "--bind", "127.0.0.1", "--port", "${port()}"] }`,
  });
  const before = project.present();
  const failed = await run().catch((error: unknown) => error);
  expect(failed).toMatchObject({
    code: "PORT_TAKEN",
    outcome: "refused",
    message: expect.stringMatching(
      new RegExp(`^port ${port()} is taken by \\S+ \\(process ${process.pid}\\), and redis wants it`),
    ) as string,
    next: expect.arrayContaining([`ps -fp ${process.pid}`]) as string[],
  });
  expect(project.present()).toEqual(before);
});

it("a port that somebody has is in nobody's way: what is checked is published on a free one", async () => {
  project.plant({ services: `  redis: { ports: ["127.0.0.1:${port()}:6379"] }` });
  expect(await run()).toMatchObject({ outcome: "passed" });
});
