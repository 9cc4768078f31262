import { expect, test } from "vitest";
import { checkAccount } from "../../../src/lib/aws/identity.ts";
import { fakeEcr } from "../../fakes/ecr.ts";

const expected = { account: "123456789012", region: "eu-west-1", configured: undefined };

test("the right account and region pass", async () => {
  await using ecr = await fakeEcr({ account: "123456789012" });
  expect(await checkAccount(ecr.aws, { ...expected, configured: "123456789012" })).toEqual({
    account: "123456789012",
    arn: "arn:aws:iam::123456789012:user/test",
  });
});

test("credentials of another account are refused, and named", async () => {
  await using ecr = await fakeEcr({ account: "999999999999" });
  await expect(checkAccount(ecr.aws, expected)).rejects.toMatchObject({
    code: "WRONG_ACCOUNT",
    exitCode: 3,
    message: expect.stringContaining("arn:aws:iam::999999999999:user/test"),
  });
});

test("real credentials never write to a sandbox's ECR_REPO: the sandbox's account is nobody's", async () => {
  await using ecr = await fakeEcr({ account: "123456789012" });
  const sandbox = { account: "000000000000", region: undefined, configured: undefined };
  await expect(checkAccount(ecr.aws, sandbox)).rejects.toMatchObject({
    code: "WRONG_ACCOUNT",
    next: ['eval "$(threads sandbox env)"'],
  });
});

test("another region, and another account in threads.yml, are refused without asking AWS", async () => {
  await using ecr = await fakeEcr({ account: "123456789012" });
  await expect(checkAccount(ecr.aws, { ...expected, region: "us-east-1" })).rejects.toMatchObject({
    code: "WRONG_REGION",
    next: expect.arrayContaining(["export AWS_REGION=us-east-1"]),
  });
  await expect(checkAccount(ecr.aws, { ...expected, configured: "999999999999" })).rejects.toMatchObject({
    code: "WRONG_ACCOUNT",
  });
  expect(ecr.calls).toEqual([]);
});

test("expired credentials are said to be expired", async () => {
  await using ecr = await fakeEcr();
  ecr.fail({ operation: "GetCallerIdentity", times: 5, how: { error: "ExpiredToken" } });
  await expect(checkAccount(ecr.aws, expected)).rejects.toMatchObject({ code: "CREDENTIALS_EXPIRED", exitCode: 3 });
});
