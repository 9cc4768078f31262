import { describe, expect, it } from "vitest";
import { checkFailure, imageMismatch, modelFault, smokeLine } from "../../../src/lib/stack/faults.ts";
import { planPublishedSmoke, planSmoke } from "../../../src/lib/stack/plan.ts";
import type { SmokeResult } from "../../../src/lib/stack/result.ts";
import { parseModel } from "../../../src/lib/compose/stack-model.ts";
import { plainPaint } from "../../../src/lib/output/paint.ts";
import { renderSmoke } from "../../../src/lib/output/render/smoke.ts";
import { parseDigest } from "../../../src/lib/image/digest.ts";
import type { PublishedRelease } from "../../../src/lib/release/release.ts";
import { aConfig } from "../../fakes/config.ts";

const sha = "a".repeat(40);
const config = aConfig({
  services: ["web", "nginx"],
  smoke: {
    compose: "backend/smoke.yml",
    env: { template: "backend/.env.example", generate: ["SECRET"] },
    entry: { service: "nginx", port: 8080 },
  },
});
const facts = { revision: sha, tree: "t", dirty: [] };
const digest = parseDigest(`sha256:${"1".repeat(64)}`);
const published: PublishedRelease = {
  release: {
    schema: 2,
    app: "threads",
    revision: sha,
    tree: "t",
    committedAt: "2026-11-28T10:00:00Z",
    images: { web: { repository: "threads/web", digest } },
  },
  digest,
  repository: "threads/bundle",
};

describe("planSmoke", () => {
  it("names images after the commit of a clean tree", () => {
    expect(planSmoke(config, facts)).toEqual({
      revision: sha,
      tree: "t",
      dirty: false,
      compose: ["backend/smoke.yml"],
      images: [
        { service: "web", tag: `threads-web:${sha}`, reference: null },
        { service: "nginx", tag: `threads-nginx:${sha}`, reference: null },
      ],
      environment: { template: "backend/.env.example", generated: ["SECRET"] },
      checks: ["/healthz"],
      bundle: null,
    });
  });

  it("lets a changed tree pass for nothing", () => {
    const plan = planSmoke(config, { ...facts, dirty: ["a"] });
    expect(plan).toMatchObject({ revision: `${sha}-dirty`, dirty: true });
    expect(plan.images.map(({ tag }) => tag)).toEqual([null, null]);
  });
});

describe("modelFault", () => {
  const model = parseModel('{"services":{"web":{"image":"w:1"},"nginx":{}}}');
  const { smoke, checks } = aConfig();
  it("accepts a file that has the services of threads.yml, whatever images it names", () => {
    expect(modelFault(model, { services: ["web"], smoke, checks }, "smoke.yml")).toBeUndefined();
  });
  it("misses a service of the release", () => {
    expect(modelFault(model, { services: ["web", "celery"], smoke, checks }, "smoke.yml")).toMatchObject({
      message: "smoke.yml has no service celery, but threads.yml lists it",
      outcome: "usage",
    });
  });
  it("misses the one that is asked", () => {
    const entry = { service: "ngnix", port: 8080 };
    expect(modelFault(model, { services: ["web"], smoke: { ...smoke, entry }, checks }, "smoke.yml")).toMatchObject({
      message: "smoke.yml has no service ngnix, but smoke.entry in threads.yml names it",
      advice: ["set smoke.entry.service to one of: web, nginx"],
    });
  });
});

describe("imageMismatch", () => {
  const reference = `r/web@sha256:${"1".repeat(64)}`;
  const ran = [{ service: "web", id: "sha256:1", reference, digests: [reference] }];
  const image = {
    id: "sha256:1",
    architecture: "amd64",
    repoTags: [],
    repoDigests: [reference],
    labels: { "org.opencontainers.image.revision": sha },
  };
  const wanted = { app: "threads", revision: sha, references: { web: reference } };
  const candidate = "threads-web:candidate-x";
  const built = { ...wanted, references: { web: candidate } };

  it("is satisfied by the digest that was asked for and the revision that was meant", () => {
    expect(imageMismatch(ran, [image], wanted)).toBeUndefined();
  });
  it("is not by another digest", () => {
    const other = [{ service: "web", id: "sha256:1", reference: "r/web:x", digests: [] }];
    expect(imageMismatch(other, [image], wanted)?.message).toBe(`web ran r/web:x, not ${reference}`);
  });
  it("is not by another revision, nor by none, of what was built here", () => {
    const here = [{ service: "web", id: "sha256:1", reference: candidate, digests: [] }];
    expect(imageMismatch(here, [image], built)).toBeUndefined();
    expect(imageMismatch(here, [image], { ...built, revision: "b" })?.message).toBe(
      `the image of web says revision ${sha}, not b`,
    );
    expect(imageMismatch(here, [{ ...image, labels: {} }], built)?.message).toBe(
      `the image of web says revision nothing, not ${sha}`,
    );
  });
  it("asks no revision of an image that comes from elsewhere", () => {
    const redis = [{ service: "redis", id: "sha256:1", reference: "redis:7", digests: [] }];
    expect(imageMismatch(redis, [{ ...image, labels: {} }], { ...wanted, references: { redis: "redis:7" } })).toBe(
      undefined,
    );
  });
});

