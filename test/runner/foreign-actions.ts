import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { PolicyDocument } from "../../src/lib/iam/document.ts";
import type { ForeignAction } from "./job.ts";

interface Outside {
  readonly origin: string;
  /** Folder in which artifacts are kept, for whatever run. */
  readonly artifacts: string;
  /** Of the sandbox, and its own key: it stands for GitHub's word in front of AWS. */
  readonly aws: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  /** Who may take a role, as `threads policy iam` prints it. */
  readonly trustOf: (role: string) => PolicyDocument | undefined;
}

/** What the actions of others do that ours use, here: as much of it as ours rely on. */
export function foreignActions(outside: Outside): Readonly<Record<string, ForeignAction>> {
  return {
    "actions/checkout": async (inputs, { workspace, github }) => {
      const depth = inputs["fetch-depth"] === "0" ? [] : ["--depth", "1"];
      const git = (...args: string[]): unknown => execFileSync("git", args, { cwd: workspace, stdio: "pipe" });
      git("init", "-q");
      git("remote", "add", "origin", `file://${outside.origin}`);
      const every = ["+refs/heads/*:refs/remotes/origin/*"];
      git("fetch", "-q", ...depth, "origin", ...(depth.length === 0 ? every : []), github["sha"] ?? "");
      git("checkout", "-q", "--detach", github["sha"] ?? "");
      return {};
    },
    "actions/setup-node": async (_, { folder }) => {
      const prefix = join(folder, "node");
      mkdirSync(join(prefix, "bin"), { recursive: true });
      symlinkSync(process.execPath, join(prefix, "bin", "node"));
      return { path: [join(prefix, "bin")], env: { NPM_CONFIG_PREFIX: prefix } };
    },
    "actions/upload-artifact": async (inputs, { github }) => {
      const to = join(outside.artifacts, github["run_id"] ?? "", inputs["name"] ?? "");
      if (!existsSync(inputs["path"] ?? "")) throw new Error(`there is nothing at ${inputs["path"] ?? ""}`);
      if (existsSync(to) && inputs["overwrite"] !== "true") throw new Error("there is an artifact of that name");
      rmSync(to, { recursive: true, force: true });
      cpSync(inputs["path"] ?? "", to, { recursive: true });
      return {};
    },
    "actions/download-artifact": async (inputs, { github }) => {
      cpSync(join(outside.artifacts, github["run_id"] ?? "", inputs["name"] ?? ""), inputs["path"] ?? "", {
        recursive: true,
      });
      return {};
    },
    "aws-actions/configure-aws-credentials": async (inputs, { job, environment, github }) => {
      if (job.permissions["id-token"] !== "write") throw new Error("the job may not ask for a token");
      const arn = inputs["role-to-assume"] ?? "";
      requireTrusted(outside.trustOf(arn.replace(/.*role\//, "")), {
        aud: "sts.amazonaws.com",
        sub: `repo:${github["repository"] ?? ""}:environment:${environment}`,
      });
      const sts = new STSClient(outside.aws);
      const session = { RoleArn: arn, RoleSessionName: inputs["role-session-name"] };
      const { Credentials: own } = await sts.send(new AssumeRoleCommand(session));
      const key = {
        AWS_ACCESS_KEY_ID: own?.AccessKeyId ?? "",
        AWS_SECRET_ACCESS_KEY: own?.SecretAccessKey ?? "",
        AWS_SESSION_TOKEN: own?.SessionToken ?? "",
      };
      const { Account } = await sts.send(new GetCallerIdentityCommand({}));
      if (Account !== inputs["allowed-account-ids"]) throw new Error(`${Account ?? ""} is not the account`);
      return { env: { ...key, AWS_REGION: inputs["aws-region"] ?? "" } };
    },
  };
}

/** AWS compares what GitHub vouches for with the policy; the branch of the workflow is for tests of that policy. */
function requireTrusted(trust: PolicyDocument | undefined, claims: Readonly<Record<string, string>>): void {
  const [statement] = trust?.Statement ?? [];
  const equals = statement?.Condition?.["StringEquals"] ?? {};
  for (const [name, value] of Object.entries(claims)) {
    const allowed = [equals[`token.actions.githubusercontent.com:${name}`] ?? []].flat();
    if (!allowed.includes(value)) throw new Error(`Not authorized to perform sts:AssumeRoleWithWebIdentity: ${value}`);
  }
}
