import { randomBytes } from "node:crypto";
import type { Config } from "../config/config.ts";
import { batches } from "../remote/batches.ts";
import type { Remote } from "../remote/remote.ts";
import { readOutScript } from "../script/read-out-script.ts";
import { readOutLabel } from "./read-out-label.ts";
import { killAfterMs } from "./time-limits.ts";

/** The order that hosts were given. */
export interface ReadOutOf {
  readonly environment: string;
  readonly hosts: readonly string[];
  readonly number: number;
  readonly action: "deploy" | "weigh" | "restore";
  /** The host script's own time limit, in milliseconds. */
  readonly limitMs: number;
}

/** Has hosts read their log out while they carry an order out; never fails, and nothing waits for it. */
export type ReadOut = (order: ReadOutOf) => Promise<void>;

/**
 * The whole log of a deployment into CloudWatch Logs, while it goes on: by a command of its own beside the order, so that nothing
 * of it stands in the way of the script that it reads out. SSM hands on 24,000 characters of what a script prints; the agent
 * writes all of it into the log group, and there it outlives the host.
 */
export function readOut(ports: {
  readonly config: Pick<Config, "app" | "runtime" | "environments">;
  readonly remote: Pick<Remote, "send">;
  readonly warn: (text: string) => void;
}): ReadOut {
  const { config, remote, warn } = ports;
  let wasTold = false;
  const send = ({ environment, hosts, number, action, limitMs }: ReadOutOf): Promise<unknown> => {
    const nonce = randomBytes(8).toString("hex");
    const { app, runtime } = config;
    return remote.send({
      script: readOutScript({ app, nonce, envFile: runtime.envFile, number, action, limitMs: limitMs + killAfterMs }),
      environment,
      hosts,
      label: `${readOutLabel(app, environment, number)}${nonce}`,
      executionMs: limitMs + 2 * killAfterMs,
      logGroup: config.environments[environment]?.hosts?.logGroup,
    });
  };
  return async (order) => {
    if (config.environments[order.environment]?.hosts?.logGroup === undefined) return;
    try {
      await Promise.all(batches(order.hosts).map((hosts) => send({ ...order, hosts })));
    } catch (error) {
      // Whatever it is: a deployment does not end for want of its log.
      const why = error instanceof Error ? error.message : "unexpected";
      if (!wasTold) warn(`the hosts' log does not go to CloudWatch Logs, and is on them alone: ${why}`);
      wasTold = true;
    }
  };
}
