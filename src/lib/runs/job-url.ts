/** Where the job of GitHub that this is can be seen; null where it is none. */
export function jobUrl(env: Readonly<Record<string, string | undefined>>): string | null {
  const [server, repository, run] = ["SERVER_URL", "REPOSITORY", "RUN_ID"].map((name) => env[`GITHUB_${name}`]);
  return run === undefined ? null : `${server ?? ""}/${repository ?? ""}/actions/runs/${run}`;
}
