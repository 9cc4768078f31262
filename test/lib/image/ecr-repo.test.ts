import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ThreadsError } from "../../../src/lib/errors/threads-error.ts";
import { parseEcrRepo, printEcrRepo } from "../../../src/lib/image/ecr-repo.ts";
import { registryOf } from "../../../src/lib/image/registry-address.ts";
import { repoAt } from "../../fakes/ecr-repo.ts";
import { hosts } from "./arbitrary.ts";

const host = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
const parse = (text: string | undefined) => parseEcrRepo(text, "threads");

describe("what people write", () => {
  test.each([
    { path: "", repository: "threads/{service}" },
    { path: "/", repository: "threads/{service}" },
    { path: "/app", repository: "app/{service}" },
    { path: "/app/", repository: "app/{service}" },
    { path: "/team/app", repository: "team/app/{service}" },
    { path: "/app/{service}", repository: "app/{service}" },
    { path: "/{service}", repository: "{service}" },
    { path: "/threads-{service}", repository: "threads-{service}" },
    { path: "/app:latest", repository: "app/{service}" },
    { path: ":latest", repository: "threads/{service}" },
    { path: `/app@sha256:${"a".repeat(64)}`, repository: "app/{service}" },
  ])("$path: a repository for each service", ({ path, repository }) => {
    for (const text of [`${host}${path}`, `https://${host}${path}`, `  ${host.toUpperCase()}${path}\n`]) {
      const { registry, layout } = parse(text);
      expect(registry).toEqual({ host, kind: "ecr", account: "123456789012", region: "eu-west-1" });
      expect(layout).toEqual({ repository, tag: "{tag}" });
    }
  });

  test.each([
    { path: "/app:{tag}-{service}", repository: "app", tag: "{tag}-{service}" },
    { path: "/app:{service}-{tag}", repository: "app", tag: "{service}-{tag}" },
    { path: "/team/app/:{tag}_{service}", repository: "team/app", tag: "{tag}_{service}" },
    { path: ":{tag}-{service}", repository: "threads", tag: "{tag}-{service}" },
    { path: "/app:build.{service}-of-{tag}.x", repository: "app", tag: "build.{service}-of-{tag}.x" },
  ])("$path: one repository, whose tags name the service", ({ path, repository, tag }) => {
    for (const at of [host, "127.0.0.1:5000"]) {
      const { registry, layout, unclear, dropped } = parse(`${at}${path}`);
      expect({ at: registry?.host, layout, unclear, dropped }).toEqual({
        at,
        layout: { repository, tag },
        dropped: "",
      });
    }
  });

  test.each([
    { text: "app", repository: "app/{service}" },
    { text: "app/", repository: "app/{service}" },
    { text: "team/app", repository: "team/app/{service}" },
    { text: "app-{service}", repository: "app-{service}" },
    { text: "app:latest", repository: "app/{service}" },
    { text: "app:123", repository: "app/{service}" },
    { text: "app:{tag}-{service}", repository: "app" },
  ])("$text names no registry", ({ text, repository }) => {
    expect(parse(text)).toMatchObject({ registry: undefined, layout: { repository } });
  });
});

test.each([
  ["eu-north-1", "210987654321.dkr.ecr.eu-north-1.amazonaws.com"],
  ["cn-north-1", "210987654321.dkr.ecr.cn-north-1.amazonaws.com.cn"],
  ["eusc-de-east-1", "210987654321.dkr.ecr.eusc-de-east-1.amazonaws.eu"],
])("the registry of an account in %s is one that is understood", (region, at) => {
  expect(registryOf("210987654321", region)).toEqual(parse(`${at}/app`).registry);
});

test.each([
  ["123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1"],
  ["123456789012.dkr.ecr-fips.us-east-1.amazonaws.com", "us-east-1"],
  ["123456789012.dkr-ecr.eu-west-1.on.aws", "eu-west-1"],
  ["123456789012.dkr-ecr-fips.us-west-2.on.aws", "us-west-2"],
  ["123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1"],
])("%s is an ECR registry in %s", (text, region) => {
  expect(parse(`${text}/app`).registry).toMatchObject({ host: text, region, account: "123456789012" });
});

test.each(["127.0.0.1:5000/threads", "localhost:5000/threads", "http://127.0.0.1:5000/threads", "[::1]:5000/threads"])(
  "%s is the sandbox, and never the account of real credentials",
  (text) => {
    const { registry, layout } = parse(text);
    expect(registry).toMatchObject({ kind: "loopback", account: "000000000000", region: undefined });
    expect(layout.repository).toBe("threads/{service}");
  },
);

