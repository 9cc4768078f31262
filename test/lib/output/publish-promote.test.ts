import { expect, test } from "vitest";
import type { PromoteResult } from "../../../src/lib/actions/promote/result.ts";
import type { PublishResult } from "../../../src/lib/actions/publish/result.ts";
import { digestOf } from "../../../src/lib/image/digest.ts";
import { plainPaint } from "../../../src/lib/output/paint.ts";
import { renderPromote } from "../../../src/lib/output/render/promote.ts";
import { renderPublish } from "../../../src/lib/output/render/publish.ts";

const revision = "1".repeat(40);
const web = { service: "web", repository: "threads/web" };
const published: PublishResult = {
  outcome: "published",
  published: true,
  revision,
  tree: "2".repeat(40),
  bundle: { repository: "threads/bundle", digest: digestOf("bundle") },
  images: [
    { ...web, digest: digestOf("web"), action: "push", pushed: true },
    { service: "nginx", repository: "threads/nginx", digest: digestOf("nginx"), action: "present", pushed: false },
  ],
};
const promoted: PromoteResult = {
  outcome: "promoted",
  promoted: true,
  revision,
  environment: "prod",
  tag: `prod-${revision}`,
  bundle: published.bundle as PromoteResult["bundle"],
  images: [{ ...web, digest: digestOf("web"), outcome: "created" }],
  smoke: { checks: [], durations: { build: 0, up: 1, checks: 1, down: 1 }, leftovers: ["volume x"] },
};

test("a publish names digests and the next command", () => {
  expect(renderPublish(published, plainPaint).join("\n")).toMatchInlineSnapshot(`
    "✔ Published 1111111111111111111111111111111111111111
      threads/web     sha256:4b5e57f6eb2f  pushed
      threads/nginx   sha256:5be1ecc7935f  present
      threads/bundle  sha256:1e6ed65d77d6  the release
      next: threads deploy -e staging"
  `);
});

test("a published release is said to be there already", () => {
  const [first] = renderPublish({ ...published, outcome: "already-published" }, plainPaint);
  expect(first).toBe(`✔ Already published: ${revision}`);
});

test("a plan says would", () => {
  const images = published.images.map((image) => ({ ...image, digest: null }));
  const bundle = { ...published.bundle, digest: null };
  const plan: PublishResult = { ...published, outcome: "planned", published: false, images, bundle };
  expect(renderPublish(plan, plainPaint).join("\n")).toMatchInlineSnapshot(`
    "Would publish 1111111111111111111111111111111111111111
      threads/web       would be pushed
      threads/nginx     present
      threads/bundle    would be published last
      next: threads publish"
  `);
});

test("a promotion names tags, digests, what was left over and the next command", () => {
  expect(renderPromote(promoted, plainPaint).join("\n")).toMatchInlineSnapshot(`
    "✔ Promoted 1111111111111111111111111111111111111111 to prod, smoke passed (0 checks)
      threads/web:prod-1111111111111111111111111111111111111111     sha256:4b5e57f6eb2f  created
      threads/bundle:prod-1111111111111111111111111111111111111111  sha256:1e6ed65d77d6  the release
      still there: volume x
      next: threads deploy -e prod"
  `);
});

test("a planned and a repeated promotion say so", () => {
  const images = promoted.images.map((image) => ({ ...image, outcome: "create" as const }));
  const plan: PromoteResult = { ...promoted, outcome: "planned", promoted: false, images, smoke: null };
  expect(renderPromote(plan, plainPaint).join("\n")).toContain("would be created");
  expect(renderPromote(plan, plainPaint).at(-1)).toBe(`  next: threads promote ${revision} -e prod`);
  const [first] = renderPromote({ ...promoted, outcome: "already-promoted", smoke: null }, plainPaint);
  expect(first).toBe(`✔ Already promoted: ${revision} to prod`);
});
