import {
  DeleteParameterCommand,
  DeleteParametersCommand,
  DescribeParametersCommand,
  GetParameterCommand,
  GetParameterHistoryCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  LabelParameterVersionCommand,
  PutParameterCommand,
  type PutParameterCommandInput,
  UnlabelParameterVersionCommand,
} from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startHarness, type SsmHarness } from "./harness.ts";

describe("Parameter Store", () => {
  let ssm: SsmHarness;
  beforeAll(async () => {
    ssm = await startHarness();
  });
  afterAll(() => ssm.close());

  const put = (Name: string, Value: string, input: Partial<PutParameterCommandInput> = {}) =>
    ssm.client.send(new PutParameterCommand({ Name, Value, Type: "String", ...input }));
  const get = async (Name: string, WithDecryption = false) =>
    (await ssm.client.send(new GetParameterCommand({ Name, WithDecryption }))).Parameter;
  const nameOf = (work: Promise<unknown>) =>
    work.then(
      () => "accepted",
      (error: unknown) => (error as Error).name,
    );

  it("creates only what is absent, unless told to overwrite; versions count up", async () => {
    expect(await put("/app/a", "one")).toMatchObject({ Version: 1, Tier: "Standard" });
    expect(await nameOf(put("/app/a", "two"))).toBe("ParameterAlreadyExists");
    expect(await put("/app/a", "two", { Overwrite: true })).toMatchObject({ Version: 2 });
    expect(await put("/app/a", "two", { Overwrite: true, Type: undefined })).toMatchObject({ Version: 3 });
    expect(await get("/app/a")).toMatchObject({
      Name: "/app/a",
      Type: "String",
      Value: "two",
      Version: 3,
      ARN: "arn:aws:ssm:eu-west-1:000000000000:parameter/app/a",
      DataType: "text",
    });
    expect((await get("/app/a"))?.LastModifiedDate).toBeInstanceOf(Date);
  });

  it("has exactly one winner when many create the same name", async () => {
    const writers = Array.from({ length: 20 }, (_, index) => put("/race/000001", `writer ${index}`));
    const outcomes = await Promise.allSettled(writers);
    const winners = outcomes.flatMap((one, index) => (one.status === "fulfilled" ? [index] : []));
    expect(winners).toHaveLength(1);
    expect((await get("/race/000001"))?.Value).toBe(`writer ${winners[0]}`);
    const losers = outcomes.filter((one) => one.status === "rejected");
    expect(new Set(losers.map((one) => (one.reason as Error).name))).toEqual(new Set(["ParameterAlreadyExists"]));
  });

  it("keeps everything over a restart of the server", async () => {
    await put("/kept/a", "still here");
    await ssm.restart();
    expect((await get("/kept/a"))?.Value).toBe("still here");
  });

  it("holds values to the limits of their tier", async () => {
    expect(await put("/size/limit", "x".repeat(4096))).toMatchObject({ Tier: "Standard" });
    expect(await nameOf(put("/size/over", "x".repeat(4097)))).toBe("ValidationException");
    expect(await put("/size/advanced", "x".repeat(8192), { Tier: "Advanced" })).toMatchObject({ Tier: "Advanced" });
    expect(await nameOf(put("/size/huge", "x".repeat(8193), { Tier: "Advanced" }))).toBe("ValidationException");
    const smart = await put("/size/smart", "x".repeat(5000), { Tier: "Intelligent-Tiering" });
    expect(smart.Tier).toBe("Advanced");
    const back = put("/size/advanced", "x", { Tier: "Standard", Overwrite: true });
    expect(await nameOf(back)).toBe("ValidationException");
    expect(await nameOf(put("/size/empty", ""))).toBe("ValidationException");
    expect(await nameOf(put("/size/nest", "a {{ssm:/x}} b"))).toBe("ValidationException");
    expect(await nameOf(put("/size/json", JSON.stringify({ a: { b: {} } })))).toBe("accepted");
  });

  it("refuses bad names", async () => {
    const refused = (name: string) => nameOf(put(name, "x"));
    expect(await refused("/aws/x")).toBe("AccessDeniedException");
    for (const name of ["aws-x", "/awsome", "ssm", "/SSM/x", "/a b", "/a//b", "/a/", "a/b", "/ä", "/a:b"]) {
      expect([name, await refused(name)]).toEqual([name, "ValidationException"]);
    }
    expect(await refused(`/${Array.from({ length: 15 }, () => "l").join("/")}`)).toBe("accepted");
    expect(await refused(`/${Array.from({ length: 16 }, () => "l").join("/")}`)).toBe(
      "HierarchyLevelLimitExceededException",
    );
    expect(await refused(`/${"n".repeat(1000)}`)).toBe("ValidationException");
    expect(await refused("plain.name_1-x")).toBe("accepted");
    expect((await get("plain.name_1-x"))?.ARN).toBe("arn:aws:ssm:eu-west-1:000000000000:parameter/plain.name_1-x");
    expect((await get("arn:aws:ssm:eu-west-1:000000000000:parameter/plain.name_1-x"))?.Value).toBe("x");
  });

  it("refuses tags together with Overwrite, a missing or changed type, and unknown types", async () => {
    const Tags = [{ Key: "owner", Value: "me" }];
    expect(await nameOf(put("/tags/a", "x", { Tags, Overwrite: true }))).toBe("ValidationException");
    expect(await nameOf(put("/tags/a", "x", { Tags }))).toBe("accepted");
    expect(await nameOf(put("/types/a", "x", { Type: undefined }))).toBe("ValidationException");
    expect(await nameOf(put("/tags/a", "x", { Type: "SecureString", Overwrite: true }))).toBe(
      "HierarchyTypeMismatchException",
    );
    expect(await nameOf(put("/types/b", "x", { Type: "Number" as "String" }))).toBe("ValidationException");
    expect(await nameOf(put("/types/c", "x", { AllowedPattern: "^[0-9]+$" }))).toBe(
      "ParameterPatternMismatchException",
    );
  });

  it("selects versions and labels", async () => {
    await put("/sel/a", "one");
    await put("/sel/a", "two", { Overwrite: true });
    const label = new LabelParameterVersionCommand({ Name: "/sel/a", ParameterVersion: 1, Labels: ["good"] });
    expect(await ssm.client.send(label)).toMatchObject({ InvalidLabels: [], ParameterVersion: 1 });
    expect(await get("/sel/a:1")).toMatchObject({ Value: "one", Version: 1, Selector: ":1", Name: "/sel/a" });
    expect(await get("/sel/a:good")).toMatchObject({ Value: "one", Selector: ":good" });
    expect(await get("/sel/a")).toMatchObject({ Value: "two" });
    expect(await nameOf(get("/sel/none"))).toBe("ParameterNotFound");
    expect(await nameOf(get("/sel/a:9"))).toBe("ParameterVersionNotFound");
    expect(await nameOf(get("/sel/a:bad"))).toBe("ParameterVersionNotFound");
  });

  it("moves labels, and reports those with a wrong shape with 200", async () => {
    await put("/lab/a", "one");
    await put("/lab/a", "two", { Overwrite: true });
    const label = (Labels: string[], ParameterVersion?: number) =>
      ssm.client.send(new LabelParameterVersionCommand({ Name: "/lab/a", Labels, ParameterVersion }));
    await label(["live"], 1);
    expect(await label(["live"])).toMatchObject({ ParameterVersion: 2 });
    expect((await get("/lab/a:live"))?.Version).toBe(2);
    const wrong = ["1abc", "aws-x", "SSMx", "a b", "x".repeat(101)];
    expect((await label(wrong)).InvalidLabels).toEqual(wrong);
    expect(await nameOf(label(["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"], 2))).toBe(
      "ParameterVersionLabelLimitExceeded",
    );
    expect(await nameOf(label(["x"], 9))).toBe("ParameterVersionNotFound");
    const unlabel = new UnlabelParameterVersionCommand({ Name: "/lab/a", ParameterVersion: 2, Labels: ["live", "no"] });
    expect(await ssm.client.send(unlabel)).toMatchObject({ RemovedLabels: ["live"], InvalidLabels: ["no"] });
    expect(await nameOf(get("/lab/a:live"))).toBe("ParameterVersionNotFound");
  });

  it("drops the oldest of 100 versions, but not while it has a label", async () => {
    for (let version = 1; version <= 101; version += 1) await put("/many/a", `v${version}`, { Overwrite: version > 1 });
    expect(await nameOf(get("/many/a:1"))).toBe("ParameterVersionNotFound");
    const first = await ssm.client.send(new GetParameterHistoryCommand({ Name: "/many/a" }));
    expect(first.Parameters).toHaveLength(50);
    expect(first.Parameters?.[0]).toMatchObject({ Version: 2, Value: "v2", Labels: [] });
    expect(first.Parameters?.[0]?.LastModifiedUser).toMatch(/^arn:aws:iam::/);
    const rest = new GetParameterHistoryCommand({ Name: "/many/a", NextToken: first.NextToken });
    expect((await ssm.client.send(rest)).Parameters?.at(-1)?.Version).toBe(101);
    await ssm.client.send(new LabelParameterVersionCommand({ Name: "/many/a", ParameterVersion: 2, Labels: ["live"] }));
    const next = () => put("/many/a", "next", { Overwrite: true });
    expect(await nameOf(next())).toBe("ParameterMaxVersionLimitExceeded");
    await ssm.client.send(new LabelParameterVersionCommand({ Name: "/many/a", Labels: ["live"] }));
    expect(await next()).toMatchObject({ Version: 102 });
  });

  it("gets up to ten by name and lists the missing ones", async () => {
    await put("/batch/a", "a");
    const ask = (Names: string[]) => ssm.client.send(new GetParametersCommand({ Names }));
    const found = await ask(["/batch/a", "/batch/none", "/batch/a:7", "/batch/a:1"]);
    expect(found.Parameters?.map((one) => one.Selector)).toEqual([undefined, ":1"]);
    expect(found.InvalidParameters).toEqual(["/batch/none", "/batch/a:7"]);
    expect(await nameOf(ask(Array.from({ length: 11 }, (_, index) => `/batch/${index}`)))).toBe("ValidationException");
  });

  it("gets by path: one level or all, ten a page, in the order of names", async () => {
    for (let index = 12; index >= 1; index -= 1) await put(`/path/n${String(index).padStart(6, "0")}`, String(index));
    await put("/path/n000001/outcome", "done");
    await put("/pathological", "not below");
    const ask = (input: Partial<ConstructorParameters<typeof GetParametersByPathCommand>[0]>) =>
      ssm.client.send(new GetParametersByPathCommand({ Path: "/path", ...input }));
    const first = await ask({});
    expect(first.Parameters).toHaveLength(10);
    expect(first.Parameters?.[0]?.Name).toBe("/path/n000001");
    const second = await ask({ NextToken: first.NextToken });
    expect(second.Parameters?.map((one) => one.Name)).toEqual(["/path/n000011", "/path/n000012"]);
    expect(second.NextToken).toBeUndefined();
    const deep = await ask({ Recursive: true, MaxResults: 2, Path: "/path/" });
    expect(deep.Parameters?.map((one) => one.Name)).toEqual(["/path/n000001", "/path/n000001/outcome"]);
    expect((await ask({ Path: "/nothing" })).Parameters).toEqual([]);
    expect(await nameOf(ask({ MaxResults: 11 }))).toBe("ValidationException");
    expect(await nameOf(ask({ Path: "path" }))).toBe("ValidationException");
    expect(await nameOf(ask({ NextToken: "garbage" }))).toBe("InvalidNextToken");
  });

  it("gives SecureStrings in clear only with decryption", async () => {
    await put("/secure/a", "p4ssw0rd", { Type: "SecureString" });
    const hidden = await get("/secure/a");
    expect(hidden).toMatchObject({ Type: "SecureString" });
    expect(hidden?.Value).toMatch(/^AQICAHh[A-Za-z0-9+/=]+$/);
    expect((await get("/secure/a", true))?.Value).toBe("p4ssw0rd");
    const described = await ssm.client.send(
      new DescribeParametersCommand({ ParameterFilters: [{ Key: "Name", Values: ["/secure/a"] }] }),
    );
    expect(described.Parameters?.[0]).toMatchObject({ Name: "/secure/a", KeyId: "alias/aws/ssm", Version: 1 });
    expect(JSON.stringify(described)).not.toContain("p4ssw0rd");
  });

  it("deletes, and then counts from 1 again", async () => {
    await put("/del/a", "one");
    await put("/del/a", "two", { Overwrite: true });
    await ssm.client.send(new DeleteParameterCommand({ Name: "/del/a" }));
    expect(await nameOf(ssm.client.send(new DeleteParameterCommand({ Name: "/del/a" })))).toBe("ParameterNotFound");
    expect(await put("/del/a", "new")).toMatchObject({ Version: 1 });
    const both = new DeleteParametersCommand({ Names: ["/del/a", "/del/none"] });
    expect(await ssm.client.send(both)).toMatchObject({
      DeletedParameters: ["/del/a"],
      InvalidParameters: ["/del/none"],
    });
  });

  it("describes by filter", async () => {
    await put("/desc/x/a", "1");
    await put("/desc/x/y/b", "2", { Description: "the second", Tags: [{ Key: "team", Value: "ops" }] });
    const names = async (Key: string, Option: string | undefined, ...Values: string[]) => {
      const ask = new DescribeParametersCommand({ ParameterFilters: [{ Key, Option, Values }] });
      return (await ssm.client.send(ask)).Parameters?.map((one) => one.Name);
    };
    expect(await names("Path", "Recursive", "/desc")).toEqual(["/desc/x/a", "/desc/x/y/b"]);
    expect(await names("Path", undefined, "/desc/x")).toEqual(["/desc/x/a"]);
    expect(await names("Name", "BeginsWith", "/desc/x/y")).toEqual(["/desc/x/y/b"]);
    expect(await names("tag:team", undefined, "ops")).toEqual(["/desc/x/y/b"]);
    expect(await nameOf(names("Colour", undefined, "red"))).toBe("InvalidFilterKey");
  });
});
