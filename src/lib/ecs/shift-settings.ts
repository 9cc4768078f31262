import type { EcsTaskConfig } from "../config/config.ts";
import { taskKey, type EcsFacts } from "./facts.ts";
import type { Group } from "./groups.ts";
import type { Report } from "./report.ts";
import type { LoadBalancer, ServiceSettings } from "./task-definition.ts";

type ShiftConfig = NonNullable<EcsTaskConfig["shift"]>;
type Change = ServiceSettings["deploymentConfiguration"];

/** How a service changes that has new tasks beside the old ones; undefined where threads.yml has none of it, or may not. */
export function shiftOf(group: Group, facts: EcsFacts, { problems }: Report): ShiftConfig | undefined {
  const { shift, targetGroup } = group.config;
  if (shift === undefined) return undefined;
  const key = `${taskKey(facts, group.name)}.shift`;
  const single = group.members.find((name) => facts.singletons.includes(name));
  if (single !== undefined)
    problems.push({
      says: `${key} would run two of ${single} beside each other, of which there is one (runtime.singletons): take it away`,
    });
  else if (targetGroup === undefined) problems.push({ says: `${key} is for a target_group, and there is none` });
  else if (targetGroup === shift.alternateTargetGroup)
    problems.push({ says: `${key}.alternate_target_group is the target_group itself: name another one` });
  else return shift;
  return undefined;
}

/** ECS's circuit breaker is for tasks that are replaced one by one: it takes none here. */
export function shiftChange(shift: ShiftConfig): Change {
  const { strategy, percent, stepMinutes, bakeMinutes } = shift;
  const steps = { percent, minutes: stepMinutes };
  return {
    strategy,
    minimumHealthyPercent: 100,
    maximumPercent: 200,
    deploymentCircuitBreaker: { enable: false, rollback: false },
    bakeTimeInMinutes: bakeMinutes,
    ...(strategy === "CANARY" && { canaryConfiguration: stepsOf(steps, "canaryPercent", "canaryBakeTimeInMinutes") }),
    ...(strategy === "LINEAR" && { linearConfiguration: stepsOf(steps, "stepPercent", "stepBakeTimeInMinutes") }),
    ...pausesOf(shift),
  };
}

function pausesOf({ pauseAt, pauseMinutes, pauseThen }: ShiftConfig): Pick<Change, "lifecycleHooks"> {
  if (pauseAt === undefined) return {};
  const timeoutConfiguration = {
    ...(pauseMinutes !== undefined && { timeoutInMinutes: pauseMinutes }),
    ...(pauseThen !== undefined && { action: pauseThen }),
  };
  const told = Object.keys(timeoutConfiguration).length === 0 ? {} : { timeoutConfiguration };
  return { lifecycleHooks: [{ targetType: "PAUSE", lifecycleStages: pauseAt, ...told }] };
}

/** What is not said is ECS's own: nobody has to know it here. */
function stepsOf(
  { percent, minutes }: { readonly percent: number | undefined; readonly minutes: number | undefined },
  percentKey: string,
  minutesKey: string,
): Readonly<Record<string, number>> {
  return {
    ...(percent !== undefined && { [percentKey]: percent }),
    ...(minutes !== undefined && { [minutesKey]: minutes }),
  };
}

export function withAlternate(balancer: LoadBalancer, shift: ShiftConfig | undefined): LoadBalancer {
  if (shift === undefined) return balancer;
  const { alternateTargetGroup, productionRule, testRule, role } = shift;
  const rules = {
    productionListenerRule: productionRule,
    ...(testRule !== undefined && { testListenerRule: testRule }),
  };
  const advancedConfiguration = { alternateTargetGroupArn: alternateTargetGroup, ...rules, roleArn: role };
  return { ...balancer, advancedConfiguration };
}
