import { ssmCalls } from "../aws/ssm-calls.ts";
import { listHosts, listRegistered } from "./hosts.ts";
import type { SsmPorts } from "./ports.ts";
import type { Remote } from "./remote.ts";
import { type Orders, sendScript, shellOrders } from "./send.ts";
import { openWait } from "./wait.ts";

export interface RemotePorts extends SsmPorts {
  /** By a shell where it is not said. */
  readonly orders?: Orders;
}

/** Hosts behind SSM Run Command. */
export function ssmRemote(ports: RemotePorts): Remote {
  const call = ssmCalls(ports);
  const { orders = shellOrders } = ports;
  return {
    hosts: (tag) => listHosts(tag, call),
    registered: (ids) => listRegistered(ids, call),
    check: (order) => orders.check(order),
    send: async (script) => sendScript(script, await orders.make(script), ports),
    wait: openWait(ports),
    cancel: async ({ id, hosts }) => {
      await call({
        doing: "cancelling the command on the hosts",
        send: (client, sdk, options) =>
          client.send(new sdk.CancelCommandCommand({ CommandId: id, InstanceIds: [...hosts] }), options),
      });
    },
  };
}
