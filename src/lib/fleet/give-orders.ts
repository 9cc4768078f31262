import { ThreadsError } from "../errors/threads-error.ts";
import type { Progress } from "../progress/progress.ts";
import { runHost } from "./carry-out-order.ts";
import { commandsFor } from "./host-command.ts";
import type { HostOrder, HostPorts } from "./host-order.ts";
import { type HostVerdict, unreached } from "./verdict.ts";

export interface TitledOrder {
  readonly title: string;
  /** The host, for people. */
  readonly name: string;
  readonly order: HostOrder;
}

/** What became of an order, or what stopped us from seeing it. */
export type OrderEnd = { readonly verdict: HostVerdict } | { readonly error: unknown };

/**
 * Gives hosts their orders, all at once, each as a step that fails to be seen, and says what a person must know of them.
 * @returns an end for each order. Never rejects
 */
export async function giveOrders(
  orders: readonly TitledOrder[],
  ports: HostPorts & { readonly progress: Progress },
): Promise<readonly OrderEnd[]> {
  const found = new Map<HostOrder, OrderEnd>();
  const commandOf = commandsFor(
    orders.map(({ order }) => order),
    ports,
  );
  const tasks = orders.map(({ title, order }) => ({
    title,
    run: async (own: Parameters<typeof runHost>[1]): Promise<void> => {
      try {
        const verdict = await runOrNot({ order, command: commandOf(order) }, own, ports);
        found.set(order, { verdict });
        if (verdict.end !== "done") throw new ThreadsError("HOST_FAILED", { message: verdict.says });
      } catch (error) {
        if (!found.has(order)) found.set(order, { error });
        throw error;
      }
    },
  }));
  // Each failure is kept above; the steps have shown them.
  await ports.progress.tasks(tasks, { concurrent: true }).catch(() => undefined);
  return orders.map(({ name, order }) => {
    const end = found.get(order) ?? { error: new Error(`${name} got no order`) };
    const warnings = "verdict" in end ? end.verdict.warnings : [];
    for (const warning of warnings) ports.progress.warn(`${name}: ${warning}`);
    return end;
  });
}

/** A script that AWS refused to send did not run. */
async function runOrNot(...[sending, step, ports]: Parameters<typeof runHost>): Promise<HostVerdict> {
  try {
    return await runHost(sending, step, ports);
  } catch (error) {
    if (!(error instanceof ThreadsError) || error.outcome !== "refused") throw error;
    return unreached(sending.order.stands, error.message);
  }
}
