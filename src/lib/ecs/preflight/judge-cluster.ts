import type { Cluster } from "@aws-sdk/client-ecs";
import { awsLine, type PreflightFinding } from "./finding.ts";

/** @param found undefined where ECS has none of that name. @param cluster as threads.yml has it */
export function judgeCluster(found: Cluster | undefined, cluster: string): readonly PreflightFinding[] {
  if (found === undefined)
    return [
      {
        state: "fail",
        says: `there is no cluster ${cluster} in this account and region`,
        next: [awsLine("ecs", "list-clusters"), awsLine("sts", "get-caller-identity")],
      },
    ];
  if (found.status === "ACTIVE") return [];
  const says = `the cluster ${cluster} is ${found.status ?? "in no state that ECS names"}, and takes tasks only when it is ACTIVE`;
  return [{ state: "fail", says, next: [awsLine("ecs", "describe-clusters", "--clusters", cluster)] }];
}
