import { expect, test } from "vitest";
import { principalOf, principalPath } from "../../../src/lib/ledger/principal.ts";

const account = "123456789012";

test.each([
  [`arn:aws:iam::${account}:user/ada`, "user/ada"],
  [`arn:aws:iam::${account}:user/people/release/ada`, "user/ada"],
  // Whoever takes a role calls the session what they like.
  [`arn:aws:sts::${account}:assumed-role/approver/bob`, "role/approver"],
  [`arn:aws:sts::${account}:assumed-role/approver/ada@example.com`, "role/approver"],
  // But for the roles of Identity Center, which nobody else can take.
  [
    `arn:aws:sts::${account}:assumed-role/AWSReservedSSO_Approver_0123456789abcdef/ada@example.com`,
    "sso/ada@example.com",
  ],
  [`arn:aws-us-gov:iam::${account}:user/ada`, "user/ada"],
  [`arn:aws:iam::${account}:root`, undefined],
  [`arn:aws:sts::${account}:federated-user/ada`, undefined],
  [`arn:aws:iam::${account}:role/approver`, undefined],
  [`arn:aws:sts::${account}:assumed-role/approver`, undefined],
  [`arn:aws:s3:::user/ada`, undefined],
  ["ada", undefined],
  ["", undefined],
])("AWS vouches for %s as %s", (arn, principal) => {
  expect(principalOf(arn)).toBe(principal);
});

test("in the name of a parameter there is no other character than it takes", () => {
  expect(principalPath("sso/ada+x@example.com")).toBe("sso/ada-x-example.com");
  expect(principalPath("user/ada_b.c-d")).toBe("user/ada_b.c-d");
});
