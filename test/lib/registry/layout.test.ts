import { expect, test } from "vitest";
import { openRegistry } from "../../../src/lib/registry/open.ts";
import { awsOf, type FakeEcr, fakeEcr } from "../../fakes/ecr.ts";
import { jumpingClock, registryOn } from "./connect.ts";

const opened = (ecr: FakeEcr, path: string) =>
  openRegistry({
    config: { app: "threads", account: undefined, registry: { repository: `${ecr.host}/${path}`, bundle: "bundle" } },
    aws: awsOf(ecr),
    clock: jumpingClock(),
  });
const asked = (ecr: FakeEcr) => ecr.calls.filter((call) => call === "DescribeRepositories").length;

test("repositories below the name, and none of that name: understood, with one call", async () => {
  await using ecr = await fakeEcr();
  await opened(ecr, "threads").checkPlace();
  expect(asked(ecr)).toBe(1);
});

test("both layouts: refused, with the forms that leave no doubt", async () => {
  await using ecr = await fakeEcr({ repositories: ["threads", "threads/web", "threads/bundle"] });
  await expect(opened(ecr, "threads").checkPlace()).rejects.toMatchObject({
    code: "ECR_REPO_AMBIGUOUS",
    exitCode: 2,
    message: "ECR_REPO names threads: there is a repository of that name, and there are threads/{service}",
    next: [`export ECR_REPO=${ecr.host}/threads/`, `export ECR_REPO=${ecr.host}/threads/{service}`],
  });
  for (const clear of ["threads/", "threads/{service}", ""]) await opened(ecr, clear).checkPlace();
  expect(asked(ecr)).toBe(2);
});

test("one repository for all: refused, naming what is needed", async () => {
  await using ecr = await fakeEcr({ repositories: ["threads"] });
  await expect(opened(ecr, "threads").checkPlace()).rejects.toMatchObject({
    code: "ECR_REPO_SINGLE",
    exitCode: 2,
    message:
      "ECR_REPO names the one repository threads; threads needs one for each service (threads/{service}) and threads/bundle",
    next: expect.arrayContaining([expect.stringContaining("create-repository --repository-name threads/bundle")]),
  });
});

test("who may not ask is taken at the documented reading", async () => {
  await using ecr = await fakeEcr({ repositories: ["threads", "threads/bundle"] });
  ecr.fail({ operation: "DescribeRepositories", times: 1, how: { error: "AccessDeniedException", status: 400 } });
  await expect(opened(ecr, "threads").checkPlace()).resolves.toBeUndefined();
  expect(asked(ecr)).toBe(1);
});

test("the wrong account is told before the layout", async () => {
  await using ecr = await fakeEcr({ account: "123456789012", repositories: ["threads"] });
  await expect(opened(ecr, "threads").checkPlace()).rejects.toMatchObject({ code: "WRONG_ACCOUNT" });
});

test("a repository that is missing: how ECR_REPO was understood is said", async () => {
  await using ecr = await fakeEcr({ repositories: [] });
  await expect(registryOn(ecr).find("threads/web", "a")).rejects.toMatchObject({
    code: "REPOSITORY_NOT_FOUND",
    details: [`ECR_REPO: registry ${ecr.host} (sandbox on this machine), repositories threads/{service}`],
  });
});
