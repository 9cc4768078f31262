import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { AssumeRoleWithWebIdentityCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { ForeignAction } from "./job.ts";

interface Outside {
  readonly origin: string;
  /** Folder in which artifacts are kept, for whatever run. */
  readonly artifacts: string;
  /** Of the sandbox. */
  readonly aws: { readonly endpoint: string; readonly region: string };
  /** Hears of each secret that a job is given. */
  readonly tell?: (secret: string) => void;
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
      if (!existsSync(inputs["path"] ?? "")) {
        if (inputs["if-no-files-found"] === "error") throw new Error(`there is nothing at ${inputs["path"] ?? ""}`);
        return {};
      }
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
    "aws-actions/configure-aws-credentials": async (inputs, _, env) => {
      const asked = {
        RoleArn: inputs["role-to-assume"] ?? "",
        RoleSessionName: inputs["role-session-name"],
        WebIdentityToken: await idToken(env),
      };
      // It has no key before.
      const sts = new STSClient({ ...outside.aws, credentials: { accessKeyId: "none", secretAccessKey: "none" } });
      const { Credentials: own } = await sts.send(new AssumeRoleWithWebIdentityCommand(asked));
      const credentials = {
        accessKeyId: own?.AccessKeyId ?? "",
        secretAccessKey: own?.SecretAccessKey ?? "",
        sessionToken: own?.SessionToken ?? "",
      };
      outside.tell?.(credentials.secretAccessKey);
      outside.tell?.(credentials.sessionToken);
      const { Account } = await new STSClient({ ...outside.aws, credentials }).send(new GetCallerIdentityCommand({}));
      if (Account !== inputs["allowed-account-ids"]) throw new Error(`${Account ?? ""} is not the account`);
      const key = {
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        AWS_SESSION_TOKEN: credentials.sessionToken,
      };
      return { env: { ...key, AWS_REGION: inputs["aws-region"] ?? "" } };
    },
  };
}

/** As the action's toolkit asks GitHub for one, for its usual audience. */
async function idToken(env: Readonly<Record<string, string>>): Promise<string> {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: token } = env;
  if (url === undefined || token === undefined) throw new Error("the job may not ask for a token");
  const reply = await fetch(`${url}&audience=sts.amazonaws.com`, { headers: { authorization: `Bearer ${token}` } });
  if (!reply.ok) throw new Error(`HTTP ${reply.status}: ${await reply.text()}`);
  return ((await reply.json()) as { readonly value: string }).value;
}