it("checkFailure says the first, counts the others and lists all", () => {
  const result = (path: string, ok: boolean) => ({
    path,
    ok,
    status: 500,
    detail: "status 500, expected 200",
    tookMs: 1,
  });
  const error = checkFailure(
    [result("/a", false), result("/b", true), result("/c", false)],
    [{ service: "web", lines: ["boom"] }],
    "threads smoke",
  );
  expect(error.message).toBe("2 of 3 checks failed: /a status 500, expected 200, and 1 more");
  expect(checkFailure([result("/a", false)], [], "threads smoke").message).toBe(
    "1 of 1 check failed: /a status 500, expected 200",
  );
  expect(error.details).toEqual(["/a: status 500, expected 200", "/c: status 500, expected 200", "web | boom"]);
});

it("checkFailure names what tests the same again: what is published is not built anew", () => {
  const failed = { path: "/", ok: false, status: 502, detail: "status 502, expected 200", tookMs: 1 };
  const { next, advice } = checkFailure([failed], [], smokeLine({ build: false, revision: sha }));
  expect(next).toEqual([`threads smoke --release ${sha}`]);
  expect(advice.join()).toContain(`\`threads smoke --release ${sha} --keep\``);
});

it("checkFailure names the cause where the log of a service gives it away", () => {
  const failed = { path: "/", ok: false, status: 502, detail: "status 502, expected 200", tookMs: 1 };
  const line =
    '2026/11/27 10:00:00 [error] 7#7: *1 connect() failed (113: Host is unreachable) while connecting to upstream, client: 172.18.0.1, server: , request: "GET / HTTP/1.1", upstream: "http://172.18.0.3:8000/", host: "x"';
  const { advice } = checkFailure([failed], [{ service: "nginx", lines: [line] }], "threads smoke");
  expect(advice[0]).toMatch(/^nginx gets no answer from 172\.18\.0\.3:8000: nginx keeps the address/);
});

describe("renderSmoke", () => {
  const passed: SmokeResult = {
    outcome: "passed",
    revision: sha,
    tree: "t",
    dirty: false,
    images: [{ service: "web", id: `sha256:${"1".repeat(64)}`, reference: "c" }],
    checks: [{ path: "/healthz", status: 200, ok: true, detail: "release matches", tookMs: 3 }],
    durations: { buildMs: 400, upMs: 4300, checksMs: 200, downMs: 1800 },
    migrations: null,
    tagged: [`threads-web:${sha}`],
    leftovers: [],
    kept: null,
    saved: null,
    bundle: null,
    recorded: false,
    next: ["threads publish"],
    advice: [],
  };

  it("tells what passed, what it was and what comes next", () => {
    expect(renderSmoke(passed, plainPaint)).toEqual([
      `✔ Smoke passed: ${sha}  build 0.4 s · up 4.3 s · checks 0.2 s · down 1.8 s`,
      "  ✔ /healthz  200  release matches",
      "  tagged with that sha: threads-web",
      "  next: threads publish",
    ]);
  });

  it("counts the migrations of which the image tells, and those that contract", () => {
    const told = (...kinds: ("expand" | "contract")[]) => {
      const migrations = kinds.map((kind, index) => ({ name: `posts.${index}`, kind }));
      return renderSmoke({ ...passed, migrations }, plainPaint)[2];
    };
    expect(told("expand", "contract", "expand")).toBe("  3 migrations, 1 of them contract");
    expect(told("expand")).toBe("  1 migration");
    expect(told()).toBe("  0 migrations");
  });

  it("tells why there is no tag, and what is left", () => {
    const untagged = { ...passed, tagged: [], leftovers: ["network 1f"], next: [], advice: ["commit everything"] };
    const lines = renderSmoke(untagged, plainPaint);
    expect(lines.slice(-2)).toEqual(["  commit everything", "  still there: network 1f"]);
  });

  it("prints a plan", () => {
    expect(
      renderSmoke({ outcome: "planned", ...planSmoke(config, facts), next: ["threads smoke"], advice: [] }, plainPaint),
    ).toEqual([
      `Would smoke ${sha}`,
      "  1. build from backend/smoke.yml: web, nginx",
      "  2. write a private .env from backend/.env.example; fresh values for: SECRET",
      "  3. start the stack under a random name and wait until every service is healthy",
      "  4. check /healthz",
      "  5. if all of it passed, tag",
      `     threads-web:${sha}`,
      `     threads-nginx:${sha}`,
      "  6. take everything down",
    ]);
  });

  it("prints the plan for what is published, by digest", () => {
    const plan = planPublishedSmoke(config, published, "registry.example");
    expect(renderSmoke({ outcome: "planned", ...plan, next: [], advice: [] }, plainPaint)).toEqual([
      `Would smoke ${sha}, as it is published`,
      "  1. pull for backend/smoke.yml",
      `     registry.example/threads/web@${published.digest}`,
      "  2. write a private .env from backend/.env.example; fresh values for: SECRET",
      "  3. start the stack under a random name and wait until every service is healthy",
      "  4. check /healthz",
      "  5. if all of it passed, put that on record for gates that ask for it",
      "  6. take everything down",
    ]);
  });

  it("tells of what is published that it was pulled, and whether it is on record", () => {
    const lines = renderSmoke({ ...passed, tagged: [], bundle: published.digest, recorded: true }, plainPaint);
    expect(lines[0]).toContain("pull 0.4 s");
    expect(lines.slice(2, 4)).toEqual([`  published as ${published.digest}`, "  on record for gates that ask for it"]);
  });
});
