import { once } from "../aws/once.ts";
import type { Config } from "../config/config.ts";
import type { SsmPorts } from "../remote/ports.ts";
import type { Remote } from "../remote/remote.ts";
import { type Ordered, type Orders, shellOrders } from "../remote/send.ts";
import { ssmRemote } from "../remote/ssm.ts";

/** The hosts of the environments, each given orders as threads.yml says. */
export function openRemote({ environments }: Pick<Config, "environments">, ports: SsmPorts): Remote {
  const byDocument = once(async () => (await import("../remote/document-order.ts")).documentOrders(ports));
  const ordersFor = async ({ environment }: Ordered): Promise<Orders> =>
    environments[environment]?.hosts?.documents === true ? byDocument() : shellOrders;
  const orders: Orders = {
    check: async (order) => (await ordersFor(order)).check(order),
    make: async (order) => (await ordersFor(order)).make(order),
  };
  return ssmRemote({ ...ports, orders });
}
