import { ThreadsError } from "../errors/threads-error.ts";
import type { Progress } from "../progress/progress.ts";
import { type HostOrder, type HostPorts, runHost } from "./host-run.ts";
import { type HostVerdict, unreached } from "./verdict.ts";

export interface TitledOrder {
  readonly title: string;
  /** The host, for people. */
  readonly name: string;
  readonly order: HostOrder;
}

/**
 * Gives hosts their orders, all at once, each as a step that fails to be seen, and says what a person must know of them.
 * @returns a verdict for each order. @throws what stopped us from seeing what became of one, after all have ended
 */
export async function giveOrders(
  orders: readonly TitledOrder[],
  ports: HostPorts & { readonly progress: Progress },
): Promise<readonly HostVerdict[]> {
  const found = new Map<HostOrder, { readonly verdict: HostVerdict } | { readonly error: unknown }>();
  const tasks = orders.map(({ title, order }) => ({
    title,
    run: async (own: Parameters<typeof runHost>[1]): Promise<void> => {
      try {
        const verdict = await runOrNot(order, own, ports);
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
    const end = found.get(order);
    if (end === undefined || "error" in end) throw end?.error;
    for (const warning of end.verdict.warnings) ports.progress.warn(`${name}: ${warning}`);
    return end.verdict;
  });
}

/** A script that AWS refused to send did not run. */
async function runOrNot(...[order, step, ports]: Parameters<typeof runHost>): Promise<HostVerdict> {
  try {
    return await runHost(order, step, ports);
  } catch (error) {
    if (!(error instanceof ThreadsError) || error.outcome !== "refused") throw error;
    return unreached(order.stands, error.message);
  }
}
