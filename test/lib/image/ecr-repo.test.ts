import { describe, expect, test } from "vitest";
import { parseEcrRepo } from "../../../src/lib/image/ecr-repo.ts";

const defaults = { app: "threads", account: "210987654321", region: "eu-north-1" };
const host = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";

describe("what people write", () => {
  test.each([
    { text: host, web: "threads/web" },
    { text: `${host}/`, web: "threads/web" },
    { text: `${host}/app`, web: "app/web" },
    { text: `${host}/app/`, web: "app/web" },
    { text: `${host}/team/app`, web: "team/app/web" },
    { text: `${host}/app/{service}`, web: "app/web" },
    { text: `${host}/{service}`, web: "web" },
    { text: `${host}/threads-{service}`, web: "threads-web" },
    { text: `https://${host}/app/`, web: "app/web" },
    { text: `  ${host}/app\n`, web: "app/web" },
    { text: `${host}/app:latest`, web: "app/web" },
    { text: `${host}/app@sha256:${"a".repeat(64)}`, web: "app/web" },
    { text: host.toUpperCase(), web: "threads/web" },
  ])("$text", ({ text, web }) => {
    const repo = parseEcrRepo(text, defaults);
    expect(repo).toMatchObject({ host, kind: "ecr", account: "123456789012", region: "eu-west-1" });
    expect(repo.repositoryFor("web")).toBe(web);
  });

  test.each([
    { text: "app", web: "app/web" },
    { text: "app/", web: "app/web" },
    { text: "team/app", web: "team/app/web" },
    { text: "app-{service}", web: "app-web" },
    { text: "app:latest", web: "app/web" },
  ])("$text alone takes account and region from the configuration", ({ text, web }) => {
    const repo = parseEcrRepo(text, defaults);
    expect(repo.host).toBe("210987654321.dkr.ecr.eu-north-1.amazonaws.com");
    expect(repo.repositoryFor("web")).toBe(web);
  });

  test("a bare name in China has China's host", () => {
    expect(parseEcrRepo("app", { ...defaults, region: "cn-north-1" }).host).toBe(
      "210987654321.dkr.ecr.cn-north-1.amazonaws.com.cn",
    );
  });
});

test.each([
  ["123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1"],
  ["123456789012.dkr.ecr-fips.us-east-1.amazonaws.com", "us-east-1"],
  ["123456789012.dkr-ecr.eu-west-1.on.aws", "eu-west-1"],
  ["123456789012.dkr-ecr-fips.us-west-2.on.aws", "us-west-2"],
  ["123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1"],
])("%s is an ECR registry in %s", (text, region) => {
  expect(parseEcrRepo(`${text}/app`, defaults)).toMatchObject({ host: text, region, account: "123456789012" });
});

test.each(["127.0.0.1:5000/threads", "localhost:5000/threads", "http://127.0.0.1:5000/threads", "[::1]:5000/threads"])(
  "%s is the sandbox, and never the account of real credentials",
  (text) => {
    const repo = parseEcrRepo(text, defaults);
    expect(repo).toMatchObject({ kind: "loopback", account: "000000000000", region: undefined });
    expect(repo.repositoryFor("celery-beat")).toBe("threads/celery-beat");
  },
);

test("says in one sentence how it was understood, and what it left out", () => {
  expect(parseEcrRepo(`${host}/app:latest`, defaults).understood).toBe(
    `ECR_REPO: registry ${host} (account 123456789012, eu-west-1), repositories app/{service}; :latest in it means nothing here and was left out`,
  );
  expect(parseEcrRepo("127.0.0.1:5000/threads", defaults).understood).toContain("sandbox");
  expect(parseEcrRepo("app", defaults).understood).toBe(
    "ECR_REPO: registry 210987654321.dkr.ecr.eu-north-1.amazonaws.com (account 210987654321, eu-north-1) of threads.yml, repositories app/{service}",
  );
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
  [`${host}/app//web`, "ECR_REPO_INVALID"],
  [`${host}/{servce}`, "ECR_REPO_INVALID"],
])("%s is refused as %s, with what to do", (text, code) => {
  expect(() => parseEcrRepo(text, defaults)).toThrow(
    expect.objectContaining({ code, exitCode: 2, next: expect.arrayContaining([expect.stringMatching(/.+/)]) }),
  );
});

test.each([`${host}/app:{service}-latest`, `${host}/app/:{sha}-{service}`, "app:web-{sha}"])(
  "%s puts the service into the tag: refused with the form that is meant",
  (text) => {
    expect(() => parseEcrRepo(text, defaults)).toThrow(
      expect.objectContaining({
        code: "ECR_REPO_SERVICE_IN_TAG",
        exitCode: 2,
        next: [expect.stringMatching(/^export ECR_REPO=\S+\.amazonaws\.com\/app\/\{service\}$/)],
      }),
    );
  },
);

test.each([
  [host, undefined],
  [`${host}/`, undefined],
  [`${host}/app`, "app"],
  [`${host}/app:latest`, "app"],
  [`${host}/team/app`, "team/app"],
  ["app", "app"],
  [`${host}/app/`, undefined],
  ["app/", undefined],
  [`${host}/app/{service}`, undefined],
  [`${host}/threads-{service}`, undefined],
])("%s: may it also be one repository for all?", (text, unclear) => {
  expect(parseEcrRepo(text, defaults).unclear).toBe(unclear);
});

test("a bare name without account or region says which is missing", () => {
  expect(() => parseEcrRepo("app", { app: "threads", region: "eu-west-1" })).toThrow(/has no account$/);
  expect(() => parseEcrRepo("app", { app: "threads" })).toThrow(/has no account and region$/);
});
