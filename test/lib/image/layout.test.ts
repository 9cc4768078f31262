import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  labelIn,
  type Layout,
  layoutsOf,
  patternIn,
  repositoryIn,
  requireDistinct,
  tagIn,
  type TagNames,
} from "../../../src/lib/image/layout.ts";

const single = (tag: string): Layout => ({ repository: "app", tag });
const services = ["web", "celery", "celery-beat", "nginx", "bundle"];
const beginnings = ["dev", "staging", "prod", "tree"];
const accepts = (tag: string, names: Partial<TagNames> = {}): boolean => {
  try {
    requireDistinct(single(tag), { services, beginnings, ...names });
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: "ECR_REPO_TAGS_COLLIDE", exitCode: 2 });
    return false;
  }
};

test("a name is a beginning of repositories, or one whose tags begin with what they say", () => {
  const { perService, single: one } = layoutsOf("app");
  expect([repositoryIn(perService, "web"), tagIn(perService, "web", "v1.2.3")]).toEqual(["app/web", "v1.2.3"]);
  expect([repositoryIn(one, "web"), tagIn(one, "web", "v1.2.3")]).toEqual(["app", "v1.2.3-web"]);
});

test("a tag that docker could not name is refused where it is made", () => {
  const label = `prod-${"a".repeat(64)}`;
  expect(tagIn(single("{service}-{tag}"), "celery-beat", label)).toBe(`celery-beat-${label}`);
  expect(() => tagIn(single("{service}-{tag}"), "x".repeat(60), label)).toThrow(
    expect.objectContaining({ code: "TAG_INVALID" }),
  );
});

test.each([
  ["{tag}", "prod-*"],
  ["{tag}-{service}", "prod-*"],
  ["{tag}_{service}.x", "prod-*_*.x"],
  ["{service}-{tag}", "*-prod-*"],
])("with tags %s, the promoted ones are %s", (tag, pattern) => {
  expect(patternIn({ repository: "app", tag }, "prod-*")).toBe(pattern);
});

test.each(["{tag}", "{tag}-{service}", "{service}-{tag}", "x.{service}_{tag}.y"])(
  "with tags %s, what a tag says is read back from it",
  (tag) => {
    const layout = single(tag);
    for (const service of services)
      for (const label of ["v1.2.3-rc.1", "a".repeat(40), `prod-${"a".repeat(40)}`, `tree-${"b".repeat(40)}`])
        expect(labelIn(layout, services, tagIn(layout, service, label))).toBe(label);
    expect(labelIn(layout, services, "x")).toBe(tag === "{tag}" ? "x" : undefined);
  },
);

describe("tags that two services could mean", () => {
  test("the services of this project are told apart in both forms", () => {
    expect(["{tag}-{service}", "{service}-{tag}", "{tag}_{service}"].filter((tag) => !accepts(tag))).toEqual([]);
  });

  test("v1.2.3-celery of beat would be v1.2.3 of celery-beat: refused, with a form that tells", () => {
    const names = { services: ["web", "beat", "celery-beat"], beginnings };
    expect(() => requireDistinct(single("{tag}-{service}"), names)).toThrow(
      expect.objectContaining({
        code: "ECR_REPO_TAGS_COLLIDE",
        message: "with tags {tag}-{service} in the one repository app, a tag of beat could also be one of celery-beat",
        advice: ["write app:{service}-{tag} in ECR_REPO"],
      }),
    );
    expect(accepts("{service}-{tag}", names)).toBe(true);
    expect(accepts("{tag}_{service}", names)).toBe(true);
  });

  test("an environment named as the rest of a service's name is refused with the service first", () => {
    expect(accepts("{service}-{tag}", { beginnings: ["beat", "tree"] })).toBe(false);
    expect(accepts("{tag}-{service}", { beginnings: ["beat", "tree"] })).toBe(true);
    expect(accepts("{service}-{tag}", { services: ["web", "web-tree"] })).toBe(false);
  });

  test("without anything between service and tag, 1.2.3 of web1 would be 11.2.3 of web", () => {
    expect(accepts("{service}{tag}", { services: ["web", "web1"] })).toBe(false);
    expect(accepts("{service}{tag}", { services: ["web", `web${"a".repeat(24)}`] })).toBe(false);
    expect(accepts("{service}{tag}", { services: ["web", "nginx"] })).toBe(true);
  });

  test("a repository for each service tells them apart, whatever they are called", () => {
    expect(() =>
      requireDistinct(layoutsOf("app").perService, { services: ["beat", "celery-beat"], beginnings }),
    ).not.toThrow();
  });
});

// Few words, so that names are made of each other.
const name = fc.constantFrom(
  "a",
  "b",
  "a-b",
  "b-a",
  "a-a",
  "b-a-b",
  "v1",
  "f00",
  "tree",
  "a-tree",
  "beat",
  "celery-beat",
);
const sha = fc.constantFrom("a".repeat(40), "f".repeat(64));
const literal = fc.oneof({ weight: 3, arbitrary: fc.constant("-") }, fc.constantFrom("", "_", "-b-", "a-", "v"));
const template = fc
  .tuple(fc.boolean(), literal, fc.constantFrom("", "-x"))
  .map(([first, middle, after]) => (first ? `x{tag}${middle}{service}${after}` : `x{service}${middle}{tag}${after}`));
const version = fc
  .tuple(fc.constantFrom("", "v"), fc.constantFrom("", "-a", "-b", "-celery", "-a-b"))
  .map(([v, pre]) => `${v}1.2.3${pre}`);

test("where a layout is accepted, no two services and labels have the same tag", () => {
  let accepted = 0;
  fc.assert(
    fc.property(
      template,
      fc.uniqueArray(name, { minLength: 2, maxLength: 4 }),
      fc.uniqueArray(name, { minLength: 1, maxLength: 3 }),
      fc.array(sha, { minLength: 1, maxLength: 2 }),
      fc.array(version, { minLength: 1, maxLength: 4 }),
      (tag, names, environments, shas, versions) => {
        const words = [...environments, "tree"];
        if (!accepts(tag, { services: names, beginnings: words })) return;
        accepted += 1;
        const labels = [...shas, ...versions, ...words.flatMap((one) => shas.map((hex) => `${one}-${hex}`))];
        const pairs = names.flatMap((service) =>
          [...new Set(labels)].map((label) => tagIn(single(tag), service, label)),
        );
        expect(new Set(pairs).size).toBe(pairs.length);
      },
    ),
    { numRuns: 500 },
  );
  expect(accepted).toBeGreaterThan(100);
});
