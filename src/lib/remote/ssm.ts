import type { AwsClients } from "../aws/clients.ts";
import { awsFailure } from "../aws/failure.ts";
import type { Clock } from "../clock/clock.ts";
import { listHosts } from "./hosts.ts";
import type { Remote } from "./remote.ts";
import { sendScript } from "./send.ts";
import { waitForCommand } from "./wait.ts";

/** Hosts behind SSM Run Command. */
export function ssmRemote(ports: { readonly aws: Pick<AwsClients, "ssm" | "ssmOnce">; readonly clock: Clock }): Remote {
  const { aws, clock } = ports;
  return {
    hosts: async (tag) => listHosts(await aws.ssm(), tag),
    send: (script) => sendScript(script, ports),
    wait: async (command, options = {}) => waitForCommand(command, options, { client: await aws.ssm(), clock }),
    cancel: async (command) => {
      const [client, { CancelCommandCommand }] = await Promise.all([aws.ssm(), import("../aws/ssm-sdk.ts")]);
      try {
        await client.send(new CancelCommandCommand({ CommandId: command.id, InstanceIds: [...command.hosts] }));
      } catch (error) {
        throw awsFailure(error, "cancelling the command on the hosts");
      }
    },
  };
}
