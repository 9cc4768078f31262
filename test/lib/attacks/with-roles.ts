import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import type { AwsClients } from "../../../src/lib/aws/clients.ts";
import type { Config } from "../../../src/lib/config/config.ts";
import { documentOf, type PolicyDocument } from "../../../src/lib/iam/document.ts";
import { subjectOf } from "../../../src/lib/iam/from-config.ts";
import type { Job } from "../../../src/lib/iam/role.ts";
import { rolesOf } from "../../../src/lib/iam/roles.ts";
import { clients } from "../faults/world.ts";
import { account, type OpenSandbox, region } from "../sandbox/server/open-sandbox.ts";

/** The roles that `threads policy iam` prints, which the sandbox enforces from now on. */
export interface WithRoles extends Disposable {
  /** Clients with the credentials of one of them. @param environment of those that are about one */
  as(job: Job, environment?: string): Promise<AwsClients>;
}

/** Whoever has taken a role is nobody's workflow here. */
const trust: PolicyDocument = {
  Version: "2012-10-17",
  Statement: [
    {
      Sid: "All",
      Effect: "Allow",
      Action: ["sts:AssumeRole", "sts:SetSourceIdentity"],
      Principal: { AWS: `arn:aws:iam::${account}:root` },
    },
  ],
};

export async function withRoles({ url, sts }: OpenSandbox, config: Config): Promise<WithRoles> {
  const roles = rolesOf(subjectOf(config, region));
  const wanted = roles.map(({ name, permissions }) => ({ name, policy: documentOf(permissions), trust }));
  const answer = await fetch(`${url}/_sandbox/roles`, { method: "PUT", body: JSON.stringify({ roles: wanted }) });
  if (!answer.ok) throw new Error(await answer.text());
  const taken = new Map<string, ReturnType<typeof clients>>();
  return {
    as: async (job, environment) => {
      const role = roles.find((one) => one.job === job && (one.environment ?? environment) === environment);
      if (role === undefined) throw new Error(`there is no ${job} of ${environment ?? "all"}`);
      const there = taken.get(role.name);
      if (there !== undefined) return there.aws;
      const asked = {
        RoleArn: `arn:aws:iam::${account}:role/${role.name}`,
        RoleSessionName: "eve",
        SourceIdentity: "eve",
      };
      const { Credentials: { AccessKeyId, SecretAccessKey, SessionToken } = {} } = await sts.send(
        new AssumeRoleCommand(asked),
      );
      const opened = clients(url, 1, {
        accessKeyId: AccessKeyId,
        secretAccessKey: SecretAccessKey,
        sessionToken: SessionToken,
      });
      taken.set(role.name, opened);
      return opened.aws;
    },
    [Symbol.dispose]: () => {
      for (const { end } of taken.values()) end();
    },
  };
}
