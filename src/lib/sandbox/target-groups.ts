import type { Config, EcsTaskConfig, RequestCheck } from "../config/config.ts";
import { serviceName } from "../config/ecs-names.ts";
import { environmentsOnEcs } from "./clusters.ts";
import { firstPort } from "./layout.ts";
import type { ListenerRule, TargetGroup } from "./server/ecs/balance/balancer.ts";
import type { SandboxState, ShiftState, TargetGroupState } from "./state.ts";

type ShiftConfig = NonNullable<EcsTaskConfig["shift"]>;
type Wanted = Omit<TargetGroupState, "port" | "shift"> & { readonly shift?: Omit<ShiftState, "testPort"> };

/** The target groups that threads.yml names, each once, with the service behind it. */
function wantedGroups({ app, environments }: Pick<Config, "app" | "environments">): readonly Wanted[] {
  const all = environmentsOnEcs({ environments }).flatMap(({ name: environment, ecs }) =>
    Object.entries(ecs.services).flatMap(([task, own]) =>
      own.targetGroup === undefined
        ? []
        : [
            {
              arn: own.targetGroup,
              environment,
              service: serviceName(own, { app, environment, task }),
              ...(own.shift !== undefined && { shift: shiftOf(own.shift) }),
            },
          ],
    ),
  );
  return all.filter(({ arn }, at) => all.findIndex((other) => other.arn === arn) === at);
}

function shiftOf({ alternateTargetGroup, productionRule, testRule }: ShiftConfig): Omit<ShiftState, "testPort"> {
  const alternate = { alternate: alternateTargetGroup, production: productionRule };
  return { ...alternate, ...(testRule !== undefined && { test: testRule }) };
}

/**
 * Those with a port on this machine each, where a load balancer's listener would be: one that is known keeps its own.
 * @param usable whether a port that was kept is still free, or held by the load balancer itself
 */
export async function arrangeTargetGroups(
  state: SandboxState,
  { config, ...ports }: { readonly config: Pick<Config, "app" | "environments"> } & Ports,
): Promise<readonly TargetGroupState[]> {
  const taken = new Set([state.port, ...state.hosts.map(({ httpPort }) => httpPort)]);
  const groups: TargetGroupState[] = [];
  const wantedAll = wantedGroups(config);
  // A port that one of them keeps is nobody else's.
  for (const { arn, port, shift } of state.targetGroups)
    if (wantedAll.some((one) => one.arn === arn)) [port, shift?.testPort ?? port].forEach((own) => taken.add(own));
  for (const wanted of wantedAll) {
    const kept = state.targetGroups.find(({ arn }) => arn === wanted.arn);
    const take = async (own: number | undefined): Promise<number> => {
      const isKept = own !== undefined && (await ports.usable(own));
      const port = isKept ? own : await ports.freePort(firstPort(state.id) + 1, taken);
      taken.add(port);
      return port;
    };
    const port = await take(kept?.port);
    const { shift } = wanted;
    const testPort = shift?.test === undefined ? undefined : await take(kept?.shift?.testPort);
    const shifting = shift && { shift: { ...shift, ...(testPort !== undefined && { testPort }) } };
    groups.push({ ...wanted, port, ...shifting });
  }
  return groups;
}

interface Ports {
  readonly usable: (port: number) => Promise<boolean>;
  readonly freePort: (start: number, taken: ReadonlySet<number>) => Promise<number>;
}

/**
 * What the sandbox's ECS is told of them. Of what a real one is told elsewhere than in threads.yml these are the shortest times that
 * Elastic Load Balancing takes, and a delay in which requests end that a page makes. A target is given up as late as one may be: a
 * laptop that is busy answers late, and is not ill.
 * @param path of health checks: what threads.yml has checked first after a deployment
 */
export function targetGroupsOf({ targetGroups }: SandboxState, path: string): readonly TargetGroup[] {
  const both = targetGroups.flatMap(({ arn, port, shift }) => [
    { arn, backend: backendAt(port) },
    ...(shift === undefined ? [] : [{ arn: shift.alternate, backend: alternateAt(port) }]),
  ]);
  return both.map((one) => ({
    ...one,
    path,
    intervalSeconds: 5,
    timeoutSeconds: 4,
    healthyCount: 2,
    unhealthyCount: 10,
    delaySeconds: 10,
  }));
}

/** Rules that split requests between two of them, as the sandbox's ECS is told of them. */
export function listenerRulesOf({ targetGroups }: Pick<SandboxState, "targetGroups">): readonly ListenerRule[] {
  return targetGroups.flatMap(({ arn, port, shift }): readonly ListenerRule[] => {
    if (shift === undefined) return [];
    const groups = [arn, shift.alternate] as const;
    const { production, test, testPort } = shift;
    const own = { arn: production, groups, key: String(port) };
    return test === undefined || testPort === undefined ? [own] : [own, { arn: test, groups, key: String(testPort) }];
  });
}

/** What the load balancer calls the second of two target groups. */
export function alternateAt(port: number): string {
  return `${backendAt(port)}-alternate`;
}

/** The name of a target group in the load balancer. */
export function backendAt(port: number): string {
  return `tg-${port}`;
}

/** Where people reach the services of environments. */
export function servicesIn(environments: readonly string[], { targetGroups }: Pick<SandboxState, "targetGroups">) {
  const own = targetGroups.filter(({ environment }) => environments.includes(environment));
  return own.map(({ service: name, environment: env, port }) => ({ name, env, url: `http://127.0.0.1:${port}` }));
}

/** Of a check that wants no more than the status 200 of a path. */
export function checkedPath({ checks }: Pick<Config, "checks">): string {
  const requests = checks.filter((one): one is RequestCheck => one.kind === "request");
  return requests.find(({ method, status }) => method === "GET" && status === 200)?.path ?? "/";
}
