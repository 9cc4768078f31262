import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { localName, planPublish, planPublished, type RegistryState } from "../../../../src/lib/actions/publish/plan.ts";
import { digestOf } from "../../../../src/lib/image/digest.ts";
import type { LocalImage } from "../../../../src/lib/docker/image.ts";
import type { StoredManifest } from "../../../../src/lib/registry/registry.ts";
import type { Head } from "../../../../src/lib/source/source.ts";

const services = ["web", "celery", "celery-beat", "nginx"];
const head: Head = {
  revision: "a".repeat(40),
  tree: "b".repeat(40),
  committedAt: "2026-11-22T10:00:00Z",
  branch: "dev",
  dirty: [],
  shallow: false,
  upstream: undefined,
  pushed: undefined,
};
const configOf = (service: string): string => `config of ${service}`;
const manifestOf = (service: string): StoredManifest => {
  const body = JSON.stringify({ config: { digest: digestOf(configOf(service)) } });
  return { digest: digestOf(body), mediaType: "application/vnd.oci.image.manifest.v1+json", body };
};
const local = new Map<string, LocalImage>(
  services.map((service) => [
    localName("threads", service, head.revision),
    {
      id: digestOf(configOf(service)),
      architecture: "amd64",
      repoTags: [],
      repoDigests: [],
      labels: {
        "org.opencontainers.image.revision": head.revision,
        "org.threads.tree": head.tree,
      },
    },
  ]),
);
const standingWith = (there: ReadonlySet<string>): RegistryState[] =>
  services.map((service) => ({
    service,
    repository: `threads/${service}`,
    tag: head.revision,
    tagged: there.has(service) ? manifestOf(service) : undefined,
  }));
const names = {
  nameOf: (service: string) => localName("threads", service, head.revision),
  isBuilt: () => true,
  isPulled: () => false,
};
const plan = (there: ReadonlySet<string>) =>
  planPublish({ names, host: "127.0.0.1:1", head, inRegistry: standingWith(there), local });
const subset = fc.subarray(services).map((names) => new Set(names));

describe("the plan of a publish", () => {
  test("is the same for the same world, and pushes exactly what is missing", () => {
    fc.assert(
      fc.property(subset, (there) => {
        expect(plan(there)).toEqual(plan(there));
        const pushed = plan(there).filter(({ action }) => action === "push");
        expect(pushed.map(({ service }) => service)).toEqual(services.filter((name) => !there.has(name)));
      }),
    );
  });

  test("carried out in any order, as far as it got, leaves only the rest to do, and in the end nothing", () => {
    fc.assert(
      fc.property(subset, fc.shuffledSubarray(services), (there, done) => {
        const pushes = new Set(plan(there).flatMap(({ service, action }) => (action === "push" ? [service] : [])));
        const now = new Set([...there, ...done.filter((name) => pushes.has(name))]);
        const left = plan(now).flatMap(({ service, action }) => (action === "push" ? [service] : []));
        expect(new Set(left)).toEqual(new Set([...pushes].filter((name) => !done.includes(name))));
        expect(plan(new Set(services)).every(({ action }) => action === "present")).toBe(true);
      }),
    );
  });

  test("of what is published gives back tags that were lost, and then nothing is left", () => {
    const images = Object.fromEntries(
      services.map((name) => [name, { repository: `threads/${name}`, digest: manifestOf(name).digest }]),
    );
    const { revision, tree, committedAt } = head;
    const published = {
      release: { schema: 1 as const, app: "threads", revision, tree, committedAt, images },
      digest: digestOf("bundle"),
      repository: "threads/bundle",
    };
    const pinned = new Map(services.map((name) => [name, true]));
    const facts = { head, published, bundleTag: revision, pinned };
    fc.assert(
      fc.property(subset, (there) => {
        const planned = planPublished({ ...facts, inRegistry: standingWith(there) });
        const given = planned.flatMap(({ service, action }) => (action === "retag" ? [service] : []));
        expect(given).toEqual(services.filter((name) => !there.has(name)));
        const after = planPublished({ ...facts, inRegistry: standingWith(new Set(services)) });
        expect(after.every(({ action }) => action === "present")).toBe(true);
      }),
    );
  });
});
