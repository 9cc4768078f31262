import { ssmCalls } from "../aws/ssm-calls.ts";
import { listHosts, listRegistered } from "./hosts.ts";
import type { SsmPorts } from "./ports.ts";
import type { Remote } from "./remote.ts";
import { sendScript } from "./send.ts";
import { openWait } from "./wait.ts";

/** Hosts behind SSM Run Command. */
export function ssmRemote(ports: SsmPorts): Remote {
  const call = ssmCalls(ports);
  return {
    hosts: (tag) => listHosts(tag, call),
    registered: (ids) => listRegistered(ids, call),
    send: (script) => sendScript(script, ports),
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
