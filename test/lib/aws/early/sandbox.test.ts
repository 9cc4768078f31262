import { expect, it } from "vitest";
import { isSandbox } from "../../../../src/lib/aws/early/sandbox.ts";

it.each([
  [true, { AWS_ENDPOINT_URL: "http://127.0.0.1:4566" }],
  [true, { AWS_ENDPOINT_URL_SSM: "http://[::1]:80" }],
  [true, { AWS_ENDPOINT_URL: "http://localhost.localstack.cloud.localhost:4566" }],
  [true, { AWS_ENDPOINT_URL_ECR: "https://localhost" }],
  [false, { AWS_ENDPOINT_URL: "https://vpce-1.ssm.eu-west-1.vpce.amazonaws.com" }],
  [false, { AWS_ENDPOINT_URL: "localhost" }],
  [false, { AWS_ENDPOINT_URLS: "http://localhost", ECR_REPO: "http://localhost/threads" }],
  [false, { AWS_ENDPOINT_URL: undefined }],
])("is %s of %j", (is, env) => {
  expect(isSandbox(env)).toBe(is);
});
