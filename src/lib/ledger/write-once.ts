import { createHash } from "node:crypto";
import { createParameter, findParameters, readParameter, type StorePorts } from "./store.ts";

/** A record that is never changed, and of which another one may lie under its name already. */
export interface WriteOnce {
  /** The name that it gets where nothing else has it. */
  readonly name: string;
  readonly text: string;
  /** What tells it from others, without who wrote it and when: records that agree in this need not both be kept. */
  readonly contents: unknown;
  /** Whether a record that is there says all that this one says. */
  readonly saysAll: (text: string, name: string) => boolean;
}

/**
 * Creates the record under its name; where another has that, below it under a name made of its contents. So the number of
 * calls has a bound, and the number of records has none. Four calls at most, one where nothing is in the way.
 * @returns present: a record that is there says it all. taken: somebody has put something else under both names
 */
export async function writeOnce(record: WriteOnce, ports: StorePorts): Promise<"created" | "present" | "taken"> {
  const { name, text, saysAll } = record;
  if ((await createParameter(name, text, ports)) === "created") return "created";
  const own = `${name}/${contentName(record.contents)}`;
  const { found } = await findParameters([name, own], ports);
  if ([...found].some(([there, stored]) => saysAll(stored.text, there))) return "present";
  if ((await createParameter(own, text, ports)) === "created") return "created";
  return saysAll(await readParameter(own, ports), own) ? "present" : "taken";
}

function contentName(contents: unknown): string {
  return createHash("sha256").update(JSON.stringify(contents)).digest("hex").slice(0, 16);
}
