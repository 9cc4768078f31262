import { expect, test } from "vitest";
import { digestOf } from "../../../src/lib/image/digest.ts";
import { requireOwnPins } from "../../../src/lib/registry/own-pins.ts";
import type { ImagePin, PublishedRelease } from "../../../src/lib/release/release.ts";
import { layouts, repoAt } from "../../fakes/ecr-repo.ts";

const revision = "1".repeat(40);
const pin = (repository: string): ImagePin => ({ repository, digest: digestOf(repository) });

/** Published into the repositories of their names, but for what a test says. */
function release(change: Readonly<Record<string, string>>, of = (name: string) => `threads/${name}`): PublishedRelease {
  const at = (name: string): string => change[name] ?? of(name);
  const images = Object.fromEntries(["web", "celery", "redis"].map((name) => [name, pin(at(name))]));
  const rest = { app: "threads", revision, tree: "2".repeat(40), committedAt: "2026-11-22T08:00:00.000Z" };
  return {
    release: { ...rest, schema: 2, images, edge: pin(at("edge")) },
    digest: digestOf("bundle"),
    repository: at("bundle"),
  };
}

const check = (published: PublishedRelease, layout: keyof typeof layouts = "perService"): void =>
  requireOwnPins(published, { repo: repoAt("127.0.0.1:5000", layouts[layout]), bundle: "bundle" });

test("what lies where ECR_REPO says is ours, in either layout", () => {
  expect(() => check(release({}))).not.toThrow();
  const together = release({}, () => "threads");
  expect(() => check(together, "single")).not.toThrow();
});

test.each([
  ["an image", "web", "evil/web"],
  ["an image that is not built here", "redis", "library/redis"],
  ["the edge", "edge", "threads/proxy"],
  ["the bundle itself", "bundle", "evil/bundle"],
  ["an image in the repository of another service", "celery", "threads/web"],
])("%s elsewhere is refused, with what lies where", (_, name, repository) => {
  const published = release({ [name]: repository });
  const digest = name === "bundle" ? published.digest : digestOf(repository);
  expect(() => check(published)).toThrow(
    expect.objectContaining({
      code: "FOREIGN_PINS",
      exitCode: 3,
      details: [`${name}: ${repository}@${digest}, and not threads/${name}`],
    }),
  );
});

test("a release from when ECR_REPO meant one repository for all says so", () => {
  const old = release({}, () => "threads");
  expect(() => check(old)).toThrow(
    expect.objectContaining({
      code: "ANOTHER_LAYOUT",
      advice: [expect.stringContaining("/threads:{tag}-{service} as it did then")],
    }),
  );
});
