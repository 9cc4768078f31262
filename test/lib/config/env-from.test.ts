import { expect, test } from "vitest";
import { parseThreadsYaml } from "../../../src/lib/config/parse.ts";
import { ThreadsError } from "../../../src/lib/errors/threads-error.ts";

const file = (runtime: string, prod: string): string => `app: shop
services: [web]
smoke: { compose: compose.yml, entry: { service: web, port: 3000 }, checks: [{ path: / }] }
runtime: { compose: compose.yml${runtime === "" ? "" : `, env_from: ${JSON.stringify(runtime)}`} }
environments: { prod: { hosts: { tag: env=prod }${prod === "" ? "" : `, env_from: ${JSON.stringify(prod)}`} } }
`;
const arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/prod-AbCdEf";

test.each([
  "/threads/prod/",
  "/threads/prod",
  "/one/",
  "/a.b/c_d/e-f/",
  "secretsmanager:shop/prod",
  `secretsmanager:${arn}`,
  `secretsmanager:${arn.replace("aws", "aws-us-gov")}`,
])("an environment is made from %s, of all environments or of one", (from) => {
  const { runtime, environments } = parseThreadsYaml(file(from, from), "threads.yml");
  expect([runtime.envFrom, environments["prod"]?.envFrom]).toEqual([from, from]);
});

test("from nowhere, unless it is said", () => {
  const { runtime, environments } = parseThreadsYaml(file("", ""), "threads.yml");
  expect("envFrom" in runtime || "envFrom" in environments["prod"]!).toBe(false);
});

test.each([
  "/",
  "threads/prod/",
  "/threads//prod/",
  "/threads/p rod/",
  "ssm:/threads/prod/",
  "secretsmanager:",
  "secretsmanager: shop",
  "secretsmanager:arn:aws:ssm:eu-west-1:123456789012:parameter/shop",
  "secretsmanager:arn:aws:secretsmanager:eu-west-1:12:secret:shop",
  arn,
])("anything else is one mistake, with what there can be: %s", (from) => {
  const refused = (): unknown => parseThreadsYaml(file("", from), "threads.yml");
  expect(refused).toThrow(ThreadsError);
  let details: readonly string[] = [];
  try {
    refused();
  } catch (error) {
    ({ details } = error as ThreadsError);
  }
  expect(details).toEqual([
    expect.stringMatching(
      /^threads\.yml:5:\d+ environments\.prod\.env_from: must be: a path of Parameter Store \(\/app\/prod\/\), or secretsmanager: and the name or ARN of a secret$/,
    ),
  ]);
});
