import { expect, test } from "vitest";
import { openRegistry } from "../../../src/lib/registry/open.ts";
import { whileChecking } from "../../../src/lib/registry/while-checking.ts";
import { awsOf, fakeEcr } from "../../fakes/ecr.ts";
import { jumpingClock } from "./connect.ts";

const config = (repository: string, account?: string) => ({
  app: "threads",
  account,
  registry: { repository, bundle: "bundle" },
});

test("in the sandbox, the account of threads.yml does not count", async () => {
  await using ecr = await fakeEcr();
  const aws = awsOf(ecr);
  const opened = openRegistry({ config: config(`${ecr.host}/threads`, "123456789012"), aws, clock: jumpingClock() });
  expect(opened.registry.host).toBe(ecr.host);
  await expect(opened.checkAccount()).resolves.toMatchObject({ account: "000000000000" });
});

test("in AWS, credentials, ECR_REPO and threads.yml must agree", async () => {
  await using ecr = await fakeEcr({ account: "123456789012" });
  const aws = awsOf(ecr);
  const at = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/threads";
  const open = (account?: string, repository = at) =>
    openRegistry({ config: config(repository, account), aws, clock: jumpingClock() });
  await expect(open().checkAccount()).resolves.toMatchObject({ account: "123456789012" });
  await expect(open("999999999999").checkAccount()).rejects.toMatchObject({ code: "WRONG_ACCOUNT" });
  const elsewhere = at.replace("eu-west-1", "us-east-1");
  await expect(open(undefined, elsewhere).checkAccount()).rejects.toMatchObject({ code: "WRONG_REGION" });
  expect(open("123456789012", "app").registry.host).toBe("123456789012.dkr.ecr.eu-west-1.amazonaws.com");
});

test("of two failures, the wrong account is told", async () => {
  const fail = (text: string) => () => Promise.reject(new Error(text));
  await expect(whileChecking(fail("account"), fail("reading"))).rejects.toThrow("account");
  await expect(whileChecking(() => Promise.resolve(), fail("reading"))).rejects.toThrow("reading");
  expect(
    await whileChecking(
      () => Promise.resolve(),
      () => Promise.resolve(1),
    ),
  ).toBe(1);
});
