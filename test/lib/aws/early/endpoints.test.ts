import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { DescribeRegistryCommand } from "@aws-sdk/client-ecr";
import { GetParameterCommand } from "@aws-sdk/client-ssm";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { awsClients } from "../../../../src/lib/aws/clients.ts";
import { earlyEndpoints } from "../../../../src/lib/aws/early/endpoints.ts";

const all = ["ecr", "ssm", "sts"] as const;
const hosts = (env: Record<string, string>): string[] => [
  ...new Set(
    earlyEndpoints(all, env).map(({ host, port, secure }) => `${secure ? "https" : "http"}://${host}:${port}`),
  ),
];

// A fake of another test may have left its own.
beforeEach(() => void vi.stubEnv("AWS_ENDPOINT_URL", ""));
afterEach(() => void vi.unstubAllEnvs());

describe("where the SDK will connect to", () => {
  it.each(["eu-west-1", "cn-north-1", "us-gov-west-1", "us-east-1"])(
    "is what the SDK itself says, in %s",
    async (region) => {
      const clients = awsClients({ region });
      const said = await Promise.all([
        hostOf(await clients.ecr(), new DescribeRegistryCommand({})),
        hostOf(await clients.ssm(), new GetParameterCommand({ Name: "a" })),
        hostOf(await clients.sts(), new GetCallerIdentityCommand({})),
      ]);
      expect(hosts({ AWS_REGION: region })).toEqual(said.map((host) => `https://${host}:443`));
    },
  );

  it("is the endpoint of the environment, the service's own first", () => {
    const env = {
      AWS_ENDPOINT_URL: "http://127.0.0.1:4566",
      AWS_ENDPOINT_URL_ECR: "https://ecr.test",
      AWS_REGION: "eu-west-1",
    };
    expect(hosts(env)).toEqual(["https://ecr.test:443", "http://127.0.0.1:4566"]);
    expect(hosts({ AWS_ENDPOINT_URL: "http://[::1]:4566" })).toEqual(["http://::1:4566"]);
  });

  it("is taken from ECR_REPO where no region is set", () => {
    const env = { ECR_REPO: "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/threads" };
    expect(hosts(env)[0]).toBe("https://api.ecr.cn-north-1.amazonaws.com.cn:443");
  });

  it.each([
    ["nothing is known", {}],
    ["a proxy is set", { AWS_REGION: "eu-west-1", https_proxy: "http://proxy:3128" }],
    ["other certificates are to be trusted", { AWS_REGION: "eu-west-1", AWS_CA_BUNDLE: "/ca.pem" }],
    ["FIPS is asked for", { AWS_REGION: "us-east-1", AWS_USE_FIPS_ENDPOINT: "true" }],
    ["dual stack is asked for", { AWS_REGION: "us-east-1", AWS_USE_DUALSTACK_ENDPOINT: "true" }],
    ["endpoints are to be ignored", { AWS_ENDPOINT_URL: "http://a", AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" }],
    ["the partition has other names", { AWS_REGION: "us-iso-east-1" }],
    ["the endpoint is no address", { AWS_ENDPOINT_URL: "127.0.0.1:4566" }],
    ["the region is no name", { AWS_REGION: "eu west" }],
  ])("is not guessed where %s", (_, env) => {
    expect(earlyEndpoints(all, env)).toEqual([]);
  });
});

interface Client {
  readonly config: { credentials: unknown; requestHandler: unknown };
  send(command: object): Promise<unknown>;
}

/** What the SDK would connect to: the request is stopped where it would be sent. */
async function hostOf(client: object, command: object): Promise<string> {
  let host = "";
  const sdk = client as Client;
  sdk.config.credentials = () => Promise.resolve({ accessKeyId: "none", secretAccessKey: "none" });
  sdk.config.requestHandler = {
    handle: ({ hostname }: { hostname: string }) => {
      host = hostname;
      return Promise.reject(new Error("stopped"));
    },
  };
  await expect(sdk.send(command)).rejects.toThrow("stopped");
  return host;
}
