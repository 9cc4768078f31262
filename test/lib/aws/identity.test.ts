import { expect, test } from "vitest";
import { callerIdentity, checkAccount, type ExpectedAccount, type Identity } from "../../../src/lib/aws/identity.ts";
import { type FakeEcr, fakeEcr } from "../../fakes/ecr.ts";
import { hurriedClock } from "../../fakes/hurried-clock.ts";

const expected = { account: "123456789012", region: "eu-west-1", configured: undefined };

function check({ aws }: FakeEcr, what: ExpectedAccount): Promise<Identity> {
  return checkAccount(what, { region: aws.region, identify: () => callerIdentity({ aws, clock: hurriedClock() }) });
}

test("the right account and region pass", async () => {
  await using ecr = await fakeEcr({ account: "123456789012" });
  expect(await check(ecr, { ...expected, configured: "123456789012" })).toEqual({
    account: "123456789012",
    arn: "arn:aws:iam::123456789012:user/test",
  });
});

test("credentials of another account are refused, and named", async () => {
  await using ecr = await fakeEcr({ account: "999999999999" });
  await expect(check(ecr, expected)).rejects.toMatchObject({
    code: "WRONG_ACCOUNT",
    exitCode: 3,
    message: expect.stringContaining("arn:aws:iam::999999999999:user/test"),
  });
});

test("real credentials never write to a sandbox's ECR_REPO: the sandbox's account is nobody's", async () => {
  await using ecr = await fakeEcr({ account: "123456789012" });
  const sandbox = { account: "000000000000", region: undefined, configured: undefined };
  await expect(check(ecr, sandbox)).rejects.toMatchObject({
    code: "WRONG_ACCOUNT",
    next: ['eval "$(threads sandbox env)"'],
  });
});

test("another region, and another account in threads.yml, are refused without asking AWS", async () => {
  await using ecr = await fakeEcr({ account: "123456789012" });
  await expect(check(ecr, { ...expected, region: "us-east-1" })).rejects.toMatchObject({
    code: "WRONG_REGION",
    next: expect.arrayContaining(["export AWS_REGION=us-east-1"]),
  });
  await expect(check(ecr, { ...expected, configured: "999999999999" })).rejects.toMatchObject({
    code: "WRONG_ACCOUNT",
  });
  expect(ecr.calls).toEqual([]);
});

test("expired credentials are said to be expired", async () => {
  await using ecr = await fakeEcr();
  ecr.fail({ operation: "GetCallerIdentity", times: 5, how: { error: "ExpiredToken" } });
  await expect(check(ecr, expected)).rejects.toMatchObject({ code: "CREDENTIALS_EXPIRED", exitCode: 3 });
});

test("throttling of STS is waited out", async () => {
  await using ecr = await fakeEcr({ account: "123456789012", attempts: 1 });
  ecr.fail({ operation: "GetCallerIdentity", times: 10, how: { error: "Throttling" } });
  expect(await check(ecr, expected)).toMatchObject({ account: "123456789012" });
});
