import type { Service } from "@aws-sdk/client-ecs";
import { commandText } from "../../process/processes.ts";
import type { ServiceSettings } from "../task-definition.ts";
import type { PreflightFinding } from "./finding.ts";
import { judgeFitness, type Standing, update } from "./judge-fitness.ts";

/** What a service does while it changes. ECS fills in what was not said: 100 and 200, no breaker, zones balanced. */
export function judgeChange(service: Service, wanted: ServiceSettings): readonly PreflightFinding[] {
  const standing = standingOf(service, wanted);
  return [...judgeFitness(standing), ...judgeStrategy(service, wanted, standing)];
}

/** What threads.yml says of it is for a service that is made: a deployment changes nothing of one that is there. */
function judgeStrategy(service: Service, wanted: ServiceSettings, standing: Standing): readonly PreflightFinding[] {
  const { name, strategy, isSingle } = standing;
  const { deploymentConfiguration: usual } = wanted;
  const { strategy: said, deploymentCircuitBreaker } = service.deploymentConfiguration ?? {};
  const { enable = false, rollback = false } = deploymentCircuitBreaker ?? {};
  // What is not said stays as it is, so that the way back to ROLLING has to be.
  const whole = said === undefined ? usual : { strategy: "ROLLING", ...usual };
  const configure = update(standing, "--deployment-configuration", JSON.stringify(whole));
  // Of a singleton that is a failure of its own.
  if (strategy !== (usual.strategy ?? "ROLLING") && !isSingle)
    return [
      {
        state: "warn",
        says: `${name} changes by ${strategy}, and threads.yml has ${usual.strategy ?? "ROLLING"}: a deployment leaves that as it is`,
        next: [`${configure}${balancersOf(wanted)}`],
      },
    ];
  // It is for tasks that are replaced one by one alone.
  if (strategy !== "ROLLING" || (enable && rollback)) return [];
  return [
    {
      state: "warn",
      says: `the circuit breaker of ${name} ${enable ? "goes back to nothing (rollback)" : "is off"}: a release that does not come up is tried for hours`,
      next: [configure],
    },
  ];
}

/** What ECS shifts between belongs to its load balancers, and a service has to be told both at once. */
function balancersOf({ loadBalancers }: ServiceSettings): string {
  if (loadBalancers === undefined) return "";
  return ` ${commandText({ file: "--load-balancers", args: [JSON.stringify(loadBalancers)] })}`;
}

export function standingOf(
  service: Service,
  { cluster, serviceName, deploymentConfiguration }: ServiceSettings,
): Standing {
  const {
    minimumHealthyPercent = 100,
    maximumPercent = 200,
    strategy = "ROLLING",
  } = service.deploymentConfiguration ?? {};
  return {
    name: serviceName,
    cluster,
    status: service.status ?? "",
    controller: service.deploymentController?.type ?? "ECS",
    strategy,
    desired: service.desiredCount ?? 0,
    minimumHealthyPercent,
    maximumPercent,
    balanced: service.availabilityZoneRebalancing !== "DISABLED",
    isSingle: deploymentConfiguration.maximumPercent === 100,
  };
}
