import { hostText } from "../../fleet/hosts.ts";
import type { Observed } from "../../fleet/target.ts";
import { count, list } from "../../text/words.ts";

/**
 * Services of which an environment runs one, and that run on several hosts: what a host that was left out has had, and goes on
 * with once it is back. @param observed also hosts of an earlier fleet. @returns a sentence for each
 */
export function twiceOver(singletons: readonly string[], observed: readonly Observed[]): string[] {
  return singletons.flatMap((service) => {
    const where = observed.filter(({ summary }) =>
      summary?.containers?.some((one) => one.service === service && !one.oneoff && one.state === "running"),
    );
    if (where.length < 2) return [];
    return [
      `${service} runs on ${count(where.length, "host")}, ${list(where.map(({ host }) => hostText(host)))}: what it starts is done ${where.length} times`,
    ];
  });
}
