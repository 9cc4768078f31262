import { type Check, type DoctorFinding, ok } from "../check.ts";

/** Only in GitHub Actions: elsewhere it has nothing to say. */
export const githubCheck: Check = {
  id: "github",
  title: "GitHub Actions",
  look: async (ports) => {
    if (ports.env["GITHUB_ACTIONS"] !== "true") return [];
    const environments = (await ports.environments()).map(({ name }) => name);
    return [judgeGithub(ports.env, environments)];
  },
};

/**
 * Both forms of the OIDC subject that a trust policy may have to name: repositories made since 15 July 2026 send the one
 * with ids, older ones the one without (aws-actions/configure-aws-credentials, README).
 */
export function judgeGithub(
  env: Readonly<Record<string, string | undefined>>,
  environments: readonly string[],
): DoctorFinding {
  const details = subjects(env, environments);
  const mayAsk = (env["ACTIONS_ID_TOKEN_REQUEST_URL"] ?? "") !== "";
  if (mayAsk || (env["AWS_ACCESS_KEY_ID"] ?? "") !== "")
    return ok("a trust policy of AWS has to accept the subject of the job's environment, in one of two forms", details);
  return {
    state: "warn",
    says: "this job may not ask for an OIDC token, and has no other AWS credentials",
    details,
    advice: [
      "give the job permissions: { id-token: write, contents: read }",
      "run aws-actions/configure-aws-credentials before threads",
    ],
  };
}

function subjects(env: Readonly<Record<string, string | undefined>>, environments: readonly string[]): string[] {
  const [owner = "OWNER", name = "REPO"] = (env["GITHUB_REPOSITORY"] ?? "").split("/").filter((part) => part !== "");
  const withIds = `${owner}@${env["GITHUB_REPOSITORY_OWNER_ID"] ?? "OWNER_ID"}/${name}@${env["GITHUB_REPOSITORY_ID"] ?? "REPO_ID"}`;
  return environments.map(
    (environment) => `repo:${owner}/${name}:environment:${environment} or repo:${withIds}:environment:${environment}`,
  );
}
