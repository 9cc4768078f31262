import type { GroupRules } from "../schedule/targets.ts";

/** A target group as the sandbox has it. */
export interface TargetGroup extends GroupRules {
  /** Of the load balancer, what its requests go through. */
  readonly backend: string;
  /** Asked by health checks, which want the status 200. */
  readonly path: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
}

/** Where a target answers. */
export interface Place {
  /** `172.18.0.5:32768`. */
  readonly address: string;
  /** It gets new requests; one that does not keeps those that it has. */
  readonly takes: boolean;
}

/** A rule of a listener, which sends requests to two target groups. */
export interface ListenerRule {
  readonly arn: string;
  /** ARNs, the one that a service names first before its alternate. */
  readonly groups: readonly [string, string];
  /** What the load balancer knows it by. */
  readonly key: string;
}

/** What stands in front of services. */
export interface Balancer {
  /** One health check. Never throws. */
  check(group: TargetGroup, address: string): Promise<boolean>;
  /** Who gets requests of a group from now on. */
  send(group: TargetGroup, places: readonly Place[]): Promise<void>;
  /** How many of a hundred requests of a rule the second of its groups gets from now on. */
  split(rule: ListenerRule, percent: number): Promise<void>;
}
