import { alias, type ContainerSpec, inside, named, type SpecOptions } from "./container-spec.ts";
import { sharesFile } from "./server/ecs/balance/haproxy.ts";
import type { TargetGroupState } from "./state.ts";
import { alternateAt, backendAt, listenerRulesOf } from "./target-groups.ts";

/** Where its runtime API listens, in the sandbox's network alone. */
export const balancerApi = 9999;
/** Targets of a group, those of an old deployment too. */
const room = 100;

/** What stands in front of services of ECS: an HAProxy, which a deployment never restarts. */
export function balancerSpec({ state, images }: SpecOptions): ContainerSpec {
  const groups = state.targetGroups;
  const ports = groups.flatMap(({ port, shift }) => (shift?.testPort === undefined ? [port] : [port, shift.testPort]));
  return {
    ...named(state, "balancer"),
    image: images.services,
    options: [
      "--init",
      ...alias(inside.balancer),
      ...ports.flatMap((port) => ["--publish", `127.0.0.1:${port}:${port}`]),
    ],
    env: { BALANCER_CONFIG: configuration(groups), BALANCER_SHARES: sharesOf(groups) },
    command: ["sh", "-c", `${written} && exec haproxy -db -f /tmp/haproxy.cfg`],
  };
}

const written = `printf %s "$BALANCER_CONFIG" >/tmp/haproxy.cfg && printf %s "$BALANCER_SHARES" >${sharesFile}`;

/** Until somebody says otherwise the second of two target groups gets nothing. */
function sharesOf(groups: readonly TargetGroupState[]): string {
  return listenerRulesOf({ targetGroups: groups })
    .map(({ key }) => `${key} 0\n`)
    .join("");
}

/** As an Application Load Balancer: 60 s of idleness, its own headers. Where nobody is healthy that asks all, and here it is 503: no kinder. */
function configuration(groups: readonly TargetGroupState[]): string {
  const head = [
    "global",
    `  stats socket ipv4@:${balancerApi} level admin`,
    "  maxconn 2000",
    "defaults",
    "  mode http",
    "  balance roundrobin",
    "  option forwardfor",
    "  timeout connect 5s",
    "  timeout client 60s",
    "  timeout server 60s",
    "  timeout http-keep-alive 60s",
    "  timeout tunnel 1h",
  ];
  const each = groups.flatMap(({ port, shift }) => {
    if (shift === undefined) return [...frontend(port, []), ...backend(backendAt(port))];
    const listeners = shift.testPort === undefined ? [port] : [port, shift.testPort];
    return [
      ...listeners.flatMap((own) => frontend(port, split(own, port), own)),
      ...backend(backendAt(port)),
      ...backend(alternateAt(port)),
    ];
  });
  return `${[...head, ...each].join("\n")}\n`;
}

/** @param group port by which its target group is called. @param port on which it listens */
function frontend(group: number, rules: readonly string[], port = group): readonly string[] {
  return [
    `frontend on-${port}`,
    `  bind :${port}`,
    "  http-request set-header X-Forwarded-Proto http",
    `  http-request set-header X-Forwarded-Port ${port}`,
    ...rules,
    `  default_backend ${backendAt(group)}`,
  ];
}

/** Each request is thrown for, as weights of a listener rule do without stickiness: of a thousand so many go to the second group. */
function split(port: number, group: number): readonly string[] {
  return [
    `  http-request set-var(txn.share) str(${port}),map_str_int(${sharesFile},0)`,
    `  use_backend ${alternateAt(group)} if { rand(1000),sub(txn.share) lt 0 }`,
  ];
}

function backend(name: string): readonly string[] {
  return [`backend ${name}`, `  server-template t ${room} 127.0.0.1:1 disabled`];
}
