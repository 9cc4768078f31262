import { type EcsParts, type Input, invalid, nameRule, read } from "./parts.ts";
import type { DeploymentConfiguration } from "./schedule/configuration.ts";
import type { Service } from "./schedule/service.ts";
import { type Definition } from "./state.ts";

/** One of a service's `loadBalancers`: a target group, and the port that gets its requests. */
export interface LoadBalancer {
  readonly targetGroupArn: string;
  readonly containerName: string;
  readonly containerPort: number;
  /** Of a service that shifts requests. */
  readonly advancedConfiguration?: {
    readonly alternateTargetGroupArn: string;
    readonly productionListenerRule: string;
    readonly testListenerRule?: string;
    readonly roleArn: string;
  };
}

/** What a service may have ("Service quotas": target groups per service). */
const most = 5;

/**
 * @param input with `loadBalancers` as they will be
 * @throws ServiceError InvalidParameterException for a target group, a container or a port that is not there
 */
export function checkLoadBalancers(
  parts: EcsParts,
  input: Input,
  { body, strategy }: Pick<Definition, "body"> & Pick<DeploymentConfiguration, "strategy">,
): void {
  const { targetGroups } = parts;
  const balancers = read.optionalRecords(input, "loadBalancers", { max: most }) ?? [];
  // A service without any may still change by blue and green ("Required resources for Amazon ECS blue/green deployments").
  if (balancers.length === 0 && (strategy === "LINEAR" || strategy === "CANARY"))
    throw invalid(`The ${strategy} deployment strategy shifts requests of a load balancer, and the service has none.`);
  for (const one of balancers) {
    if (one["loadBalancerName"] != null)
      throw invalid("The sandbox knows no Classic Load Balancers: give a targetGroupArn.");
    const arn = read.string(one, "targetGroupArn");
    const name = read.string(one, "containerName", nameRule);
    const port = read.number(one, "containerPort", { min: 1, max: 65_535 });
    if (!targetGroups.some((each) => each.arn === arn))
      throw invalid(`The target group with targetGroupArn ${arn} does not have an associated load balancer.`);
    const container = body.containerDefinitions.find((each) => each["name"] === name);
    if (container === undefined) throw invalid(`The container ${name} does not exist in the task definition.`);
    const ports = (container["portMappings"] ?? []) as readonly Input[];
    if (!ports.some(({ containerPort }) => containerPort === port))
      throw invalid(`The container ${name} did not have a container port ${port} defined.`);
    checkAdvanced(parts, one, { strategy, arn });
  }
}

const roleRule = { pattern: /^arn:aws[a-z-]*:iam::\d{12}:role\/\S+$/ } as const;

/** Two target groups, and the rules that send requests to the one or to the other. */
function checkAdvanced(
  { targetGroups, listenerRules }: EcsParts,
  one: Input,
  { strategy, arn }: Pick<DeploymentConfiguration, "strategy"> & { readonly arn: string },
): void {
  const advanced = read.optionalRecord(one, "advancedConfiguration");
  if (strategy === "ROLLING") {
    if (advanced === undefined) return;
    throw invalid("advancedConfiguration is not supported with the ROLLING deployment strategy.");
  }
  if (advanced === undefined)
    throw invalid(
      "advancedConfiguration field is required for all loadBalancers when using a non-ROLLING deployment strategy.",
    );
  const alternate = read.string(advanced, "alternateTargetGroupArn");
  if (alternate === arn) throw invalid("alternateTargetGroupArn must be another target group than targetGroupArn.");
  if (!targetGroups.some((each) => each.arn === alternate))
    throw invalid(`The target group with targetGroupArn ${alternate} does not have an associated load balancer.`);
  read.string(advanced, "roleArn", roleRule);
  const rules = [read.string(advanced, "productionListenerRule"), read.optionalString(advanced, "testListenerRule")];
  if (rules[0] === rules[1]) throw invalid("testListenerRule must be another rule than productionListenerRule.");
  for (const rule of rules.filter((each) => each !== undefined)) {
    const known = listenerRules.find((each) => each.arn === rule);
    if (known === undefined) throw invalid(`The listener rule ${rule} does not exist.`);
    const isOurs = known.groups.includes(arn) && known.groups.includes(alternate);
    if (!isOurs) throw invalid(`The listener rule ${rule} does not forward to both target groups.`);
  }
}

/** Those of a service that has two of them. */
export function advancedOf({
  settings,
}: Pick<Service, "settings">): readonly NonNullable<LoadBalancer["advancedConfiguration"]>[] {
  const { loadBalancers = [] } = settings;
  return (loadBalancers as readonly LoadBalancer[]).flatMap(({ advancedConfiguration }) => advancedConfiguration ?? []);
}
