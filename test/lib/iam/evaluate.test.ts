import { describe, expect, it } from "vitest";
import type { PolicyDocument, PolicyStatement } from "../../../src/lib/iam/document.ts";
import { decide, requireKnown } from "../../../src/lib/iam/evaluate.ts";

const policy = (...statements: readonly Partial<PolicyStatement>[]): PolicyDocument => ({
  Version: "2012-10-17",
  Statement: statements.map((one, place) => ({
    Sid: `S${String(place)}`,
    Effect: "Allow",
    Action: ["ssm:PutParameter"],
    Resource: ["*"],
    ...one,
  })),
});
const access = (resource: string, context: Record<string, string> = {}, action = "ssm:PutParameter") => ({
  action,
  resource,
  context,
});
const lock = "arn:aws:ssm:eu-west-1:000000000000:parameter/shop/prod/lock";

describe("an access", () => {
  it("is not allowed by nobody, and denied by one whatever others allow", () => {
    expect(decide([], access(lock))).toBe("not-allowed");
    expect(decide([policy({})], access(lock))).toBe("allowed");
    expect(decide([policy({}), policy({ Effect: "Deny" })], access(lock))).toBe("denied");
  });

  it.each([
    ["arn:aws:ssm:eu-west-1:000000000000:parameter/shop/prod/lock", "allowed"],
    ["arn:aws:ssm:*:parameter/shop/*", "allowed"],
    ["arn:aws:ssm:eu-west-1:000000000000:parameter/shop/prod/loc?", "allowed"],
    ["arn:aws:ssm:eu-west-1:000000000000:parameter/shop/prod/lock?", "not-allowed"],
    ["arn:aws:ssm:eu-west-1:000000000000:parameter/shop/prod", "not-allowed"],
    ["arn:aws:ssm:eu-west-1:000000000000:parameter/SHOP/*", "not-allowed"],
    ["arn:aws:ssm:eu.west-1:000000000000:parameter/shop/*", "not-allowed"],
  ])("on what %s names is %s", (pattern, decision) => {
    expect(decide([policy({ Resource: [pattern] })], access(lock))).toBe(decision);
  });

  it("has an action in any case, and its wildcards", () => {
    expect(decide([policy({ Action: ["SSM:put*"] })], access(lock))).toBe("allowed");
    expect(decide([policy({ Action: ["ssm:Put"] })], access(lock))).toBe("not-allowed");
  });

  it("must meet every key of a condition with one of its values; a key that is not there meets none", () => {
    const conditional = policy({ Condition: { StringEquals: { "ssm:Overwrite": ["false", "no"], "aws:a": "b" } } });
    expect(decide([conditional], access(lock, { "SSM:overwrite": "false", "aws:a": "b" }))).toBe("allowed");
    expect(decide([conditional], access(lock, { "ssm:Overwrite": "false", "aws:a": "B" }))).toBe("not-allowed");
    expect(decide([conditional], access(lock, { "ssm:Overwrite": "false" }))).toBe("not-allowed");
  });

  it("compares with wildcards where a condition says so, and only there", () => {
    const where = (operator: string) => policy({ Condition: { [operator]: { "x:ref": "o/r/*@refs/heads/prod" } } });
    const asked = access(lock, { "x:ref": "o/r/.github/workflows/a.yml@refs/heads/prod" });
    expect(decide([where("StringLike")], asked)).toBe("allowed");
    expect(decide([where("StringEquals")], asked)).toBe("not-allowed");
    expect(decide([where("StringLike")], access(lock, { "x:ref": "o/r/x@refs/heads/prod2" }))).toBe("not-allowed");
  });

  it("is on one's own name by a variable, whose value is no pattern and must be there", () => {
    const own = policy({ Resource: ["arn:aws:ssm:*:parameter/shop/prod/approvals/*/${aws:username}"] });
    const of = (name: string) => `arn:aws:ssm:eu-west-1:000000000000:parameter/shop/prod/approvals/1f/${name}`;
    expect(decide([own], access(of("ada"), { "aws:username": "ada" }))).toBe("allowed");
    expect(decide([own], access(of("bob"), { "aws:username": "ada" }))).toBe("not-allowed");
    expect(decide([own], access(of("bob"), { "aws:username": "*" }))).toBe("not-allowed");
    expect(decide([own], access(of(""), {}))).toBe("not-allowed");
    expect(decide([policy({ Resource: ["a${*}b"] })], access("a*b"))).toBe("allowed");
    expect(decide([policy({ Resource: ["a${*}b"] })], access("acb"))).toBe("not-allowed");
  });

  it("has variables in a condition as well; what has no value equals nothing, not even what is not there", () => {
    const where = (operator: string, value: string) =>
      policy({ Condition: { [operator]: { "sts:SourceIdentity": value } } });
    const asked = (context: Record<string, string>) => access(lock, context);
    for (const operator of ["StringEquals", "StringLike"]) {
      const own = where(operator, "${AWS:UserName}");
      expect(decide([own], asked({ "aws:username": "ada", "sts:SourceIdentity": "ada" }))).toBe("allowed");
      expect(decide([own], asked({ "aws:username": "ada", "sts:SourceIdentity": "bob" }))).toBe("not-allowed");
      expect(decide([own], asked({ "aws:username": "ada" }))).toBe("not-allowed");
      expect(decide([own], asked({ "sts:SourceIdentity": "" }))).toBe("not-allowed");
      expect(decide([own], asked({}))).toBe("not-allowed");
    }
    const prefixed = where("StringLike", "${aws:username}-*");
    expect(decide([prefixed], asked({ "aws:username": "a*", "sts:SourceIdentity": "a*-1" }))).toBe("allowed");
    expect(decide([prefixed], asked({ "aws:username": "a*", "sts:SourceIdentity": "ab-1" }))).toBe("not-allowed");
  });

  it("has a dollar, a question mark and a star as themselves, and a star goes over every character", () => {
    const on = (pattern: string, resource: string) => decide([policy({ Resource: [pattern] })], access(resource));
    expect([on("a${$}b", "a$b"), on("a${?}b", "a?b"), on("a${?}b", "axb")]).toEqual([
      "allowed",
      "allowed",
      "not-allowed",
    ]);
    expect([on("a*b", "a/:\nb"), on("a?b", "a\nb"), on("a?b", "ab")]).toEqual(["allowed", "allowed", "not-allowed"]);
  });

  it("is decided by whole statements only", () => {
    expect(() => requireKnown(policy({ Condition: { ForAllValues: {} } }))).toThrow(/ForAllValues/);
    expect(() => requireKnown(policy({ NotAction: ["x"] } as Partial<PolicyStatement>))).toThrow(/NotAction/);
    expect(() => requireKnown(policy({}))).not.toThrow();
  });
});
