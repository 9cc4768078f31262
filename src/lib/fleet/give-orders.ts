import { ThreadsError } from "../errors/threads-error.ts";
import type { Progress, Step } from "../progress/progress.ts";
import type { CarryOut, MemberOrder, Target } from "./target.ts";
import { type MemberVerdict, unreached } from "./verdict.ts";

export interface TitledOrder {
  readonly title: string;
  /** The host, for people. */
  readonly name: string;
  readonly order: MemberOrder;
}

/** What became of an order, or what stopped us from seeing it. */
export type OrderEnd = { readonly verdict: MemberVerdict } | { readonly error: unknown };

/**
 * Gives hosts their orders, all at once, each as a step that fails to be seen, and says what a person must know of them.
 * @returns an end for each order. Never rejects
 */
export async function giveOrders(
  orders: readonly TitledOrder[],
  target: Pick<Target, "give">,
  progress: Progress,
): Promise<readonly OrderEnd[]> {
  const found = new Map<MemberOrder, OrderEnd>();
  const carryOut = target.give(orders.map(({ order }) => order));
  const tasks = orders.map(({ title, order }) => ({
    title,
    run: async (own: Step): Promise<void> => {
      try {
        const verdict = await runOrNot(carryOut, order, own);
        found.set(order, { verdict });
        // What waits for a person has not failed.
        if (verdict.end === "paused") return own.done(`${title}: ${verdict.says}`);
        if (verdict.end !== "done") throw new ThreadsError("HOST_FAILED", { message: verdict.says });
      } catch (error) {
        if (!found.has(order)) found.set(order, { error });
        throw error;
      }
    },
  }));
  // Each failure is kept above; the steps have shown them.
  await progress.tasks(tasks, { concurrent: true }).catch(() => undefined);
  return orders.map(({ name, order }) => {
    const end = found.get(order) ?? { error: new Error(`${name} got no order`) };
    const warnings = "verdict" in end ? end.verdict.warnings : [];
    for (const warning of warnings) progress.warn(`${name}: ${warning}`);
    return end;
  });
}

/** An order that was refused has not reached its member. */
async function runOrNot(carryOut: CarryOut, order: MemberOrder, step: Step): Promise<MemberVerdict> {
  try {
    return await carryOut(order, step);
  } catch (error) {
    if (!(error instanceof ThreadsError) || error.outcome !== "refused") throw error;
    return unreached(order.stands, error.message);
  }
}