test("says in one sentence how it was read, and what it left out", () => {
  expect(repoAt(host, "app/").explanation).toBe(
    `ECR_REPO: registry ${host} (account 123456789012, eu-west-1), repositories app/{service}`,
  );
  expect(repoAt(host, "app:{service}-{tag}").explanation).toBe(
    `ECR_REPO: registry ${host} (account 123456789012, eu-west-1), one repository app, tags {service}-{tag}`,
  );
  expect(["app/", "app:{service}-{tag}", "app/:latest"].map((path) => repoAt(host, path).inferred)).toEqual([
    false,
    false,
    true,
  ]);
  expect(repoAt(host, "app/:latest").explanation).toMatch(/; :latest in it means nothing here and was left out$/);
  expect(repoAt("127.0.0.1:5000").explanation).toContain("sandbox");
});

test.each([
  [undefined, "ECR_REPO_MISSING"],
  ["", "ECR_REPO_MISSING"],
  ["  ", "ECR_REPO_MISSING"],
  ["***", "ECR_REPO_MASKED"],
  ["ghcr.io/team/app", "ECR_REPO_NOT_ECR"],
  ["registry.example.com:5000/app", "ECR_REPO_NOT_ECR"],
  ["evil-123456789012.dkr.ecr.eu-west-1.amazonaws.com.example.com/app", "ECR_REPO_NOT_ECR"],
  ["12345.dkr.ecr.eu-west-1.amazonaws.com/app", "ECR_REPO_ACCOUNT"],
  [`${host}/App`, "ECR_REPO_INVALID"],
  [`${host}/App:{tag}-{service}`, "ECR_REPO_INVALID"],
  [`${host}/app//web`, "ECR_REPO_INVALID"],
  [`${host}/{servce}`, "ECR_REPO_INVALID"],
])("%s is refused as %s, with what to do", (text, code) => {
  let failure: unknown;
  try {
    parse(text);
  } catch (error) {
    failure = error;
  }
  const { next, advice } = failure as ThreadsError;
  expect(failure).toMatchObject({ code, exitCode: 2 });
  expect([...next, ...advice].length).toBeGreaterThan(0);
});

test.each([
  `${host}/app:{service}-latest`,
  `${host}/app/:{sha}-{service}`,
  `${host}/app:{tag}`,
  `${host}/app:{tag}-{service}-{tag}`,
  `${host}/app:-{tag}-{service}`,
  `${host}/app:{tag}-{service}}`,
  `${host}/app/{service}:{tag}-{service}`,
  `${host}/app@{tag}-{service}/x y`,
])("%s: braces that say nothing are refused with the two forms that do", (text) => {
  expect(() => parse(text)).toThrow(
    expect.objectContaining({
      code: "ECR_REPO_TAG",
      exitCode: 2,
      next: [`export ECR_REPO='${host}/app:{tag}-{service}'`, `export ECR_REPO='${host}/app:{service}-{tag}'`],
    }),
  );
});

test.each([
  [host, undefined],
  [`${host}/`, undefined],
  [`${host}:latest`, undefined],
  [`${host}/app`, "app"],
  [`${host}/app:latest`, "app"],
  [`${host}/team/app`, "team/app"],
  ["app", "app"],
  [`${host}/app/`, undefined],
  ["app/", undefined],
  [`${host}/app/{service}`, undefined],
  [`${host}/app:{tag}-{service}`, undefined],
])("%s: may it mean two things?", (text, unclear) => {
  expect(parse(text).unclear).toBe(unclear);
});

const part = fc.stringMatching(/^[a-z0-9]{2,8}(?:[_-][a-z0-9]{1,6})?$/);
const path = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
const literal = fc.stringMatching(/^[a-z0-9_.-]{0,4}$/);
const tag = fc
  .tuple(fc.stringMatching(/^[a-z0-9_]{0,4}$/), literal, literal, fc.boolean())
  .map(([before, middle, after, first]) =>
    first ? `${before}{tag}${middle}{service}${after}` : `${before}{service}${middle}{tag}${after}`,
  );
const forms = fc.oneof(
  path,
  path.map((name) => `${name}/`),
  path.map((name) => `${name}/{service}`),
  path.map((name) => `${name}-{service}`),
  fc.tuple(path, tag).map(([name, form]) => `${name}:${form}`),
);

test("every form is understood as it was after it was printed, with and without a registry", () => {
  fc.assert(
    fc.property(fc.option(hosts), forms, (at, form) => {
      const read = parse(at === null ? form : `${at}/${form}`);
      expect(parse(printEcrRepo(read))).toEqual(read);
      expect(read.unclear).toBe(/[/{]/.test(form.at(-1) ?? "") || /[{:]/.test(form) ? undefined : form);
    }),
  );
});
