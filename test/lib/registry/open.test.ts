import { describe, expect, test } from "vitest";
import { openPlace, openRegistry } from "../../../src/lib/registry/open.ts";
import { both } from "../../../src/lib/progress/both.ts";
import { awsOf, type FakeEcr, fakeEcr } from "../../fakes/ecr.ts";
import { jumpingClock } from "./connect.ts";

const config = (repository: string, account?: string) => ({
  app: "threads",
  account,
  registry: { repository, bundle: "bundle" },
  services: ["web"],
  runtime: { strategy: "recreate" as const },
  environments: {},
});
const host = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";

test("in the sandbox, the account of threads.yml does not count", async () => {
  await using ecr = await fakeEcr();
  const aws = awsOf(ecr);
  const ports = { config: config(`${ecr.host}/threads/`, "123456789012"), aws, clock: jumpingClock() };
  const opened = await openRegistry(ports);
  expect(opened.registry.host).toBe(ecr.host);
  await expect(opened.checkAccount()).resolves.toMatchObject({ account: "000000000000" });
});

test("in AWS, credentials, ECR_REPO and threads.yml must agree", async () => {
  await using ecr = await fakeEcr({ account: "123456789012" });
  const aws = awsOf(ecr);
  const at = `${host}/threads/`;
  const check = async (account?: string, repository = at) =>
    (await openRegistry({ config: config(repository, account), aws, clock: jumpingClock() })).checkAccount();
  await expect(check()).resolves.toMatchObject({ account: "123456789012" });
  await expect(check("999999999999")).rejects.toMatchObject({ code: "WRONG_ACCOUNT" });
  await expect(check(undefined, at.replace("eu-west-1", "us-east-1"))).rejects.toMatchObject({ code: "WRONG_REGION" });
});

describe("a name without a registry", () => {
  const open = (ecr: FakeEcr, repository: string, account?: string) =>
    openRegistry({ config: config(repository, account), aws: awsOf(ecr), clock: jumpingClock() });

  test.each(["threads/", "threads/{service}", "threads"])("%s is in the account of the credentials", async (name) => {
    await using ecr = await fakeEcr({ account: "123456789012" });
    const { repo, registry, checkAccount } = await open(ecr, name);
    expect(registry.host).toBe(host);
    expect(repo.explanation).toContain(`registry ${host} (account 123456789012, eu-west-1) of the credentials, repos`);
    await checkAccount();
    expect(ecr.calls.filter((call) => call === "GetCallerIdentity")).toHaveLength(1);
    expect(ecr.calls.filter((call) => call === "DescribeRepositories")).toHaveLength(name === "threads" ? 1 : 0);
  });

  test("may be one repository for all, which the registry tells", async () => {
    await using ecr = await fakeEcr({ account: "123456789012", repositories: ["threads"] });
    expect((await open(ecr, "threads")).repo.tagFor("web", "v1")).toBe("v1-web");
    expect((await open(ecr, "threads:{service}-{tag}")).repo.tagFor("web", "v1")).toBe("web-v1");
  });

  test("where threads.yml has an account, it is that one's, and the credentials must be too", async () => {
    await using ecr = await fakeEcr({ account: "123456789012" });
    const { repo } = await open(ecr, "threads/", "123456789012");
    expect(repo.explanation).toContain("of threads.yml");
    expect(ecr.calls).toEqual([]);
    const { checkAccount } = await open(ecr, "threads/", "999999999999");
    await expect(checkAccount()).rejects.toMatchObject({ code: "WRONG_ACCOUNT", exitCode: 3 });
    await expect(open(ecr, "threads", "999999999999")).rejects.toMatchObject({ code: "WRONG_ACCOUNT" });
  });

  test("is refused with a sandbox's credentials: no account tells the address of its registry", async () => {
    await using ecr = await fakeEcr();
    await expect(open(ecr, "threads")).rejects.toMatchObject({
      code: "ECR_REPO_INCOMPLETE",
      exitCode: 2,
      next: expect.arrayContaining(['eval "$(threads sandbox env)"']),
    });
  });
});

test("whoever needs only the place asks the registry nothing, however ECR_REPO is written", async () => {
  await using ecr = await fakeEcr({ account: "123456789012" });
  for (const repository of [`${host}/threads`, "threads"]) {
    const { address } = await openPlace({ config: config(repository), aws: awsOf(ecr), clock: jumpingClock() });
    expect(address.host).toBe(host);
  }
  expect(ecr.calls).toEqual(["GetCallerIdentity"]);
});

test("of two failures, the wrong account is told", async () => {
  const fail = (text: string) => () => Promise.reject(new Error(text));
  await expect(both(fail("account"), fail("reading"))).rejects.toThrow("account");
  await expect(both(() => Promise.resolve(), fail("reading"))).rejects.toThrow("reading");
  expect(
    await both(
      () => Promise.resolve(),
      () => Promise.resolve(1),
    ),
  ).toBe(1);
});
