import type { DeploymentNames } from "./deployment-names.ts";
import { encodeRecord } from "./record.ts";
import { headShape } from "./shapes.ts";
import { overwriteParameter, type Stored, type StorePorts } from "./store.ts";

/** Up to here one page of the folder has every record, and nobody needs a hint. */
const onePage = 5;

/**
 * Notes the newest number, so that readers need not search for it, and find what comes after a gap. Only a hint: what it says
 * is looked up, what it does not say is found all the same, and where it cannot be written nothing is lost.
 */
export async function noteHead(names: DeploymentNames, number: number, ports: StorePorts): Promise<void> {
  if (number <= onePage) return;
  const text = encodeRecord({ schema: 1, version: ports.version, number }, "the head of the ledger", {});
  await overwriteParameter(names.head, text, ports).catch(() => undefined);
}

/** @returns 0 where it says nothing */
export function headIn(stored: Stored | undefined): number {
  try {
    return headShape.parse(JSON.parse(stored?.text ?? "")).number;
  } catch {
    return 0;
  }
}
