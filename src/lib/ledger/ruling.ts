import { decodeFreeze, freezeName } from "./freeze.ts";
import { decodePolicy, type Policy, policyName, type Ruling } from "./policy.ts";
import { findParameters, type StorePorts } from "./store.ts";

/** The policy of an environment alone: for who must not stumble over anything else. */
export async function readPolicy(environment: string, ports: StorePorts): Promise<Policy | undefined> {
  const name = policyName(ports.app, environment);
  const { found } = await findParameters([name], ports);
  return decodePolicy(found.get(name), { environment, name, version: ports.version });
}

/** What the ledger says of who may pass to an environment: one call, since both lie at names that are known. */
export async function readRuling(environment: string, ports: StorePorts): Promise<Ruling> {
  const { app, version } = ports;
  const freeze = freezeName(app, environment);
  const policy = policyName(app, environment);
  const { found, serverTime } = await findParameters([freeze, policy], ports);
  return {
    freeze: decodeFreeze(freeze, found.get(freeze), version),
    policy: decodePolicy(found.get(policy), { environment, name: policy, version }),
    serverTime,
  };
}
