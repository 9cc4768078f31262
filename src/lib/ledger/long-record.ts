import type { Next } from "../errors/next.ts";
import type * as longRecords from "./long-records.ts";
import { compactRecord, recordFits, tooLarge } from "./record.ts";
import { createParameter, type Stored, type StorePorts } from "./store.ts";

/** Only a fleet of more than a hundred hosts needs them: no other loads what reads and writes parts. */
const inParts = (): Promise<typeof longRecords> => import("./long-records.ts");

/** So many parts are left to what an outcome says beside its hosts, which nobody knows yet. */
const spared = 2;

/**
 * Refuses a record that does not even fit in parts. @param what names it. @param way what makes it smaller
 * @param grows whether it is only the least that it will be. @throws ThreadsError RECORD_TOO_LARGE
 */
export async function requireRoom(
  record: object,
  what: string,
  { way, grows = false }: { readonly way: Partial<Next>; readonly grows?: boolean },
): Promise<void> {
  if (recordFits(record)) return;
  const { mostParts, partsOf } = await inParts();
  const parts = partsOf(compactRecord(record)).length;
  if (parts > mostParts - (grows ? spared : 0)) throw tooLarge(compactRecord(record), what, way);
}

/** Creates a record in one parameter, or in parts where it has no room there. */
export async function createRecord(name: string, record: object, ports: StorePorts): Promise<"created" | "exists"> {
  const text = compactRecord(record);
  return recordFits(record) ? createParameter(name, text, ports) : (await inParts()).createInParts(name, text, ports);
}

/** What was found, with the text of each record that is kept in parts. */
export async function wholeRecords(
  found: ReadonlyMap<string, Stored>,
  ports: StorePorts,
): Promise<ReadonlyMap<string, Stored>> {
  const isLong = [...found.values()].some(({ text }) => text.startsWith('{"schema":2,'));
  return isLong ? (await inParts()).withWholeRecords(found, ports) : found;
}
